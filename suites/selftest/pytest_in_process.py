"""Runs pytest in this process, for tests of what a run writes: a new process takes as long as a hundred checks."""

from __future__ import annotations

import contextlib
import io
import os
import signal
from typing import Any, Iterator
from unittest import mock

import pytest

from reports import ledger
from suites.selftest.forked_workers import FOR_THIS_PROCESS, workers_forked
from suites.selftest.pytest_runs import ROOT, SUITES


def call_pytest(*arguments: object, **environment: str) -> tuple[int, str]:
    """Run pytest in this process, as ``run_pytest`` does in a new one; return its exit status and output.

    The subject and the workers of ``-n`` have their own processes nevertheless. Afterwards the working directory, the
    environment variables and the handlers of signals are what they were. The unraisable exceptions of this process are
    reported by the run of the tests: pytest would collect the garbage of all tests five times to find them.
    """
    output, plugins = io.StringIO(), ("-p", "xdist") if "-n" in arguments else ()
    environment = {**environment, FOR_THIS_PROCESS: "-p no:unraisableexception"}
    redirected = contextlib.redirect_stdout(output), contextlib.redirect_stderr(output)
    with restore_process(environment), workers_forked(), redirected[0], redirected[1]:
        status = pytest.main(["--capture=sys", *plugins, *SUITES, *map(str, arguments)])
    return int(status), output.getvalue()


@contextlib.contextmanager
def restore_process(environment: dict[str, str]) -> Iterator[None]:
    """Enter the root folder with the given variables and without those of the caller's run; undo it at the end."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("KERAS_PARITY", "PYTEST"))}
    numbers = [getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]
    folder, handlers = os.getcwd(), {number: signal.getsignal(number) for number in numbers}
    with mock.patch.dict(os.environ, {**clean, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", **environment}, clear=True):
        os.chdir(str(ROOT))
        try:
            yield
        finally:
            os.chdir(folder)
            for number, handler in handlers.items():
                signal.signal(number, handler)


def sorted_verdict_rows(run: ledger.Ledger) -> list[dict[str, Any]]:
    """Return the rows of a ledger, sorted by check, without what the process that ran a check decides.

    That is the time, and whether a row describes the smallest failing neighbour or refers to it.
    """
    rows = [{key: value for key, value in row.items() if key not in ("seconds", "smallest")} for row in run.rows]
    return sorted(rows, key=lambda row: (row["case"], row["suite"], row["variant"]))
