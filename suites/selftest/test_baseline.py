"""Tests of the baseline: a mismatch counts as before if an earlier run has the same one, otherwise as new."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from fixtures.deviations.baseline import Baseline, BaselineError
from fixtures.deviations.ledger_rows import category
from fixtures.run.destinations import find_baseline, is_complete, keep_previous, previous_path
from fixtures.run.metadata import explain_by_hardware
from fixtures.run.option_values import check_options
from fixtures.run.options import BadOption
from reports import ledger
from suites.selftest.many_values import for_each
from suites.selftest.sample_cause import HEAD

HEADER: dict[str, Any] = {
    "kind": "run",
    "schema": 2,
    "cell": "here",
    "started": "2026-01-01T00:00:00+00:00",
    "planned": 1,
    "known_deviations": [{"name": "known"}],
}
HEAD_LINE = json.dumps(HEADER) + "\n"


def make_row(case: str, verdict: str = "mismatch", **changed: Any) -> dict[str, Any]:
    """Return a verdict row with the fields that a baseline reads."""
    plain = {
        "kind": "verdict",
        "case": case,
        "suite": "forward",
        "variant": "eager",
        "property": "values",
        "verdict": verdict,
    }
    return {**plain, "diagnosis": None, "observed": {"stage": "call"}, "known_deviation": None, **changed}


def write_rows(path: Path, *rows: dict[str, Any], ended: bool = True, **header: Any) -> Path:
    """Write a ledger file with these answers and return its path."""
    planned = len(rows) + (not ended)
    end = {"kind": "end", "counts": Counter(map(category, rows)), "planned": planned}
    lines = [{**HEADER, "planned": planned, **header}, *rows, *([end] if ended else [])]
    path.write_text("".join(json.dumps(one) + "\n" for one in lines), encoding="utf-8")
    return path


def test_a_mismatch_is_as_before_if_check_verdict_property_and_cause_are_the_same(tmp_path: Path) -> None:
    """A known deviation of the earlier run counts too; a check that the earlier run did not run is not new."""
    before = [make_row("a"), make_row("b", "agree"), make_row("c", "not-run"), make_row("d", known_deviation="known")]
    baseline = Baseline.read(write_rows(tmp_path / "l.jsonl", *before))
    assert baseline.compare(make_row("a")) == "as before"
    assert baseline.compare(make_row("d")) == "as before"
    for other in (
        make_row("a", "crashed"),
        make_row("a", property="shape"),
        make_row("a", diagnosis="kernel-flipped"),
        make_row("a", observed={"stage": "build"}),
        make_row("a", observed={"stage": "call", "array": "dx"}),
        make_row("b"),
    ):
        assert baseline.compare(other) == "new"
    assert baseline.compare(make_row("a", variant="graph")) is None
    assert baseline.compare(make_row("c")) is None
    assert baseline.compare(make_row("a", "agree")) is None


def make_line(case: Any = "a", **changed: Any) -> str:
    """Return the line of a row with other values."""
    return json.dumps({**make_row(case), **changed}) + "\n"


END_LINE = json.dumps({"kind": "end", "counts": {"mismatch": 1}, "planned": 1}) + "\n"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "its first line is not a run"),
        ("{\n", "line 1 is not JSON"),
        ("[1]\n", "line 1 is not an object"),
        ('{"a": 1}\n', "its first line is not a run"),
        ("[" * 100000 + "\n", "line 1 is not JSON: it is nested too deeply"),
        (HEAD_LINE + make_line(observed=3), "line 2 has no usable observed: 3"),
        (HEAD_LINE + make_line(case=[]), r"line 2 has no usable case: \[\]"),
        (HEAD_LINE + make_line(verdict="agre"), "the verdict 'agre' is unknown; did you mean 'agree'"),
        (HEAD_LINE + make_line(known_deviation="k"), "line 2 has the known deviation 'k', which the first line"),
        (HEAD_LINE + make_line(seconds=1).replace("1}", "NaN}"), "line 2 is not JSON: it has the number NaN"),
        (HEAD_LINE + make_line(seconds=1).replace("1}", "1e999}"), "line 2 is not JSON: it has the number 1e999"),
        (HEAD_LINE + make_line() * 2, "line 3 answers a check twice"),
        (HEAD_LINE + make_line() + make_line("b"), "line 3 is answer 2 of 1 planned"),
        (HEAD_LINE + make_line(kind="note"), "line 2 is of the unknown kind 'note'"),
        (HEAD_LINE + make_line() + END_LINE * 2, "line 4 comes after the end row"),
        (HEAD_LINE + END_LINE + make_line(), "line 2 ends with totals that are not its own"),
        (HEAD_LINE + make_line(verdict="agree") + END_LINE, "line 3 ends with totals that are not its own"),
        (
            HEAD_LINE.replace('"planned": 1', '"planned": 2') + make_line() + END_LINE,
            "line 3 ends with totals that are not its own",
        ),
    ],
)
def test_a_broken_baseline_is_refused_with_a_reason(tmp_path: Path, text: str, why: str) -> None:
    """A file that is missing or no ledger raises BaselineError, which names the problem."""
    (tmp_path / "x.jsonl").write_text(text, encoding="utf-8")
    with pytest.raises(BaselineError, match=why):
        Baseline.read(tmp_path / "x.jsonl")
    with pytest.raises(BaselineError, match="cannot be read"):
        Baseline.read(tmp_path / "none.jsonl")


def test_the_last_complete_ledger_becomes_the_previous_run(tmp_path: Path) -> None:
    """It is accepted as a baseline only if the user asks for it; an incomplete ledger does not replace it."""
    path = tmp_path / "cell.jsonl"
    plain, accepting = check_options({}), check_options({"baseline": "previous"})
    with pytest.raises(BadOption, match="no complete earlier run"):
        find_baseline(accepting, path)
    assert find_baseline(plain, path) is None
    write_rows(path, make_row("a"))
    keep_previous(plain, path)
    previous = previous_path(path)
    assert previous.read_bytes() == path.read_bytes() and is_complete(previous)
    assert find_baseline(plain, path) == (previous, False)
    assert find_baseline(accepting, path) == (previous, True)
    assert find_baseline(check_options({"baseline": str(path)}), path) == (previous, True)
    write_rows(path, make_row("b"), ended=False)
    keep_previous(plain, path)
    assert '"a"' in previous.read_text(encoding="utf-8")
    with pytest.raises(BadOption, match="is not a file"):
        find_baseline(check_options({"baseline": str(tmp_path / "other")}), path)
    named = {"case": ["b1-i4.4-c3-f3-k5.5-s2.2-d1.1-same-onone-last-bias-linear-float32"]}
    assert find_baseline(check_options(named), path) is None
    with pytest.raises(BadOption, match="named cases have no previous run"):
        find_baseline(check_options({**named, "baseline": "previous"}), tmp_path / "again.jsonl")


@pytest.mark.parametrize(
    ("rows", "exists_previous"),
    [
        ([make_row("a", known_deviation="baseline"), make_row("b", "not-run"), make_row("c", "agree")], True),
        ([make_row("a", known_deviation="baseline"), make_row("b")], False),
    ],
)
def test_a_run_with_new_mismatches_does_not_become_its_own_baseline(
    tmp_path: Path, rows: list[dict[str, Any]], exists_previous: bool
) -> None:
    """A run with a baseline that has new mismatches is not kept as the previous run."""
    path = tmp_path / "cell.jsonl"
    write_rows(path, *rows, baseline={"accepted": True})
    for spelled in ("previous", str(path)):
        keep_previous(check_options({"baseline": spelled}), path)
        assert previous_path(path).exists() is exists_previous
    keep_previous(check_options({}), path)
    assert previous_path(path).exists()


def test_a_run_on_an_untested_processor_says_which_mismatches_the_hardware_may_explain(tmp_path: Path) -> None:
    """The message has their number and the option that accepts them; on a tested class it counts only listed
    deviations.
    """
    entries = tmp_path / "d.toml"
    text = 'name = "x"\nsubject = ["numpy_layer"]\nbackend = ["numpy"]\nversions = {}\nwhen = "True"\n'
    text += 'verdict = "mismatch"\n'
    text = text.replace("versions = {}", 'versions = { numpy = ">=1" }')
    entries.write_text(HEAD + text + 'property = "values"\nisa = ">=avx512_core"\n', encoding="utf-8")
    run = check_options({"subject": "numpy_layer", "deviations": str(entries)})
    case = "b1-i4.4-c3-f3-k5.5-s2.2-d1.1-same-onone-last-bias-linear-float32"
    rows = [make_row(case), make_row(case, "crashed"), make_row(case, "agree")]
    header: dict[str, Any] = {
        "subject": "numpy_layer",
        "backend": "numpy",
        "numpy": "2.0",
        "device": "CPU:0",
        "switches": {},
        "isa": "avx",
        "hardware": {"model": "Old", "isa": "avx"},
        "baseline": None,
    }
    (line,) = explain_by_hardware(run, header, rows)
    assert line.startswith("Of 2 mismatches that are not listed, the hardware (Old, class avx) may explain 2: ")
    assert "the list describes 1 of them for other processors, and the list covers the classes avx2, " in line
    assert ", and not avx. " in line and "--baseline previous" in line
    named = [{**rows[1], "diagnosis": "kernel-flipped"}]
    assert explain_by_hardware(run, header, named) == []
    (line,) = explain_by_hardware(run, {**header, "isa": "sse41"}, rows)
    assert "(Old, class sse41; the processor's own: avx)" in line
    (line,) = explain_by_hardware(run, {**header, "isa": "avx2"}, rows)
    assert "may explain 1: the list describes 1 of them for other processors. " in line
    assert explain_by_hardware(run, {**header, "isa": "avx2"}, rows[1:]) == []
    assert explain_by_hardware(run, {**header, "baseline": {"accepted": True}}, rows) == []
    assert explain_by_hardware(run, header, rows[2:]) == []


@for_each("known_deviation", [None, "baseline", "an-entry"])
@for_each("property", ["values", "rejection"])
@for_each("verdict", ledger.VERDICTS)
def test_both_readers_count_a_row_under_the_same_key(verdict: str, property: str, known_deviation: str | None) -> None:
    """The run does not import the reports, so each has a function for it."""
    row = {"verdict": verdict, "property": property, "known_deviation": known_deviation}
    assert category(row) == ledger.category(row)
