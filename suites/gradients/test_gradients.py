"""The test of the suite ``gradients``: the derivatives of an accepted configuration are those of the adjoint."""

from __future__ import annotations

from typing import Any

import pytest

from fixtures.check import Check


@pytest.mark.suite("gradients")
def test_gradients(ask: Any, check: Check) -> None:
    """Check dx, dkernel and dbias, second derivatives, and the weights after a training step."""
    ask(check)
