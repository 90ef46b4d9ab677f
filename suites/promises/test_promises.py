"""The test of the suite ``promises``: losses, constraints, initializers, flags, names, input_spec."""

from __future__ import annotations

from typing import Any

import pytest

from fixtures.case import Case


@pytest.mark.suite("promises")
def test_promises(ask: Any, suite: str, case: Case, mode: str) -> None:
    """Check that the layer keeps one promise."""
    ask(suite, case, mode)
