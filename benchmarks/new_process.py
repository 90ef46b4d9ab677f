"""Runs of checks, and of a bare loop of the same layer calls, each in a new process.

A process computes its first checks slower than later ones. One that computed the same checks before is faster than any
run of pytest, since the frameworks keep the kernels that they made. So each run has a new process, which does some
other checks first and then measures.
"""

from __future__ import annotations

import os
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Callable, Sequence

from benchmarks.bare_loop import DEVICE, RecordedCheck, record_agreeing_checks, run_bare_loop
from benchmarks.pytest_runs import Times
from benchmarks.time_shares import sample_time_shares
from fixtures.check import Check
from fixtures.compare.verdict import Verdict
from fixtures.frameworks.adapter import Setting, load_subject
from fixtures.observation import Lost
from fixtures.run.check_run import run_check
from fixtures.run.child_process import Process

PARTS = ("layer", "data", "reference", "compare", "other")
_SECONDS = 3600.0  # time limit of a run


@dataclass(frozen=True)
class CheckRun:
    """The times of checks, their verdicts, and the processor seconds of each part (see ``PARTS``)."""

    times: Times
    verdicts: list[Verdict]
    seconds: dict[str, float]


def measure_time(act: Callable[[], object]) -> Times:
    """Return the times of a call in this process."""
    wall, processor = time.perf_counter(), time.process_time()
    act()
    return Times(time.perf_counter() - wall, time.process_time() - processor)


def record_in_new_process(name: str, checks: Sequence[Check]) -> list[RecordedCheck]:
    """Return the checks that agree, with the layers that they called; without those of a process that died."""
    found: list[RecordedCheck] = []
    with Process() as process:
        for check in checks:
            recorded = process.call_in_child(_SECONDS, _in_child_record, name, check)
            found += [] if isinstance(recorded, Lost) else recorded
    return found


def time_bare_loop(name: str, first: Sequence[RecordedCheck], rest: Sequence[RecordedCheck]) -> Times:
    """Return the times of a bare loop of ``rest`` in a process that did that of ``first``."""
    found: Times = _call(_in_child_bare_loop, name, first, rest)
    return found


def time_two_bare_loops(name: str, first: Sequence[RecordedCheck], rest: Sequence[RecordedCheck]) -> Times:
    """Return the times of two processes that share a bare loop of ``rest``: what the machine gives a second process.

    The wall time is that of the slower one, and the processor time that of both.
    """
    halves = (rest[::2], rest[1::2])
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(2) as pool:
        both: list[Times] = list(
            pool.map(lambda half: _call(_in_child_bare_loop, name, first, half, folder, len(halves)), halves)
        )
    return Times(max(one.wall for one in both), sum(one.processor for one in both))


def time_checks(name: str, first: Sequence[Check], rest: Sequence[Check]) -> CheckRun:
    """Run ``rest`` in a process that ran ``first``, without pytest."""
    found: CheckRun = _call(_in_child_checks, name, first, rest)
    return found


def _call(function: Callable[..., Any], *arguments: Any) -> Any:
    with Process() as process:
        found = process.call_in_child(_SECONDS, function, *arguments)
    if isinstance(found, Lost):
        raise RuntimeError("a process of the benchmark was lost: %s %s" % (found.reason, found.stderr))
    return found


def _in_child_record(name: str, check: Check) -> list[RecordedCheck]:
    return record_agreeing_checks([check], load_subject(name, Setting()))


def _in_child_bare_loop(
    name: str, first: Sequence[RecordedCheck], rest: Sequence[RecordedCheck], folder: str = "", processes: int = 1
) -> Times:
    """Measure ``rest``, beginning when all processes that share the folder have done ``first``."""
    subject = load_subject(name, Setting())
    run_bare_loop(subject, first)
    if processes > 1:
        Path(folder, str(os.getpid())).touch()
        while len(os.listdir(folder)) < processes:
            time.sleep(0.001)
    return measure_time(lambda: run_bare_loop(subject, rest))


def _in_child_checks(name: str, first: Sequence[Check], rest: Sequence[Check]) -> CheckRun:
    subject = load_subject(name, Setting())
    for check in first:
        run_check(check, subject, DEVICE)
    seconds = dict.fromkeys(PARTS, 0.0)
    verdicts: list[Verdict] = []

    def run() -> None:
        with sample_time_shares(seconds):
            verdicts.extend(run_check(check, subject, DEVICE) for check in rest)

    return CheckRun(measure_time(run), verdicts, seconds)
