"""Chooses the Python of the tox environments, which ``toxfile.py`` sets. Needs only the standard library."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

OLDEST, NEWEST = (3, 11), (3, 13)  # the Pythons that TensorFlow has wheels for and that the pages run on


def find_base_python(running: tuple[int, int], uv: str) -> str:
    """Return the Python for the environments: empty if the running one will do, else an installed one, else the newest.

    The environments' own uv downloads a Python that is not installed.
    """
    if OLDEST <= running <= NEWEST:
        return ""
    versions = ">=%d.%d,<%d.%d" % (*OLDEST, NEWEST[0], NEWEST[1] + 1)
    command = [uv, "python", "find", "--no-project", "--no-python-downloads", "--python-preference=system", versions]
    found = subprocess.run(command, capture_output=True, text=True)
    return found.stdout.strip() if found.returncode == 0 else "python%d.%d" % NEWEST


def find_uv() -> str:
    """Return the path of uv: the one that tox-uv brings, else the one on PATH."""
    beside = Path(sys.executable).with_name("uv")
    return str(beside) if beside.exists() else shutil.which("uv") or "uv"
