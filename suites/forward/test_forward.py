"""The test of the suite ``forward``: an accepted configuration has the right shape, dtype, placement and values."""

from __future__ import annotations

from typing import Any

import pytest

from fixtures.case import Case


@pytest.mark.suite("forward")
def test_forward(ask: Any, suite: str, case: Case, mode: str) -> None:
    """Check that the output has the formula's shape and the case's dtype, is on the device and equals the reference."""
    ask(suite, case, mode)
