"""The test of the suite ``special``: special values reach exactly the cells of the index map (locality)."""

from __future__ import annotations

from typing import Any

import pytest

from fixtures.check import Check


@pytest.mark.suite("special")
def test_special(ask: Any, check: Check) -> None:
    """Check NaN, infinities, the greatest and the least numbers, in x and in the gradient at the output."""
    ask(check)
