"""The test of the suite ``gradients``: the derivatives of an accepted configuration are those of the adjoint."""

from __future__ import annotations

from typing import Any

import pytest

from fixtures.case import Case


@pytest.mark.suite("gradients")
def test_gradients(ask: Any, suite: str, case: Case, mode: str) -> None:
    """Check dx, dkernel and dbias, second derivatives, and the weights after a training step."""
    ask(suite, case, mode)
