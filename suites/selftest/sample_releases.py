"""Releases, an environment and ways to run pytest for the tests of ``python -m reports bisect``."""

from __future__ import annotations

import io
import shlex
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from types import SimpleNamespace
from typing import Mapping

import pytest
from packaging.version import Version

from reports.releases.package_index import PublishedRelease
from reports.releases.requirements import ReleaseEnvironment
from suites.selftest.pytest_in_process import restore_process
from suites.selftest.pytest_runs import ROOT


def make_releases(count: int) -> list[PublishedRelease]:
    """Return so many releases, 3.0.0, 3.1.0 and so on."""
    return [PublishedRelease(Version("3.%d.0" % number), "keras") for number in range(count)]


def make_environment(subject: str) -> ReleaseEnvironment:
    """Return an environment in which a subject of this Python is checked."""
    return ReleaseEnvironment(make_releases(1)[0], "3.11", ("keras==3.0.0",), subject, "numpy", "")


def run_in_this_process(
    command: list[str], cwd: Path, env: Mapping[str, str], **more: object
) -> subprocess.CompletedProcess[str]:
    """Run the checker's call of pytest in this process, as ``subprocess.run`` does in a new one."""
    assert command[:3] == [sys.executable, "-m", "pytest"] and cwd == ROOT
    output = io.StringIO()
    given = {name: value for name, value in env.items() if not name.startswith("PYTEST")}
    with restore_process(given), redirect_stdout(output), redirect_stderr(output):
        status = pytest.main(["--capture=no", *command[3:]])
    return subprocess.CompletedProcess(command, int(status), output.getvalue(), "")


IN_THIS_PROCESS = SimpleNamespace(run=run_in_this_process, TimeoutExpired=subprocess.TimeoutExpired)


def make_python_that_copies(ledger: Path, folder: Path) -> Path:
    """Return a program in place of Python that copies a ledger to where pytest would write it.

    It stands for a run of pytest where a test asks what the checker does before and after it.
    """
    script = folder / "python"
    words = 'for word; do case "$word" in --ledger=*) cp %s "${word#--ledger=}";; esac; done'
    script.write_text("#!/bin/sh\n%s\n" % words % shlex.quote(str(ledger)), encoding="utf-8")
    script.chmod(0o700)
    return script
