"""Claim round-trip: configurations, copies and files."""

from __future__ import annotations

from typing import Any

import pytest

from fixtures.case import Case


@pytest.mark.suite("roundtrip")
def test_roundtrip(ask: Any, suite: str, case: Case, mode: str) -> None:
    """What comes back behaves as what went in."""
    ask(suite, case, mode)
