"""A command in the environment of a cell, which tox makes if it is not there."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence

from reports.matrix_file import ROOT

SECONDS = 1800  # the limit for one cell, including its installation


def run_in_cell(name: str, command: Sequence[str]) -> tuple[int, str, str]:
    """Run a command in a cell's environment; return its exit status, its output and its errors.

    The last lines of the output are those of tox.
    """
    full = [sys.executable, "-m", "tox", "exec", "-q", "-e", name, "--", *command]
    try:
        ran = subprocess.run(full, cwd=ROOT, capture_output=True, text=True, check=False, timeout=SECONDS)
    except subprocess.TimeoutExpired:
        return 1, "", "no end within %d s" % SECONDS
    return ran.returncode, ran.stdout, ran.stderr
