"""The suites over the open-ended space: large and odd sizes, all axes at once, drawn by Hypothesis."""

from __future__ import annotations

from typing import Any

import pytest

from fixtures.case import Case


@pytest.mark.suite("properties")
def test_properties(ask: Any, suite: str, case: Case, mode: str) -> None:
    """No example fails that a known deviation does not cover; a failing one is shrunk and recorded."""
    ask(suite, case, mode)
