"""The test of the suite ``forward``: an accepted configuration has the right shape, dtype, placement and values."""

from __future__ import annotations

from typing import Any

import pytest

from fixtures.check import Check


@pytest.mark.suite("forward")
def test_forward(ask: Any, check: Check) -> None:
    """Check that the output has the formula's shape and the case's dtype, is on the device and equals the reference."""
    ask(check)
