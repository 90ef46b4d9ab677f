"""Runs pytest in a new process, and chooses the first cases that meet a condition, for tests of whole runs."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from fixtures.cases.tiers import cases_of_tier
from fixtures.check import Check
from fixtures.suite_registry import is_checked

ROOT = Path(__file__).resolve().parents[2]
SUITES = ("suites/forward", "suites/rejection")


def run_pytest(*arguments: object, **environment: str) -> tuple[int, str]:
    """Run pytest in a new process; return its exit status and output."""
    alone = {} if "-n" in arguments else {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}  # starts a second faster
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("KERAS_PARITY", "PYTEST"))}
    ran = subprocess.run(
        [sys.executable, "-m", "pytest", *SUITES, *map(str, arguments)],
        cwd=str(ROOT),
        env={**clean, **alone, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
    )
    return ran.returncode, ran.stdout.decode("utf-8", "replace")


def options_of_first_cases(condition: Any, count: int) -> list[str]:
    """Return ``--case`` options for the first computed smoke cases that meet the condition."""
    found = [
        case.id
        for case in cases_of_tier("standard")
        if is_checked(Check("forward", case, "eager"), "numpy_layer") and condition(case)
    ][:count]
    return [word for name in found for word in ("--case", name)]
