"""Claims shape, dtype, placement and values: an accepted configuration computes what it must."""

from __future__ import annotations

from typing import Any

import pytest

from fixtures.case import Case


@pytest.mark.suite("forward")
def test_forward(ask: Any, suite: str, case: Case, mode: str) -> None:
    """The output has the formula's shape, the case's dtype, lies on the device and equals the reference."""
    ask(suite, case, mode)
