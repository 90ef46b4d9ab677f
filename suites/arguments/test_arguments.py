"""The test of the suite ``arguments``: forms of arguments, and inputs that do not fit."""

from __future__ import annotations

from typing import Any

import pytest

from fixtures.check import Check


@pytest.mark.suite("arguments")
def test_arguments(ask: Any, check: Check) -> None:
    """Check that an argument or input is accepted with its meaning, or refused in time by name."""
    ask(check)
