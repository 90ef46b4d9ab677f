"""Claims from the field: what people say of this layer."""

from __future__ import annotations

from typing import Any

import pytest

from fixtures.case import Case


@pytest.mark.suite("claims")
def test_claims(ask: Any, suite: str, case: Case, mode: str) -> None:
    """The subject shows what the semantics predict of the claim."""
    ask(suite, case, mode)
