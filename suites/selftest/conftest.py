"""Hypothesis profiles of our own: versions for old Pythons do not load a CI profile by themselves."""

from __future__ import annotations

from hypothesis import settings

settings.register_profile("parity", derandomize=True, deadline=None, database=None, max_examples=200)
settings.load_profile("parity")
