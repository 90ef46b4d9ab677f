"""Tests of the worker process: a case that crashes or blocks it loses its own check only."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from typing import Iterator

import pytest

from fixtures.case import Case
from fixtures.check import Check
from fixtures.compare.evidence import to_ledger
from fixtures.frameworks.adapter import SubjectUnavailable
from fixtures.hardware.processor import Processor, read_processor
from fixtures.run import worker
from fixtures.run.crash_reproduction import Budget
from fixtures.run.named_checks import read_check
from fixtures.run.worker import IsolatedSubject
from fixtures.snippets.shared_parts import NONE
from suites.selftest.crashes import BEFORE_CRASH, CRASHING

FATAL = Case(1, (5, 3), 1, 1, (2, 2), (1, 1), (1, 1))  # the faults ``crashes`` and ``hangs`` act on height 5
HARMLESS = Case(1, (4, 3), 1, 1, (2, 2), (1, 1), (1, 1))


@pytest.fixture(scope="module")
def healthy() -> Iterator[IsolatedSubject]:
    """Yield a subject without a fault; its process goes on with the next test."""
    with IsolatedSubject("numpy_layer") as subject:
        yield subject


def test_a_crash_is_recorded_and_the_next_case_is_judged() -> None:
    """The reason names the signal, and the checks before the crash are those of its process."""
    with IsolatedSubject("numpy_layer:crashes") as subject:
        harmless, fatal = (Check("forward", case, "eager") for case in (HARMLESS, FATAL))
        assert subject.run_check(harmless, "CPU:0").verdict == "agree"
        for before in ([str(harmless)], []):  # the second one is in a new process
            verdict = subject.run_check(fatal, "CPU:0")
            assert (verdict.verdict, verdict.property) == ("crashed", "values")
            assert "SIGABRT" in to_ledger(verdict.observed)["reason"]
            assert verdict.history is not None and verdict.history["before"] == before
        assert subject.run_check(harmless, "CPU:0").verdict == "agree"


def test_a_hanging_check_is_ended_after_its_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """The next case is judged. Only the hanging check has a short limit: the subject is loaded before it."""
    with IsolatedSubject("numpy_layer:hangs") as subject:
        assert subject.run_check(Check("forward", HARMLESS, "eager"), "CPU:0").verdict == "agree"
        monkeypatch.setattr(subject, "_case_seconds", 0.1)
        verdict = subject.run_check(Check("forward", FATAL, "eager"), "CPU:0")
        assert verdict.verdict == "hanged" and "limit 0.1 s" in to_ledger(verdict.observed)["reason"]
        monkeypatch.undo()
        assert subject.run_check(Check("forward", HARMLESS, "eager"), "CPU:0").verdict == "agree"


def test_a_subject_that_is_not_installed_gives_one_sentence() -> None:
    """It gives no traceback."""
    with IsolatedSubject("numpy_layer:no-such-fault") as subject, pytest.raises(
        SubjectUnavailable, match="did you mean"
    ):
        subject.environment()


def test_the_process_of_a_subject_gets_the_processor_that_the_run_has_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """It does not look for it again, which would take most of its start."""
    other = Processor("aarch64", "another", "another", "another", frozenset({"asimd"}))
    assert other.isa not in (None, read_processor().isa)
    monkeypatch.setattr(worker, "read_processor", lambda: other)
    with IsolatedSubject("numpy_layer") as subject:
        assert subject.environment()["isa"] == other.isa


def test_an_emulated_processor_allows_more_time_for_each_check() -> None:
    """The factor is in the environment and is read when the process starts."""
    code = "from fixtures.run.worker import CASE_SECONDS, START_SECONDS; print(CASE_SECONDS, START_SECONDS)"
    environment = {**os.environ, "EMULATION_TIME_FACTOR": "10"}
    ran = subprocess.run([sys.executable, "-c", code], env=environment, stdout=subprocess.PIPE, check=True)
    assert ran.stdout.split() == [b"1200.0", b"3000.0"]


def test_a_crash_that_happens_again_alone_is_marked() -> None:
    """The row lists the earlier checks of the process, and says that the crash needs none of them."""
    with IsolatedSubject("numpy_layer:crashes", budget=Budget()) as subject:
        subject.run_check(Check("forward", HARMLESS, "eager"), "CPU:0")
        verdict = subject.run_check(Check("forward", FATAL, "eager"), "CPU:0")
        assert verdict.verdict == "crashed" and verdict.history is not None
        assert verdict.history["reproduced"] == "alone" and not verdict.history["needs"]
        assert verdict.snippet is not None and verdict.snippet.startswith(NONE)  # the NumPy layer has no snippet
        assert verdict.history["before"] == ["forward/eager/%s" % HARMLESS.id]
        after = subject.run_check(Check("forward", HARMLESS, "eager"), "CPU:0")
        assert after.verdict == "agree" and after.history is None


def test_the_earlier_checks_that_a_crash_needs_are_found() -> None:
    """The case alone agrees; after a part of the earlier checks the process crashes again."""
    with IsolatedSubject("numpy_layer:dies-after-four", budget=Budget()) as subject:
        for check in BEFORE_CRASH:
            assert subject.run_check(check, "CPU:0").verdict == "agree"
        verdict = subject.run_check(CRASHING, "CPU:0")
        assert verdict.verdict == "crashed" and verdict.history is not None
        assert verdict.history["reproduced"] == "after earlier checks" and verdict.history["earlier"] == 3
        needs = verdict.history["needs"]
        assert needs == [str(check) for check in BEFORE_CRASH[1:]]
        assert verdict.snippet is not None and verdict.snippet.startswith(NONE)
    earlier = [read_check(text, "--after") for text in needs]
    with IsolatedSubject("numpy_layer:dies-after-four", after=earlier) as subject:
        assert subject.run_check(CRASHING, "CPU:0").verdict == "crashed"
    with IsolatedSubject("numpy_layer:dies-after-four", after=earlier[1:]) as subject:
        assert subject.run_check(CRASHING, "CPU:0").verdict == "agree"


def test_a_check_that_a_signal_from_outside_ended_is_repeated(healthy: IsolatedSubject) -> None:
    """Its row says how the first process ended."""
    assert healthy.run_check(Check("forward", HARMLESS, "eager"), "CPU:0").history is None
    os.kill(healthy.call_in_child(20, os.getpid), signal.SIGKILL)
    verdict = healthy.run_check(Check("forward", FATAL, "eager"), "CPU:0")
    assert verdict.verdict == "agree" and verdict.history is not None
    assert verdict.history["lost"] == "the process died of SIGKILL" and verdict.history["sent_by_others"]


def test_a_crash_of_a_check_that_was_begun_ahead_is_reported_for_that_check() -> None:
    """The verdict names the checks that the process did before, and the crashed check is repeated in a new process."""
    with IsolatedSubject("numpy_layer:crashes", budget=Budget()) as subject:
        harmless, fatal = (Check("forward", case, "eager") for case in (HARMLESS, FATAL))
        assert subject.run_check(harmless, "CPU:0").verdict == "agree"
        subject.look_ahead(fatal, "CPU:0")
        verdict = subject.run_check(fatal, "CPU:0")
        assert verdict.verdict == "crashed" and verdict.history is not None
        assert verdict.history["before"] == ["forward/eager/%s" % HARMLESS.id]
        assert verdict.history["reproduced"] == "alone" and not verdict.history["between"]
        assert subject.run_check(harmless, "CPU:0").verdict == "agree"


def test_a_check_that_was_not_looked_ahead_to_has_no_earlier_checks() -> None:
    """The process that began the other check is ended, and its checks are not those of the new one."""
    with IsolatedSubject("numpy_layer:crashes") as subject:
        harmless, fatal = (Check("forward", case, "eager") for case in (HARMLESS, FATAL))
        subject.run_check(harmless, "CPU:0")
        subject.look_ahead(harmless, "CPU:0")
        verdict = subject.run_check(fatal, "CPU:0")
        assert verdict.history is not None and verdict.history["before"] == []


def test_a_verdict_has_the_seconds_of_its_check(healthy: IsolatedSubject) -> None:
    """A check that was begun ahead may be answered at once; its time is that in the process."""
    verdict = healthy.run_check(Check("forward", HARMLESS, "eager"), "CPU:0")
    assert verdict.seconds is not None and 0 < verdict.seconds < 60 and "seconds" not in verdict.to_row()
