"""Claim gradient: the derivatives of an accepted configuration are the adjoint's."""

from __future__ import annotations

from typing import Any

import pytest

from fixtures.case import Case


@pytest.mark.suite("gradients")
def test_gradients(ask: Any, suite: str, case: Case, mode: str) -> None:
    """dx, dkernel and dbias, second derivatives, and what a training step leaves of the weights."""
    ask(suite, case, mode)
