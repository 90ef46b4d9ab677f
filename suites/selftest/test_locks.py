"""Tests of the lock files: every package has a version and hashes, and the CI installs its tools from a lock."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

from fixtures.run.options import ROOT

if sys.version_info < (3, 11):
    pytest.skip("matrix.toml is read with Python 3.11", allow_module_level=True)

from reports.matrix import LOCKS
from reports.matrix_file import read_cells

CI_TOOLS = ROOT / ".ci" / "requirements.txt"


def find_unlocked_requirements(text: str) -> list[str]:
    """Return the requirements of a lock file that have no exact version or no hash."""
    lines = re.sub(r"\\\n", "", re.sub(r"(?m)^\s*#.*\n", "", text)).splitlines()
    return [
        line
        for line in lines
        if line and not re.match(r"[a-z0-9.-]+==\S+( ;.*?)?(\s+--hash=sha256:[0-9a-f]{64})+$", line)
    ]


@pytest.mark.parametrize("path", [*sorted(LOCKS.glob("*.txt")), CI_TOOLS], ids=lambda path: path.name)
def test_every_locked_requirement_has_a_version_and_hashes(path: Path) -> None:
    """An installer then refuses another file of the same name."""
    text = path.read_text(encoding="utf-8")
    assert text.count("==") > 5 and find_unlocked_requirements(text) == []


def test_every_environment_of_the_matrix_has_a_lock_file() -> None:
    """No lock file is left from an environment that was removed."""
    assert {path.stem for path in LOCKS.glob("*.txt")} == {cell.environment for cell in read_cells()}


def test_the_lock_of_every_cell_has_the_exact_versions_of_the_matrix() -> None:
    """It also has the packages of the run itself."""
    cells = read_cells()
    assert len({cell.name for cell in cells}) == len(cells) > 40
    for cell in cells:
        locked = (LOCKS / (cell.environment + ".txt")).read_text(encoding="utf-8").split()
        assert {pin for pin in cell.requires if "==" in pin} <= set(locked), cell.name
        assert any(line.startswith("pytest==") for line in locked)


@pytest.mark.parametrize(
    "text", ["namex\n", "namex==0.1.0\n", "namex>=0.1 --hash=sha256:" + "0" * 64, "namex==0.1.0 --hash=md5:12\n"]
)
def test_a_requirement_without_version_or_hash_is_found(text: str) -> None:
    """A weak hash counts as none."""
    assert find_unlocked_requirements(text) != []


@pytest.mark.parametrize("path", [".ci/run", ".github/workflows/matrix.yml"])
def test_the_ci_installs_tox_from_a_lock_with_hashes(path: str) -> None:
    """Every ``pip install`` in the file requires hashes."""
    installs = re.findall(r"pip install (.*)", (ROOT / path).read_text(encoding="utf-8"))
    assert installs and all("--require-hashes -r .ci/requirements.txt" in one for one in installs)
