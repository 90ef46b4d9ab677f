"""The test of the suite ``arguments``: spellings of arguments, and inputs that do not fit."""

from __future__ import annotations

from typing import Any

import pytest

from fixtures.case import Case


@pytest.mark.suite("arguments")
def test_arguments(ask: Any, suite: str, case: Case, mode: str) -> None:
    """Check that an argument or input is accepted with its meaning, or refused in time by name."""
    ask(suite, case, mode)
