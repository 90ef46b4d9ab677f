"""The test of the suite ``formula``: the legacy length functions, if a version has them."""

from __future__ import annotations

from typing import Any

import pytest

from fixtures.check import Check


@pytest.mark.suite("formula")
def test_formula(ask: Any, check: Check) -> None:
    """Check that a length function equals the formula, for every padding."""
    ask(check)
