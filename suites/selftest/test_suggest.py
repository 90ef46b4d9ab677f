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
from fixtures.cases import array_cache
from fixtures.cases.contract import CASES
from fixtures.check import Check
from fixtures.deviations import find_excusing_entry, read_deviations
from fixtures.deviations.audit import audit_entries
from fixtures.deviations.suggest import failure_groups
from fixtures.deviations.suggest.suggested_entry import write_cause_as_toml
from fixtures.faults import find_fault
from fixtures.frameworks.numpy_layer import NumpyLayer
from fixtures.run import check_run
from fixtures.run.check_run import run_check
from fixtures.suite_registry import select_checks
from suites.selftest.numpy_layer_ledgers import COMPUTED, LIGHT, make_forward_row, write_numpy_layer_ledger
from suites.selftest.sample_cause import evaluations_of_subject


@pytest.fixture(autouse=True)
def _compute_once_what_depends_on_no_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the searches of this module share the values of atoms, and the checks share data and references."""
    monkeypatch.setattr(array_cache, "ENTRIES", 2000)
    monkeypatch.setattr(failure_groups, "AtomEvaluations", lambda subject: evaluations_of_subject("numpy_layer"))


@pytest.fixture
def run_fault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., tuple[Path, list[dict[str, Any]]]]:
    """Return a function that runs a fault and writes its ledger; the diagnosis is replaced by the fault's name."""

    def write_ledger(
        fault: str, suite: str, modes: Sequence[str], among: Sequence[Case]
    ) -> tuple[Path, list[dict[str, Any]]]:
        """Run the suite on these cases and return the ledger's path and its rows."""
        monkeypatch.setattr(check_run, "explain_mismatch", lambda wrong, *_: replace(wrong.verdict, diagnosis=fault))
        rows = [
            {
                **make_forward_row(case),
                **check.to_row(),
                **run_check(check, NumpyLayer(find_fault(fault)), "CPU:0").to_row(),
            }
            for case in among
            for check in select_checks(suite, case, "numpy_layer", modes, modes)
        ]
        rows = json.loads(json.dumps(rows))
        return write_numpy_layer_ledger(tmp_path / "run.jsonl", rows, subject="numpy_layer:" + fault), rows

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
    path, rows = run_fault(fault, suite, ["eager"], LIGHT)
    entries = proved(path, rows, tmp_path / "entries.toml", "numpy_layer:" + fault)
    assert all(
        entry.subject == ["numpy_layer:" + fault] and entry.versions == {"numpy": "==1.26.*"} for entry in entries
    )
    assert not when or [entry.when for entry in entries] == [when]


def test_a_suggested_entry_names_modes_only_if_some_modes_agree(run_fault: Any, tmp_path: Path) -> None:
    """It names exactly the modes that show the fault."""
    path, rows = run_fault("graph-forgets-bias", "forward", ["eager", "graph", "dynamic", "xla"], LIGHT[::3])
    (entry,) = proved(path, rows, tmp_path / "entries.toml", "numpy_layer:graph-forgets-bias")
    assert (entry.variant, entry.when, entry.suite) == (["dynamic", "graph"], "use_bias", ["forward"])
    path, rows = run_fault("filters-swapped", "forward", ["eager", "graph"], LIGHT[::3])
    assert not proved(path, rows, tmp_path / "entries.toml", "numpy_layer:filters-swapped")[0].variant


def test_a_suggested_entry_for_a_contract_check_names_suite_and_variant(run_fault: Any, tmp_path: Path) -> None:
    """If the case decides, its predicate describes the case."""
    path, rows = run_fault("losses-twice", "promises", ["contract"], CASES)
    (entry,) = proved(path, rows, tmp_path / "entries.toml", "numpy_layer:losses-twice")
    failing = {one["variant"] for one in rows if one["verdict"] != "agree"}
    assert (entry.suite, set(entry.variant), entry.when) == (["promises"], failing, "True")
    path, rows = run_fault("inferred-without-output-padding", "shapes", ["contract"], LIGHT[::3])
    for entry in proved(path, rows, tmp_path / "entries.toml", "numpy_layer:inferred-without-output-padding"):
        assert entry.suite == ["shapes"] and entry.variant and "output_padding" in entry.when


def test_a_suggested_region_leaves_out_checks_with_another_failure(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """If a smaller predicate holds for both, it is added as a remark."""
    even = [case for case in COMPUTED if case.dtype in ("float32", "float64")]
    verdicts = {("same", "float32"): "mismatch", ("same", "float64"): "crashed"}
    rows = [make_forward_row(case, verdicts.get((case.padding, case.dtype), "agree")) for case in even]
    proved(write_numpy_layer_ledger(tmp_path / "a.jsonl", rows), rows, tmp_path / "entries.toml", "numpy_layer")
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
        rows.append(make_forward_row(case, "mismatch" if named else "agree", diagnosis=named))
    found = proved(write_numpy_layer_ledger(tmp_path / "a.jsonl", rows), rows, tmp_path / "entries.toml", "numpy_layer")
    assert {entry.diagnosis for entry in found} == {"bias-missing", "kernel-rotated"}
    assert [" or " in entry.when for entry in sorted(found, key=lambda entry: str(entry.diagnosis))] == [False, True]


@pytest.mark.parametrize("twice", [True, False])
def test_failures_without_a_region_get_no_entry(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], twice: bool
) -> None:
    """They are random, or a check passes in one run and fails in another; the output counts them."""
    chance = Random(1)
    rows = [make_forward_row(case, "mismatch" if chance.random() < 0.3 else "agree") for case in COMPUTED[::3]]
    if twice:
        rows = [make_forward_row(case, "mismatch" if case.padding == "same" else "agree") for case in COMPUTED]
    paths = [str(write_numpy_layer_ledger(tmp_path / "a.jsonl", rows))]
    if twice:
        first = next(case for case in COMPUTED if case.padding == "same")
        paths.append(str(write_numpy_layer_ledger(tmp_path / "b.jsonl", [make_forward_row(first)])))
    assert main(["suggest", *paths]) == 1
    text = capsys.readouterr().out
    assert "No region was found" in text and all(line.startswith("#") for line in text.splitlines())
    if twice:
        assert "1 checks fail in one run and pass in another, %s is the first" % first.id in text
        count = sum(one["verdict"] == "mismatch" for one in rows)
        assert "%d of %d mismatches, 1 of %d that pass" % (count, count, len(rows) - count + 1) in text
    assert main(["suggest", *paths, "-o", str(tmp_path / "entries.toml")]) == 1
    assert read_deviations(tmp_path / "entries.toml") == []


def test_a_suggested_entry_survives_toml(tmp_path: Path) -> None:
    """Quotes, escapes and control characters are read back."""
    message = 'say "no"\\ \x1b\x7f\t\u2028 \U0001f600'
    entry = {"name": "x", "subject": ["numpy_layer"], "versions": {"numpy": ">=1"}, "when": "True"}
    entry.update(seen={"a b": "c"}, verdict="mismatch", property="values", note="why", message=message)
    (tmp_path / "d.toml").write_text("\n".join(write_cause_as_toml(entry)), encoding="utf-8")
    (found,) = read_deviations(tmp_path / "d.toml")
    assert found.message == message and found.seen == entry["seen"]
