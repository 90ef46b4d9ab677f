"""Tests of suggested entries: they are exact and small, are read back, and are left out where no region exists."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any, Callable, Sequence

import pytest

from fixtures.__main__ import main
from fixtures.case import Case
from fixtures.cases.contract import CASES
from fixtures.cases.tiers import cases_of_tier
from fixtures.check import Check
from fixtures.deviations import KNOWN_DEVIATIONS, find_excusing_entry, read_deviations
from fixtures.deviations.audit import audit_entries
from fixtures.deviations.suggest.suggested_entry import write_cause_as_toml
from fixtures.faults import FAULTS, find_fault
from fixtures.frameworks.numpy_layer import NumpyLayer
from fixtures.run import pipeline
from fixtures.run.pipeline import run_check
from fixtures.suite_registry import is_checked, select_checks
from reports.ledger import tally

SMALL = [case for case in cases_of_tier("smoke") if max(case.size) < 40]
COMPUTED = [case for case in SMALL if is_checked(Check("forward", case, "eager"), "numpy_layer")]


def ledger(path: Path, rows: Sequence[dict[str, Any]], ended: bool = True, **changes: Any) -> Path:
    """Write a ledger file of the NumPy layer with these rows and return its path."""
    run = {
        "kind": "run",
        "schema": 2,
        "subject": "numpy_layer",
        "backend": "numpy",
        "numpy": "1.26.4",
        "device": "CPU:0",
    }
    run.update(switches={}, planned=len(rows), faults={fault.name: fault.sentence for fault in FAULTS}, options={})
    names = sorted({str(one["known_deviation"]) for one in rows if one["known_deviation"]})
    run.update({"known_deviations": [{"name": name} for name in names], **changes})
    lines = [run, *rows, *([{"kind": "end", "counts": tally(rows), "planned": len(rows)}] if ended else [])]
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    return path


def row(case: Case, verdict: str = "agree", **changes: Any) -> dict[str, Any]:
    """Return a row of the suite forward; keyword arguments replace its fields."""
    facts = {"kind": "verdict", "case": case.id, "suite": "forward", "variant": "eager", "property": "values"}
    return {**facts, "verdict": verdict, "observed": {}, "diagnosis": None, "known_deviation": None, **changes}


@pytest.fixture
def run_fault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., tuple[Path, list[dict[str, Any]]]]:
    """Return a function that runs a fault and writes its ledger; the diagnosis is replaced by the fault's name."""

    def write_ledger(
        fault: str, suite: str, modes: Sequence[str], among: Sequence[Case]
    ) -> tuple[Path, list[dict[str, Any]]]:
        """Run the suite on these cases and return the ledger's path and its rows."""
        monkeypatch.setattr(pipeline, "explain_mismatch", lambda wrong, *_: replace(wrong.verdict, diagnosis=fault))
        rows = [
            {**row(case), **check.to_row(), **run_check(check, NumpyLayer(find_fault(fault)), "CPU:0").to_row()}
            for case in among
            for check in select_checks(suite, case, "numpy_layer", modes, modes)
        ]
        rows = json.loads(json.dumps(rows))
        return ledger(tmp_path / "run.jsonl", rows, subject="numpy_layer:" + fault), rows

    return write_ledger


def proved(path: Path, rows: Sequence[dict[str, Any]], out: Path, subject: str) -> list[Any]:
    """Return the suggested entries, after checking that they cover every failing row and no other."""
    assert main(["suggest", str(path), "-o", str(out)]) == 0
    entries = read_deviations(out)
    for one in rows:
        one["known_deviation"] = find_excusing_entry(entries, one, subject)
        assert (one["known_deviation"] is None) == (one["verdict"] in ("agree", "not-run")), one["case"]
    for entry in entries:
        covered = [entry.covers(Check(one["suite"], Case.parse(one["case"]), one["variant"]), subject) for one in rows]
        assert not any(found and one["verdict"] == "agree" for found, one in zip(covered, rows))
    assert entries and audit_entries(entries, rows, True, subject) == []
    return entries


@pytest.mark.parametrize(
    ("fault", "suite", "when"),
    [
        ("crop-other-side", "forward", "any(l % 2 == 1 and l > 0 for l in lost)"),
        (
            "zero-taken-for-none",
            "forward",
            "output_padding == (0,) * rank and any(m < n * s for n, s, m in zip(size, strides, output_size))",
        ),
        (
            "shifted-for-kernel-3-stride-2",
            "forward",
            "any(k == 3 and s == 2 for k, s in zip(kernel_size, strides))",
        ),
        ("last-column-lost-when-wide", "forward", ""),
        ("bias-along-width", "forward", ""),
        ("strides-swapped", "forward", ""),
        ("takes-inadmissible-lengths", "rejection", "rules == ['R8']"),
        ("no-channels-give-nan", "empty", "channels == 0"),
    ],
)
def test_suggest_finds_the_exact_region_of_a_fault(
    run_fault: Any, tmp_path: Path, fault: str, suite: str, when: str
) -> None:
    """If the fault has a simple region, the predicate is compared word by word."""
    path, rows = run_fault(fault, suite, ["eager"], SMALL)
    entries = proved(path, rows, tmp_path / "entries.toml", "numpy_layer:" + fault)
    assert all(
        entry.subject == ["numpy_layer:" + fault] and entry.versions == {"numpy": "==1.26.*"} for entry in entries
    )
    assert not when or [entry.when for entry in entries] == [when]


