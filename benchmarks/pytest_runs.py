"""Runs of pytest in processes of their own, and their wall time and processor time."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Sequence

from fixtures.check import Check

ROOT = Path(__file__).resolve().parents[1]
_NOTHING = """import pytest


@pytest.mark.parametrize("number", range(%d))
def test_nothing(number):
    pass
"""


@dataclass(frozen=True)
class Times:
    """Seconds of wall time and of processor time, of all processes together."""

    wall: float
    processor: float

    def __sub__(self, other: Times) -> Times:
        return Times(self.wall - other.wall, self.processor - other.processor)

    def per(self, number: int) -> Times:
        """Return the times of one of ``number`` equal parts."""
        return Times(self.wall / number, self.processor / number)


def run_checks(checks: Sequence[Check], subject: str, folder: Path, *options: str) -> Times:
    """Return the times of a run of pytest that runs exactly these checks, which have one suite."""
    listed, ledger = folder / "checks.txt", folder / "ledger.jsonl"
    listed.write_text("".join("%s\n" % check for check in checks), encoding="ascii")
    if ledger.exists():
        ledger.unlink()
    given = ["suites/%s" % checks[0].suite, "--subject=%s" % subject, "--check=@%s" % listed]
    times = _run([*given, "--ledger=%s" % ledger, *options], ROOT)
    rows = ledger.read_text(encoding="utf-8").count('"kind": "verdict"')
    if rows != len(checks):
        raise RuntimeError("pytest asked %d checks in place of %d" % (rows, len(checks)))
    return times


def run_empty_tests(number: int, folder: Path) -> Times:
    """Return the times of a run of pytest with this many tests that do nothing."""
    (folder / "pytest.ini").write_text("[pytest]\n", encoding="utf-8")
    (folder / "test_nothing.py").write_text(_NOTHING % number, encoding="utf-8")
    return _run(["-p", "no:cacheprovider", "-p", "no:hypothesispytest", "test_nothing.py"], folder)


def _run(arguments: Sequence[str], folder: Path) -> Times:
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    command = [sys.executable, "-m", "pytest", "-q", *arguments]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("KERAS_PARITY_")}
    done = subprocess.run(command, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    wall, after = time.perf_counter() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode not in (0, 1):
        raise RuntimeError("pytest ended with status %d: %s" % (done.returncode, done.stdout.decode()[-1000:]))
    return Times(wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
