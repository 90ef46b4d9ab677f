"""The test of the suite ``empty``: inputs without a batch, a cell or a channel."""

from __future__ import annotations

from typing import Any

import pytest

from fixtures.check import Check


@pytest.mark.suite("empty")
def test_empty(ask: Any, check: Check) -> None:
    """Check that the output is all bias, or that a refusal says what is empty."""
    ask(check)
