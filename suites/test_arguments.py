"""Arguments however they are spelled, and inputs that do not fit."""

from __future__ import annotations

from typing import Any

import pytest

from fixtures.case import Case


@pytest.mark.suite("arguments")
def test_arguments(ask: Any, suite: str, case: Case, mode: str) -> None:
    """Taken for what it means, or refused in time by its name."""
    ask(suite, case, mode)
