"""Tests of the Python that tox's environments get, where tox itself runs on one that TensorFlow has no wheel for."""

from __future__ import annotations

import sys
from configparser import ConfigParser
from pathlib import Path

import pytest

if sys.version_info < (3, 11):
    pytest.skip("reports need Python 3.11", allow_module_level=True)

from fixtures.run.options import ROOT
from reports.pythons import NEWEST, OLDEST, find_base_python


def _make_uv(folder: Path, script: str) -> str:
    path = folder / "uv"
    path.write_text("#!/bin/sh\n" + script, encoding="ascii")
    path.chmod(0o755)
    return str(path)


@pytest.mark.parametrize("running", [OLDEST, (3, 12), NEWEST])
def test_a_usable_python_needs_no_search(running: tuple[int, int]) -> None:
    """Then uv is not called."""
    assert find_base_python(running, "/no/uv") == ""


@pytest.mark.parametrize("running", [(3, 10), (3, 14)])
def test_another_python_is_replaced_by_an_installed_one(running: tuple[int, int], tmp_path: Path) -> None:
    """It is the one that uv finds within the bounds, without a download."""
    uv = _make_uv(tmp_path, 'echo "$@" >"$0.called"\necho /usr/bin/python3.12\n')
    assert find_base_python(running, uv) == "/usr/bin/python3.12"
    called = Path(uv + ".called").read_text(encoding="ascii").split()
    assert ">=3.11,<3.14" in called and "--no-python-downloads" in called


def test_without_an_installed_one_the_newest_is_named_for_uv_to_download(tmp_path: Path) -> None:
    """It is the name of a version, not a path."""
    assert find_base_python((3, 14), _make_uv(tmp_path, "exit 2\n")) == "python3.13"


def test_every_environment_without_a_python_of_its_own_gets_one() -> None:
    """A new environment of tox.ini must be listed in toxfile.py, or name its Python."""
    ini = ConfigParser(interpolation=None)
    ini.read(ROOT / "tox.ini", encoding="utf-8")
    plugin = (ROOT / "toxfile.py").read_text(encoding="utf-8")
    sections = [name for name in ini.sections() if not {"base_python", "skip_install"} & set(ini[name])]
    free = [name.partition(":")[2] for name in sections if ":" in name]
    assert "latest" in free
    assert [name for name in free if '"%s"' % name not in plugin] == []
