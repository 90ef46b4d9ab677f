"""The test of the suite ``statements``: what people say about the layer."""

from __future__ import annotations

from typing import Any

import pytest

from fixtures.check import Check


@pytest.mark.suite("statements")
def test_statements(ask: Any, check: Check) -> None:
    """Check that the subject shows what the semantics predict about a statement."""
    ask(check)
