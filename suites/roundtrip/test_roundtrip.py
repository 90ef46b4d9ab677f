"""The test of the suite ``roundtrip``: configurations, copies and files."""

from __future__ import annotations

from typing import Any

import pytest

from fixtures.case import Case


@pytest.mark.suite("roundtrip")
def test_roundtrip(ask: Any, suite: str, case: Case, mode: str) -> None:
    """Check that what is restored behaves as the original."""
    ask(suite, case, mode)
