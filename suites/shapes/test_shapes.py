"""The test of the suite ``shapes``: the shape of the output that is inferred before there is an output."""

from __future__ import annotations

from typing import Any

import pytest

from fixtures.check import Check


@pytest.mark.suite("shapes")
def test_shapes(ask: Any, check: Check) -> None:
    """Check that compute_output_shape, a symbolic call and a trace agree with the formula, whatever is unknown."""
    ask(check)
