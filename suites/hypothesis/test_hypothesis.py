"""The test of the suite ``hypothesis``: Hypothesis draws cases with large and odd sizes, on all axes at once."""

from __future__ import annotations

from typing import Any

import pytest

from fixtures.check import Check


@pytest.mark.suite("hypothesis")
def test_hypothesis(ask: Any, check: Check) -> None:
    """Check that no example fails unless a known deviation covers it; shrink and record a failing one."""
    ask(check)