def test_a_suggested_entry_names_modes_only_if_some_modes_agree(run_fault: Any, tmp_path: Path) -> None:
    """It names exactly the modes that show the fault."""
    path, rows = run_fault("graph-forgets-bias", "forward", ["eager", "graph", "dynamic", "xla"], SMALL[::2])
    (entry,) = proved(path, rows, tmp_path / "entries.toml", "numpy_layer:graph-forgets-bias")
    assert (entry.variant, entry.when, entry.suite) == (["dynamic", "graph"], "use_bias", ["forward"])
    path, rows = run_fault("filters-swapped", "forward", ["eager", "graph"], SMALL[::2])
    assert not proved(path, rows, tmp_path / "entries.toml", "numpy_layer:filters-swapped")[0].variant


def test_a_suggested_entry_for_a_contract_check_names_suite_and_variant(run_fault: Any, tmp_path: Path) -> None:
    """If the case decides, its predicate describes the case."""
    path, rows = run_fault("losses-twice", "promises", ["contract"], CASES)
    (entry,) = proved(path, rows, tmp_path / "entries.toml", "numpy_layer:losses-twice")
    failing = {one["variant"] for one in rows if one["verdict"] != "agree"}
    assert (entry.suite, set(entry.variant), entry.when) == (["promises"], failing, "True")
    path, rows = run_fault("inferred-without-output-padding", "shapes", ["contract"], SMALL[::2])
    for entry in proved(path, rows, tmp_path / "entries.toml", "numpy_layer:inferred-without-output-padding"):
        assert entry.suite == ["shapes"] and entry.variant and "output_padding" in entry.when


def test_a_suggested_region_leaves_out_checks_with_another_failure(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """If a smaller predicate holds for both, it is added as a remark."""
    even = [case for case in COMPUTED if case.dtype in ("float32", "float64")]
    verdicts = {("same", "float32"): "mismatch", ("same", "float64"): "crashed"}
    rows = [row(case, verdicts.get((case.padding, case.dtype), "agree")) for case in even]
    proved(ledger(tmp_path / "a.jsonl", rows), rows, tmp_path / "entries.toml", "numpy_layer")
    text = (tmp_path / "entries.toml").read_text(encoding="utf-8")
    assert "when = \"padding == 'same' and dtype == 'float64'\"" in text
    assert text.count("True of them and of checks that fail in another way: padding == 'same'") == 2


def test_two_causes_give_two_entries(tmp_path: Path) -> None:
    """The diagnosis "a or b" belongs to the cause "a"; a predicate has "or" only if no conjunction is exact."""
    where: Sequence[tuple[str, Callable[[Case], bool]]] = [
        ("bias-missing", lambda case: case.use_bias and case.data_format == "channels_first"),
        ("kernel-rotated or bias-twice", lambda case: case.padding == "same" and case.activation == "relu"),
        ("kernel-rotated", lambda case: case.padding == "same" and case.dtype == "float16"),
    ]
    rows = []
    for case in COMPUTED:
        named = next((name for name, holds in where if holds(case)), None)
        rows.append(row(case, "mismatch" if named else "agree", diagnosis=named))
    found = proved(ledger(tmp_path / "a.jsonl", rows), rows, tmp_path / "entries.toml", "numpy_layer")
    assert {entry.diagnosis for entry in found} == {"bias-missing", "kernel-rotated"}
    assert [" or " in entry.when for entry in sorted(found, key=lambda entry: str(entry.diagnosis))] == [False, True]


@pytest.mark.parametrize("twice", [True, False])
def test_failures_without_a_region_get_no_entry(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], twice: bool
) -> None:
    """They are random, or a check passes in one run and fails in another; the output counts them."""
    chance = Random(1)
    rows = [row(case, "mismatch" if chance.random() < 0.3 else "agree") for case in COMPUTED[::3]]
    if twice:
        rows = [row(case, "mismatch" if case.padding == "same" else "agree") for case in COMPUTED]
    paths = [str(ledger(tmp_path / "a.jsonl", rows))]
    if twice:
        first = next(case for case in COMPUTED if case.padding == "same")
        paths.append(str(ledger(tmp_path / "b.jsonl", [row(first)])))
    assert main(["suggest", *paths]) == 1
    text = capsys.readouterr().out
    assert "No region was found" in text and all(line.startswith("#") for line in text.splitlines())
    if twice:
        assert "1 checks fail in one run and pass in another, %s is the first" % first.id in text
        count = sum(one["verdict"] == "mismatch" for one in rows)
        assert "%d of %d mismatches, 1 of %d that pass" % (count, count, len(rows) - count + 1) in text
    assert main(["suggest", *paths, "-o", str(tmp_path / "entries.toml")]) == 1
    assert read_deviations(tmp_path / "entries.toml") == []


