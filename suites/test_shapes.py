"""Claim inferred-shape: what is said of the output's shape before there is one."""

from __future__ import annotations

from typing import Any

import pytest

from fixtures.case import Case


@pytest.mark.suite("shapes")
def test_shapes(ask: Any, suite: str, case: Case, mode: str) -> None:
    """compute_output_shape, a symbolic call and a trace say what the formula says, whatever is unknown."""
    ask(suite, case, mode)
