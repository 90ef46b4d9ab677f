"""``python -m fixtures snippets`` tells code that shows its mismatch from code that does not, dies or does not end."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from fixtures.__main__ import main
from fixtures.case import Case
from fixtures.check import Check
from fixtures.compare.evidence import to_ledger
from fixtures.run.pipeline import run_check
from fixtures.snippets.scaffold import sentence_in_place_of_code
from suites.selftest.fake_keras import find_fault_or_healthy, make_standalone

# Of height 5, on which the faults crashes and hangs act.
CASE = Case(1, (5, 3), 2, 3, (2, 2), (1, 1), (1, 1))
ZERO = Case(1, (5, 3), 2, 3, (2, 2), (0, 1), (1, 1))
FAULTY = "bias-missing"
HEADER: dict[str, Any] = {"kind": "run", "schema": 2, "subject": "numpy_layer", "backend": "numpy", "device": "CPU:0"}
HEADER.update(switches={}, planned=1, faults={}, options={})


def row(suite: str = "forward", fault: str = FAULTY, **changed: Any) -> dict[str, Any]:
    """A deviating row of the NumPy layer with that fault, and the code that goes with it."""
    case = ZERO if suite == "rejection" else CASE
    verdict = run_check(Check(suite, case, "eager"), find_fault_or_healthy(fault), "CPU:0")
    code = make_standalone(str(verdict.snippet), fault)
    facts: dict[str, Any] = {
        "case": case.id,
        "suite": suite,
        "variant": "eager",
        "property": verdict.property,
        "verdict": verdict.verdict,
    }
    facts.update(observed=to_ledger(verdict.observed), diagnosis=None, known_deviation=None, snippet=code)
    return {"kind": "verdict", **facts, **changed}


def lost(verdict: str, fault: str) -> dict[str, Any]:
    """A row without an answer, with the code of the same check to the NumPy layer with that fault."""
    code = str(run_check(Check("forward", CASE, "eager"), find_fault_or_healthy(FAULTY), "CPU:0").snippet)
    return row(verdict=verdict, observed={"reason": verdict}, snippet=make_standalone(code, fault))


def run_snippets(
    folder: Path, capsys: pytest.CaptureFixture[str], *rows: dict[str, Any], seconds: float = 60
) -> tuple[int, str]:
    """Exit status and what is printed of a ledger of these rows, each made a check of its own."""
    path = folder / "run.jsonl"
    modes = ("eager", "graph", "dynamic", "xla", "compile", "predict", "train", "functional")
    lines = [HEADER, *({**one, "variant": mode} for one, mode in zip(rows, modes))]
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    status = main(["snippets", "--execute", str(path), "--seconds", str(seconds)])
    return status, capsys.readouterr().out


def test_code_that_shows_its_mismatch(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A wrong value, and something accepted that must be refused."""
    status, text = run_snippets(tmp_path, capsys, row(), row("rejection", "accepts-anything"))
    assert status == 0 and "2 deviating rows = 2 with code + 0 with a reason" in text
    assert "2 run = 2 show their mismatch + 0 die as they should" in text and "0 do not show it" in text


def test_code_of_a_healthy_layer_shows_none(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """And what it printed is shown."""
    healthy = row()["snippet"].replace(repr(FAULTY), repr("healthy"))
    status, text = run_snippets(tmp_path, capsys, row(snippet=healthy))
    assert status == 1 and "1 do not show it" in text
    assert "forward eager %s: mismatch, property values; its code does not show it" % CASE.id in text
    assert "0 of 72 entries differ" in text and "mismatch: no" in text


def test_a_broken_comparison_does_not_show_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Nor does code that fails itself, also where a refusal of the layer would be caught."""
    blunted = row()["snippet"].replace("mismatch or len(wrong) > 0", "mismatch")
    broken = row()["snippet"].replace("expected = answers(", "expected = no_such_function(")
    inside = row()["snippet"].replace("stage = 'call'", "stage = 'call'; no_such_function()")
    status, text = run_snippets(tmp_path, capsys, row(snippet=blunted), row(snippet=broken), row(snippet=inside))
    assert status == 1 and "3 do not show it" in text and text.count("NameError") == 2


def test_another_class_of_error_than_the_row_tells(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Is not what was recorded."""
    refused = row("rejection", "names-no-argument")
    assert run_snippets(tmp_path, capsys, refused)[0] == 0
    other = {**refused, "observed": {**refused["observed"], "error": "MemoryError"}}
    assert run_snippets(tmp_path, capsys, other)[0] == 1


def test_code_that_dies_and_code_that_does_not_end(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """As their rows say; what comes next has a new process."""
    rows = (lost("crashed", "crashes"), lost("hanged", "hangs"), row())
    status, text = run_snippets(tmp_path, capsys, *rows, seconds=10)
    assert status == 0
    assert "3 run = 1 show their mismatch + 1 die as they should + 1 do not end, as they should + 0 do not" in text


def test_a_death_where_none_is_due_and_none_where_one_is(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Both are reported."""
    dies = row(snippet=lost("crashed", "crashes")["snippet"])
    lives = lost("crashed", FAULTY)
    status, text = run_snippets(tmp_path, capsys, dies, lives)
    assert status == 1 and "2 do not show it" in text and "SIGABRT" in text


def test_a_reason_in_place_of_code_is_counted_and_nothing_at_all_fails(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A row that agrees needs neither."""
    agrees = row(verdict="agree", snippet=None)
    status, text = run_snippets(tmp_path, capsys, row(snippet=sentence_in_place_of_code("it cannot be given.")), agrees)
    assert status == 0 and "1 deviating rows = 0 with code + 1 with a reason why not + 0 with neither" in text
    status, text = run_snippets(tmp_path, capsys, row(snippet=None))
    assert status == 1 and "1 with neither" in text


def test_what_varies_is_counted_apart(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """It need not show, but the output says that it did not."""
    varying = {"known_deviation": "onednn-1x1-strided-backward-weights-garbage"}
    healthy = row()["snippet"].replace(repr(FAULTY), repr("healthy"))
    status, text = run_snippets(tmp_path, capsys, row(**varying), row(snippet=healthy, **varying))
    assert status == 0 and "2 of what varies from run to run (1 shown now)" in text
    assert "which varies from run to run; its code does not show it" in text


def test_an_unreadable_ledger(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """In one sentence."""
    path = tmp_path / "no.jsonl"
    path.write_text("{}\n", encoding="utf-8")
    assert main(["snippets", "--execute", str(path)]) == 3
    assert "is no ledger" in capsys.readouterr().err


def test_nothing_of_a_ledger_runs_without_the_word(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Exit status 4, and a sentence that says which word."""
    path, trace = tmp_path / "run.jsonl", tmp_path / "trace"
    code = "open(%r, 'w').close()" % str(trace)
    path.write_text("".join(json.dumps(line) + "\n" for line in (HEADER, row(snippet=code))), encoding="utf-8")
    assert main(["snippets", str(path)]) == 4
    assert "add --execute" in capsys.readouterr().err and not trace.exists()
    main(["snippets", str(path), "--execute"])
    assert trace.exists()
