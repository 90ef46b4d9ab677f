"""The test of the suite ``large``: locality and determinism, by relations between answers on large inputs."""

from __future__ import annotations

from typing import Any

import pytest

from fixtures.check import Check


@pytest.mark.suite("large")
def test_large(ask: Any, check: Check) -> None:
    """Check batch independence, linearity and shift equivariance, and that two runs give the same bits."""
    ask(check)
