"""The test of the suite ``promises``: losses, constraints, initializers, flags, names, input_spec."""

from __future__ import annotations

from typing import Any

import pytest

from fixtures.check import Check


@pytest.mark.suite("promises")
def test_promises(ask: Any, check: Check) -> None:
    """Check that the layer keeps one promise."""
    ask(check)