def test_suggest_leaves_out_known_deviations_unless_all_is_given(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A region that equals that of an entry is named, whatever the order of its terms."""
    wrong = [case for case in COMPUTED if case.dtype == "float64" and case.data_format == "channels_first"]
    refused = {"observed": {"stage": "trace", "error": "Nope", "message": "Op 7 only supports NHWC here"}}
    rows = [row(case) for case in COMPUTED if case not in wrong]
    rows += [row(case, "wrongly-rejected", property="rejection", known_deviation="x", **refused) for case in wrong]
    facts: Any = {"subject": "keras3", "backend": "tensorflow", "keras": "3.15.1", "tensorflow": "2.21.0"}
    facts["options"] = {"switches": {"onednn": "off"}}
    path = str(ledger(tmp_path / "a.jsonl", rows, **facts))
    assert main(["suggest", path]) == 0 and capsys.readouterr().out == ""
    assert main(["suggest", "--all", path]) == 0
    text = capsys.readouterr().out
    assert "True of the same checks as cpu-float64-channels-first" in text
    for line in (
        'versions = { keras = "==3.15.*", tensorflow = "==2.21.*" }',
        'switches = { onednn = "off" }',
        'stage = "call"',
        'message = "Op 7 only supports NHWC here"',
        'device = "CPU"',
    ):
        assert line + "\n" in text


def test_a_suggested_entry_survives_toml(tmp_path: Path) -> None:
    """Quotes, escapes and control characters are read back."""
    message = 'say "no"\\ \x1b\x7f\t\u2028 \U0001f600'
    entry = {"name": "x", "subject": ["numpy_layer"], "versions": {"numpy": ">=1"}, "when": "True"}
    entry.update(seen={"a b": "c"}, verdict="mismatch", property="values", note="why", message=message)
    (tmp_path / "d.toml").write_text("\n".join(write_cause_as_toml(entry)), encoding="utf-8")
    (found,) = read_deviations(tmp_path / "d.toml")
    assert found.message == message and found.seen == entry["seen"]


BAD = (
    ("nowhere.jsonl", None, "cannot be read"),
    ("a.jsonl", "no json\n", "line 1 is not JSON"),
    ("a.jsonl", "[]\n", "line 1 is not an object"),
    ("a.jsonl", "", "is not a ledger"),
    ("a.jsonl", {"schema": 9}, "has ledger schema 9, this version reads 2"),
)


@pytest.mark.parametrize(("name", "content", "sentence"), BAD)
def test_suggest_refuses_a_file_that_is_not_a_ledger(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str, content: Any, sentence: str
) -> None:
    """The exit status is 3, and the message is one line."""
    if isinstance(content, str):
        (tmp_path / name).write_text(content, encoding="utf-8")
    elif content:
        ledger(tmp_path / name, [], **content)
    assert main(["suggest", str(tmp_path / name)]) == 3
    assert sentence in capsys.readouterr().err


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"suite": "forwards"}, "line 2 has the suite 'forwards', which this version does not know"),
        ({"verdict": "well"}, "line 2: the verdict 'well' is unknown"),
        ({"case": "b1"}, "line 2: not a case id"),
    ],
)
def test_suggest_refuses_a_malformed_row_with_its_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], changes: dict[str, Any], sentence: str
) -> None:
    """It also refuses a repeated check and an output file that is written by hand."""
    damaged = ledger(tmp_path / "a.jsonl", [{**row(SMALL[0]), **changes}], ended=False)
    assert main(["suggest", str(damaged)]) == 3
    assert sentence in capsys.readouterr().err
    path = str(ledger(tmp_path / "a.jsonl", [row(SMALL[0]), row(SMALL[0])]))
    assert main(["suggest", path]) == 3
    assert "answers a check twice" in capsys.readouterr().err
    assert main(["suggest", path, "-o", str(KNOWN_DEVIATIONS)]) == 3
    assert "is written by hand" in capsys.readouterr().err


def test_suggest_warns_about_an_incomplete_run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The rows are used all the same, except a cut last line."""
    rows = [row(case, "mismatch" if case.padding == "same" else "agree") for case in COMPUTED]
    path = ledger(tmp_path / "a.jsonl", rows, ended=False, planned=999)
    path.write_text(path.read_text(encoding="utf-8") + '{"kind": "ver', encoding="utf-8")
    assert main(["suggest", str(path)]) == 0
    output = capsys.readouterr()
    assert "is incomplete, %d of 999 have an answer" % len(rows) in output.err and "padding == 'same'" in output.out
