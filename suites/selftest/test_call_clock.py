"""Tests of the time limit of a check: it counts the framework's calls, and not this project's own work."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from typing import Any, Iterator

import pytest

from fixtures.case import Case
from fixtures.check import Check
from fixtures.compare.evidence import NoAnswer, NoFacts
from fixtures.compare.verdict import Verdict
from fixtures.frameworks import call_clock
from fixtures.frameworks.adapter import Setting
from fixtures.frameworks.call_clock import (
    PATIENCE,
    SIZE,
    Reading,
    count_only_calls,
    count_time,
    processor_seconds,
    read_clock,
    stop_clock,
)
from fixtures.frameworks.layer_calls import Stage, attempt_stage
from fixtures.observation import Lost
from fixtures.run import call_limits, worker
from fixtures.run.child_process import Process
from suites.selftest import child_functions as child

CHECK = Check("forward", Case(1, (4, 3), 1, 1, (2, 2), (1, 1), (1, 1)), "eager")
FINISHED = Verdict("not-run", "values", NoFacts(), NoAnswer("only the time is of interest"))


@pytest.fixture
def clock() -> Iterator[list[float]]:
    """Yield the numbers of the clock, which are shared with the parent process."""
    shared = [0.0] * SIZE
    call_clock.start(shared)
    yield shared
    call_clock._shared.clear()


def test_the_call_clock_counts_only_calls_of_the_framework(clock: list[float]) -> None:
    """Before the first call all time counts; then only ``running`` counts, without what ``stopped`` excludes."""
    time.sleep(0.05)
    before = read_clock(clock, os.getpid())
    assert before.wall >= 0.05 and not before.only_calls
    with count_only_calls():
        start = read_clock(clock, os.getpid()).wall
        time.sleep(0.05)
        assert read_clock(clock, os.getpid()) == Reading(start, read_clock(clock, os.getpid()).cpu, True)
        with count_time(), count_time():
            time.sleep(0.05)
            during = read_clock(clock, os.getpid()).wall
        after = read_clock(clock, os.getpid()).wall
        assert start + 0.05 <= during <= after < start + 5
        with stop_clock(), count_time():
            time.sleep(0.05)
        assert read_clock(clock, os.getpid()).wall == after


def test_the_call_clock_stops_if_a_call_raises(clock: list[float]) -> None:
    """The time until the exception counts."""
    with count_only_calls():
        with pytest.raises(KeyError), count_time():
            raise KeyError
        with pytest.raises(KeyError), stop_clock():
            raise KeyError
        first = read_clock(clock, os.getpid()).wall
        time.sleep(0.02)
        assert read_clock(clock, os.getpid()).wall == first
        with count_time():
            time.sleep(0.02)
        assert read_clock(clock, os.getpid()).wall >= first + 0.02


def test_the_call_clock_does_nothing_in_pytests_own_process() -> None:
    """The selftests run there."""
    with count_only_calls(), count_time():
        pass


@pytest.mark.parametrize(
    ("wall", "cpu", "only_calls", "late"),
    [
        (9.0, 90.0, True, False),  # sixteen threads ran for nine seconds
        (11.0, 90.0, True, True),
        (29.0, 3.0, True, False),  # other processes use the machine
        (PATIENCE * 10.0, 3.0, True, True),  # the call sleeps
        (11.0, None, True, True),  # the system does not report processor time
        (9.0, None, True, False),
        (11.0, 3.0, False, True),
    ],
)
def test_when_a_check_is_late(wall: float, cpu: float | None, only_calls: bool, late: bool) -> None:
    """A much longer wall time alone is late too."""
    assert Reading(wall, cpu, only_calls).is_late(10.0) == late


def test_processor_time_of_a_process_includes_all_threads() -> None:
    """It equals the time that the process itself reads; the result is None if there is no such process."""
    if not os.path.exists("/proc/self/stat"):
        pytest.skip("this system has no /proc")
    sum(range(3000000))
    mine = processor_seconds(os.getpid())
    assert mine is not None and abs(mine - time.process_time()) < 0.2
    code = "import time; time.sleep(60)"
    child = subprocess.Popen([sys.executable, "-c", code])
    child.kill()
    child.wait()
    assert processor_seconds(child.pid) is None


def test_only_a_call_of_the_framework_can_exceed_the_time_limit() -> None:
    """This project's own work may take longer; a call that uses the processor is ended at the limit itself."""
    limit = 0.25
    with Process() as process, Process() as sleeping:
        sleeping.call_in_child(20, child.pid)
        sleeping.call_ahead(child.call_that_sleeps, 60)  # it sleeps while this process waits for the other one
        assert process.call_in_child(limit, child.own_work, (PATIENCE + 0.5) * limit) == "answered"
        slept: Any = sleeping.call_in_child(limit, child.call_that_sleeps, 60)
        assert isinstance(slept, Lost) and slept.verdict == "hanged" and "limit 0.25 s" in slept.reason
        started = time.monotonic()
        busy: Any = process.call_in_child(limit, child.call_that_computes, 60)
        assert isinstance(busy, Lost) and busy.verdict == "hanged" and "of processor time" in busy.reason
        assert time.monotonic() - started < 50


def test_a_hang_of_this_projects_code_is_a_suite_bug(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is not a hang of the layer."""
    monkeypatch.setattr(call_limits, "OWN_SECONDS", 0.3)
    with Process() as process:
        found: Any = process.call_in_child(60, child.own_work, 60)
        assert isinstance(found, Lost) and found.verdict == "suite-bug" and "own part" in found.reason
        assert process.call_in_child(60, child.own_work, 0) == "answered"


def test_the_time_of_a_check_does_not_include_its_reference(
    clock: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    """In an earlier version a slow reference made the layer count as hanging."""
    seconds: list[Any] = []

    def sleep_in_a_call(stage: Stage) -> float:
        time.sleep(0.05)
        return read_clock(clock, os.getpid()).wall

    def slow(check: Check, subject: Any, device: str) -> Any:
        time.sleep(0.1)
        seconds.append(attempt_stage(subject, device, sleep_in_a_call))
        return FINISHED

    monkeypatch.setattr(worker, "run_check", slow)
    worker._in_child_check(CHECK, "CPU:0", "numpy_layer", Setting())  # loads the subject, and loading counts
    call_clock.start(clock)
    worker._in_child_check(CHECK, "CPU:0", "numpy_layer", Setting())
    assert 0.05 <= seconds[-1] < 0.1 and read_clock(clock, os.getpid()).only_calls
