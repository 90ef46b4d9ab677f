"""The test of the suite ``signature``: the arguments of constructor and call."""

from __future__ import annotations

from typing import Any

import pytest

from fixtures.case import Case


@pytest.mark.suite("signature")
def test_signature(ask: Any, suite: str, case: Case, mode: str) -> None:
    """Check that names, order, defaults and positions are the documented ones."""
    ask(suite, case, mode)
