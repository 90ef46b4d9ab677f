"""Claim round-trip across releases: what an older one wrote, this one loads. Needs --artefacts FOLDER."""

from __future__ import annotations

from typing import Any

import pytest

from fixtures.case import Case


@pytest.mark.suite("migration")
def test_migration(ask: Any, suite: str, case: Case, mode: str) -> None:
    """The loaded layer or model computes what the definition says."""
    ask(suite, case, mode)
