"""Runs pytest in a process of its own that is forked, for tests that send signals to a run.

A new interpreter takes a third of a second to import pytest and this project. A forked process gets signals, writes
files and ends as a new one does. Its child processes are new interpreters, as those of any run. Its modules and caches
are those of the server, so a fault that only a new import shows is not detected by these tests.
"""

from __future__ import annotations

import importlib
import os
import subprocess
import sys
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, Mapping, Sequence

import pytest

from suites.fuzz.system_processes import prepare_run
from suites.selftest.fork_server import as_in_new_interpreter, start_forked


class ForkedRun:
    """A run of pytest whose output goes to an open file, with what the tests need of ``subprocess.Popen``."""

    def __init__(self, words: Sequence[str], environment: Mapping[str, str], root: str, output: int) -> None:
        written = Connection(os.dup(output), readable=False)  # this is how a process may get an open file
        self._process = start_forked(_in_child_run_pytest, (words, environment, root, written))
        written.close()
        self.pid = int(self._process.pid)

    @property
    def returncode(self) -> int | None:
        """Return the exit status, or minus the number of the signal that ended the process; None while it runs."""
        status: int | None = self._process.exitcode
        return status

    def poll(self) -> int | None:
        """Return ``returncode``."""
        return self.returncode

    def send_signal(self, number: int) -> None:
        """Send a signal to the process, if it has not ended."""
        if self.returncode is None:
            os.kill(self.pid, number)

    def wait(self, timeout: float) -> int:
        """Wait for the end; return ``returncode``. Raises ``subprocess.TimeoutExpired`` after ``timeout`` seconds."""
        self._process.join(timeout)
        if self.returncode is None:
            raise subprocess.TimeoutExpired("pytest", timeout)
        return self.returncode


class ForkedRunInFolder(ForkedRun):
    """A run with its files in a folder, as ``start_pytest`` starts it."""

    def __init__(self, folder: Path, words: Sequence[str]) -> None:
        self._output = folder / "output.txt"
        with self._output.open("wb") as output:
            super().__init__(*prepare_run(folder, words), output.fileno())

    def communicate(self, timeout: float) -> tuple[bytes, None]:
        """Wait as ``wait`` does; return what was printed."""
        self.wait(timeout)
        return self._output.read_bytes(), None


def _in_child_run_pytest(words: Sequence[str], environment: Mapping[str, str], root: str, output: Connection) -> None:
    os.setsid()
    name = "resource_tracker" if sys.version_info >= (3, 8) else "semaphore_tracker"
    tracker: Any = getattr(importlib.import_module("multiprocessing." + name), "_" + name)
    tracker._fd = tracker._pid = None  # that of the tests; a run has its own
    os.dup2(output.fileno(), 1)
    os.dup2(1, 2)
    output.close()
    sys.argv = ["pytest", *words]
    with as_in_new_interpreter(root, environment):
        sys.exit(pytest.console_main())
