"""Makes the report of pytest-html for a number of tests, for comparison with the page."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

_TESTS = '''"""Tests that ask nothing; five in a hundred fail with a message of six thousand characters."""
import pytest


@pytest.mark.parametrize("number", range(%d))
def test_question(number):
    assert number %% 20, "entry %%d differs; " %% number * 300
'''


def make_pytest_html_report(tests: int, folder: Path) -> Path:
    """Run this many tests and return the path of pytest-html's self-contained report."""
    (folder / "test_many.py").write_text(_TESTS % tests, encoding="utf-8")
    (folder / "pytest.ini").write_text("[pytest]\n", encoding="utf-8")
    path = folder / "pytest.html"
    command = [sys.executable, "-m", "pytest", "-q", "--tb=short", "--no-header", "-p", "no:cacheprovider"]
    command += ["--html=%s" % path, "--self-contained-html", "test_many.py"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if not path.exists():
        raise RuntimeError("pytest-html made no report: %s" % (done.stdout + done.stderr)[-1000:])
    return path
