"""The test of the suite ``empty``: inputs without a batch, a cell or a channel."""

from __future__ import annotations

from typing import Any

import pytest

from fixtures.case import Case


@pytest.mark.suite("empty")
def test_empty(ask: Any, suite: str, case: Case, mode: str) -> None:
    """Check that the output is all bias, or that a refusal says what is empty."""
    ask(suite, case, mode)
