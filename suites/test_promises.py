"""The layer's other promises: losses, constraints, initializers, flags, names, input_spec."""

from __future__ import annotations

from typing import Any

import pytest

from fixtures.case import Case


@pytest.mark.suite("promises")
def test_promises(ask: Any, suite: str, case: Case, mode: str) -> None:
    """One promise is kept."""
    ask(suite, case, mode)
