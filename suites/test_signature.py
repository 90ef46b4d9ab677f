"""Claim signature: the constructor's and call's arguments."""

from __future__ import annotations

from typing import Any

import pytest

from fixtures.case import Case


@pytest.mark.suite("signature")
def test_signature(ask: Any, suite: str, case: Case, mode: str) -> None:
    """Names, order, defaults and positions are the documented ones."""
    ask(suite, case, mode)
