"""Makes the environment of a release with uv, once: it is kept, and further checks of the release use it."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from reports.matrix import run_requirements
from reports.matrix_file import ROOT, WITHOUT
from reports.pythons import find_uv
from reports.releases.requirements import ReleaseEnvironment

if sys.platform != "win32":
    import fcntl

FOLDER = ROOT / ".tox" / "releases"
_DONE = "complete.txt"  # holds what the environment was made from
_LONGEST = 400  # characters of uv's message


class CannotInstall(Exception):
    """uv cannot make the environment; the message is uv's reason, shortened."""


def folder_of(environment: ReleaseEnvironment) -> Path:
    """Return the folder of an environment, named after the release."""
    digest = hashlib.sha256("\n".join((environment.python, *environment.requirements)).encode("utf-8")).hexdigest()
    return FOLDER / ("%s-%s-%s" % (environment.release.distribution, environment.release.version, digest[:8]))


def make_environment(environment: ReleaseEnvironment) -> tuple[Path, float]:
    """Return the Python of the environment and the seconds that it took to make, 0 if it was there already.

    Raises ``CannotInstall``.
    """
    folder = folder_of(environment)
    python, done = folder / "bin" / "python", folder / _DONE
    text = "\n".join((*environment.requirements, *run_requirements())) + "\n"
    with _wait_for_lock(folder.with_name(folder.name + ".lock")):
        if python.exists() and done.exists() and done.read_text(encoding="utf-8") == text:
            return python, 0.0
        began = time.monotonic()
        _install(environment, folder, python)
        done.write_text(text, encoding="utf-8")
        return python, time.monotonic() - began


@contextmanager
def _wait_for_lock(path: Path) -> Iterator[None]:
    """Hold a lock, so that two bisections do not make the same environment at the same time."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a", encoding="utf-8") as file:
        if sys.platform != "win32":
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _install(environment: ReleaseEnvironment, folder: Path, python: Path) -> None:
    """Make the environment anew, in place of one that is old or half made."""
    shutil.rmtree(folder, ignore_errors=True)
    _run_uv("venv", "--quiet", "--python", environment.python, str(folder))
    overrides = folder / "overrides.txt"  # a newer TensorFlow requires a newer Keras than the one it is checked with
    left_out = WITHOUT[environment.without].read_text(encoding="utf-8") if environment.without else ""
    overrides.write_text("\n".join(environment.requirements) + "\n" + left_out, encoding="utf-8")
    command = ("pip", "install", "--quiet", "--python", str(python), "--override", str(overrides))
    _run_uv(*command, "--prerelease", "if-necessary-or-explicit", *environment.requirements, *run_requirements())


def _run_uv(*words: str) -> None:
    variables = dict(os.environ)
    if "PIP_FIND_LINKS" in variables:  # uv does not read pip's settings
        variables.setdefault("UV_FIND_LINKS", variables["PIP_FIND_LINKS"])
    ran = subprocess.run([find_uv(), *words], capture_output=True, text=True, check=False, env=variables)
    if ran.returncode:
        # uv draws its message as a tree; the words alone are kept.
        message = re.sub(r"[^\x20-\x7e]+", " ", ran.stderr)
        raise CannotInstall(" ".join(message.split())[:_LONGEST])
