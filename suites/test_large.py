"""Claims locality and determinism, by relations between answers on large inputs."""

from __future__ import annotations

from typing import Any

import pytest

from fixtures.case import Case


@pytest.mark.suite("large")
def test_large(ask: Any, suite: str, case: Case, mode: str) -> None:
    """Batch elements are independent, the map is linear and moves with its input; two runs give the same bits."""
    ask(suite, case, mode)
