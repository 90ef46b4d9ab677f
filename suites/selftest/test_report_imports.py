"""Tests that the dependency group ``report`` has all that ``python -m reports`` imports."""

from __future__ import annotations

import ast
import re
import sys
from pathlib import Path

import pytest

if sys.version_info < (3, 11):
    pytest.skip("reports need Python 3.11", allow_module_level=True)

import tomllib

ROOT = Path(__file__).resolve().parents[2]
OWN = ("command_line", "fixtures", "reports", "suites")


def imported_packages(source: str) -> set[str]:
    """Return the top-level names of the packages that a source imports and that Python does not bring."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module.partition(".")[0])
    return found - set(sys.stdlib_module_names) - set(OWN)


def test_the_group_report_has_what_the_reports_import() -> None:
    """Sweeps have a group of their own, and tomli is for a Python that has no tomllib."""
    groups = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["dependency-groups"]
    names = {re.split(r"[^\w-]", entry)[0] for entry in groups["report"]}
    sources = [path for path in (ROOT / "reports").rglob("*.py") if "sweep" not in path.parts]
    imported = {name for path in sources for name in imported_packages(path.read_text(encoding="utf-8"))}
    assert imported - {"tomli"} <= names, sorted(imported - names)


def test_an_import_below_a_function_counts() -> None:
    """So does one of a part of a package."""
    assert imported_packages("import os\nfrom packaging.version import Version\ndef f():\n    import jinja2") == {
        "jinja2",
        "packaging",
    }
