"""The checkout that a sweep runs: its commit, and an archive of it for other machines."""

from __future__ import annotations

import subprocess

from reports.matrix_file import ROOT


def pack_checkout() -> bytes:
    """Return the tracked files of the checkout, with changes that are not committed, as a tar archive."""
    changed = _git("stash", "create").decode("ascii").strip()
    return _git("archive", "--format=tar", changed or "HEAD")


def commit_of_checkout() -> str:
    """Return the commit of the checkout, with a mark if files differ from it; an empty text without Git."""
    try:
        return _git("describe", "--always", "--dirty", "--abbrev=40").decode("ascii").strip()
    except (OSError, subprocess.CalledProcessError):
        return ""


def _git(*words: str) -> bytes:
    return subprocess.run(
        ["git", *words], cwd=ROOT, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ).stdout
