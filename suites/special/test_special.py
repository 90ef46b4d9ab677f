"""The test of the suite ``special``: special values reach exactly the cells of the index map (locality)."""

from __future__ import annotations

from typing import Any

import pytest

from fixtures.case import Case


@pytest.mark.suite("special")
def test_special(ask: Any, suite: str, case: Case, mode: str) -> None:
    """Check NaN, infinities, the greatest and the least numbers, in x and in the gradient at the output."""
    ask(suite, case, mode)
