"""Tests of ``python -m fixtures snippets``: which snippets show their mismatch, which do not, which crash or hang."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from fixtures.__main__ import main
from fixtures.case import Case
from fixtures.check import Check
from fixtures.compare.evidence import to_ledger
from fixtures.run.check_run import run_check
from fixtures.run.child_process import Process
from fixtures.snippets.shared_parts import sentence_in_place_of_code
from suites.selftest.fake_keras import make_fake_keras, make_standalone
from suites.selftest.ledgers import make_row, write_ledger

# The height is 5, because the faults ``crashes`` and ``hangs`` act on it.
CASE = Case(1, (5, 3), 2, 3, (2, 2), (1, 1), (1, 1))
ZERO = Case(1, (5, 3), 2, 3, (2, 2), (0, 1), (1, 1))
FAULTY = "bias-missing"
SUBJECT: dict[str, Any] = {"subject": "numpy_layer", "backend": "numpy", "device": "CPU:0", "switches": {}}


def make_deviating_row(suite: str = "forward", fault: str = FAULTY, **changed: Any) -> dict[str, Any]:
    """Return a deviating row of the NumPy layer with this fault, and its snippet."""
    case = ZERO if suite == "rejection" else CASE
    verdict = run_check(Check(suite, case, "eager"), make_fake_keras(fault), "CPU:0")
    code = make_standalone(str(verdict.snippet), fault)
    evidence = {"expected": to_ledger(verdict.expected), "observed": to_ledger(verdict.observed)}
    facts = {"suite": suite, "property": verdict.property, "snippet": code, **evidence}
    return make_row(case.id, **{"verdict": verdict.verdict, **facts, **changed})


def make_lost_row(verdict: str, fault: str) -> dict[str, Any]:
    """Return a row without an answer, with the snippet of the same check for the NumPy layer with this fault."""
    code = str(run_check(Check("forward", CASE, "eager"), make_fake_keras(FAULTY), "CPU:0").snippet)
    return make_deviating_row(verdict=verdict, observed={"reason": verdict}, snippet=make_standalone(code, fault))


def run_snippets(
    folder: Path, capsys: pytest.CaptureFixture[str], *rows: dict[str, Any], seconds: float = 60
) -> tuple[int, str]:
    """Run the snippets of these rows; return the exit status and the printed text."""
    path = folder / "run.jsonl"
    modes = ("eager", "graph", "dynamic", "xla", "compile", "predict", "train", "functional")
    write_ledger(path, [{**one, "variant": mode} for one, mode in zip(rows, modes)], ended=False, **SUBJECT)
    status = main(["snippets", "--execute", str(path), "--seconds", str(seconds)])
    return status, capsys.readouterr().out


def test_snippets_that_show_their_mismatch_are_counted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """One has a wrong value, one accepts a case that must be refused."""
    status, text = run_snippets(
        tmp_path, capsys, make_deviating_row(), make_deviating_row("rejection", "accepts-anything")
    )
    assert status == 0 and "2 deviating rows = 2 with code + 0 with a reason" in text
    assert "2 run = 2 show their mismatch + 0 die as they should" in text and "0 do not show it" in text


def test_a_snippet_that_shows_no_mismatch_fails_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Its output is printed."""
    healthy = make_deviating_row()["snippet"].replace(repr(FAULTY), repr("healthy"))
    status, text = run_snippets(tmp_path, capsys, make_deviating_row(snippet=healthy))
    assert status == 1 and "1 do not show it" in text
    assert "forward eager %s: mismatch, property values; its code does not show it" % CASE.id in text
    assert "0 of 72 entries differ" in text and "mismatch: no" in text


