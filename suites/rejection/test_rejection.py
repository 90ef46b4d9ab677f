"""The test of the suite ``rejection``: what must be refused is refused early, with the argument's name."""

from __future__ import annotations

from typing import Any

import pytest

from fixtures.check import Check


@pytest.mark.suite("rejection")
def test_rejection(ask: Any, check: Check) -> None:
    """Check for a ValueError or TypeError at construction or build that names the argument."""
    ask(check)
