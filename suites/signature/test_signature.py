"""The test of the suite ``signature``: the arguments of constructor and call."""

from __future__ import annotations

from typing import Any

import pytest

from fixtures.check import Check


@pytest.mark.suite("signature")
def test_signature(ask: Any, check: Check) -> None:
    """Check that names, order, defaults and positions are the documented ones."""
    ask(check)
