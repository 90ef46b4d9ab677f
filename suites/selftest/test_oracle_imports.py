"""Tests that the oracle imports only the standard library, NumPy and itself."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ALLOWED = {"__future__", "dataclasses", "itertools", "typing", "numpy", "fixtures.case"}
FRAMEWORKS = ("tensorflow", "keras", "tf_keras", "torch", "jax", "openvino")
SOURCES = sorted((ROOT / "fixtures" / "oracle").glob("*.py"))


def foreign_imports(source: str) -> list[str]:
    """Return the modules that a source imports and that oracle code may not import."""
    found = []
    for node in ast.walk(ast.parse(source)):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        names += [str(node.module)] if isinstance(node, ast.ImportFrom) else []
        names += ["__import__"] if isinstance(node, ast.Name) and node.id in ("__import__", "importlib") else []
        found += [name for name in names if name not in ALLOWED and not name.startswith("fixtures.oracle")]
    return found


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.stem)
def test_the_oracle_imports_only_numpy_and_itself(path: Path) -> None:
    """Every import statement of each source file is read."""
    assert foreign_imports(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    "line",
    ["import keras", "from tensorflow import nn", "from fixtures.frameworks import numpy_layer", "__import__('torch')"],
)
def test_an_import_of_a_framework_in_the_oracle_is_found(line: str) -> None:
    """The import may be inside a function."""
    assert foreign_imports("def output_length():\n    %s\n" % line)


def test_importing_the_oracle_loads_no_framework() -> None:
    """The import runs in a new process."""
    code = "import sys, fixtures.oracle.expectation; print([n for n in %r if n in sys.modules])" % (FRAMEWORKS,)
    ran = subprocess.run([sys.executable, "-c", code], cwd=str(ROOT), stdout=subprocess.PIPE, check=True)
    assert ran.stdout.decode().strip() == "[]"
