"""The test of the suite ``migration``: this release loads what an older one stored. Needs --artefacts FOLDER."""

from __future__ import annotations

from typing import Any

import pytest

from fixtures.check import Check


@pytest.mark.suite("migration")
def test_migration(ask: Any, check: Check) -> None:
    """Check that the loaded layer or model computes what a layer of this release computes."""
    ask(check)