def test_a_snippet_with_an_error_of_its_own_does_not_show_its_mismatch(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Neither does one whose comparison is broken, nor one that fails inside the call of the layer."""
    blunted = make_deviating_row()["snippet"].replace("mismatch or len(wrong) > 0", "mismatch")
    broken = make_deviating_row()["snippet"].replace("expected = answers(", "expected = no_such_function(")
    inside = make_deviating_row()["snippet"].replace("stage = 'call'", "stage = 'call'; no_such_function()")
    status, text = run_snippets(
        tmp_path,
        capsys,
        make_deviating_row(snippet=blunted),
        make_deviating_row(snippet=broken),
        make_deviating_row(snippet=inside),
    )
    assert status == 1 and "3 do not show it" in text and text.count("NameError") == 2


def test_a_snippet_with_another_error_class_than_its_row_fails_the_command(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The row records the class."""
    refused = make_deviating_row("rejection", "names-no-argument")
    assert run_snippets(tmp_path, capsys, refused)[0] == 0
    other = {**refused, "observed": {**refused["observed"], "error": "MemoryError"}}
    assert run_snippets(tmp_path, capsys, other)[0] == 1


def test_snippets_of_crashes_crash_and_snippets_of_hangs_hang(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The next snippet gets a new process. Only the snippet that hangs has a short limit."""
    right = Process.call_in_child

    def call_in_child(process: Process, seconds: float, function: Any, code: str) -> Any:
        assert seconds == 61
        return right(process, 0.5 if repr("hangs") in code else seconds, function, code)

    monkeypatch.setattr(Process, "call_in_child", call_in_child)
    rows = (make_lost_row("crashed", "crashes"), make_lost_row("hanged", "hangs"), make_deviating_row())
    status, text = run_snippets(tmp_path, capsys, *rows, seconds=61)
    assert status == 0
    assert "3 run = 1 show their mismatch + 1 die as they should + 1 do not end, as they should + 0 do not" in text


def test_an_unexpected_crash_and_a_missing_crash_of_a_snippet_are_reported(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Both snippets do not show what their rows record."""
    dies = make_deviating_row(snippet=make_lost_row("crashed", "crashes")["snippet"])
    lives = make_lost_row("crashed", FAULTY)
    status, text = run_snippets(tmp_path, capsys, dies, lives)
    assert status == 1 and "2 do not show it" in text and "SIGABRT" in text


def test_a_row_needs_a_snippet_or_a_reason_why_there_is_none(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A row that agrees needs neither."""
    agrees = make_deviating_row(verdict="agree", snippet=None)
    status, text = run_snippets(
        tmp_path, capsys, make_deviating_row(snippet=sentence_in_place_of_code("it cannot be given.")), agrees
    )
    assert status == 0 and "1 deviating rows = 0 with code + 1 with a reason why not + 0 with neither" in text
    status, text = run_snippets(tmp_path, capsys, make_deviating_row(snippet=None))
    assert status == 1 and "1 with neither" in text


def test_snippets_of_varying_deviations_are_counted_separately(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """They may show nothing, and the output says so."""
    varying = {"known_deviation": "onednn-1x1-strided-backward-weights-garbage"}
    healthy = make_deviating_row()["snippet"].replace(repr(FAULTY), repr("healthy"))
    status, text = run_snippets(
        tmp_path, capsys, make_deviating_row(**varying), make_deviating_row(snippet=healthy, **varying)
    )
    assert status == 0 and "2 of what varies from run to run (1 shown now)" in text
    assert "which varies from run to run; its code does not show it" in text


def test_snippets_refuses_an_unreadable_ledger(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The message is one sentence."""
    path = tmp_path / "no.jsonl"
    path.write_text("{}\n", encoding="utf-8")
    assert main(["snippets", "--execute", str(path)]) == 3
    assert "is not a ledger" in capsys.readouterr().err


def test_snippets_runs_no_code_without_execute(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The exit status is 4, and the message names the option."""
    path, trace = tmp_path / "run.jsonl", tmp_path / "trace"
    code = "open(%r, 'w').close()" % str(trace)
    write_ledger(path, [make_deviating_row(snippet=code)], ended=False, **SUBJECT)
    assert main(["snippets", str(path)]) == 4
    assert "add --execute" in capsys.readouterr().err and not trace.exists()
    main(["snippets", str(path), "--execute"])
    assert trace.exists()
