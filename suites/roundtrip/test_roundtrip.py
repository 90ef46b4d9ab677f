"""The test of the suite ``roundtrip``: configurations, copies and files."""

from __future__ import annotations

from typing import Any

import pytest

from fixtures.check import Check


@pytest.mark.suite("roundtrip")
def test_roundtrip(ask: Any, check: Check) -> None:
    """Check that what is restored behaves as the original."""
    ask(check)
