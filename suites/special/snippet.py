"""The snippets of the suite ``special``."""

from __future__ import annotations

from dataclasses import replace

from fixtures.check import Check
from fixtures.frameworks.adapter import Subject
from fixtures.snippets.computed import computed
from suites.special.data import comparisons


def snippet(check: Check, subject: Subject) -> str:
    """Return code for the first comparison of the check: special values in x."""
    first = comparisons(check.case, False)[0]
    return computed(replace(check.case, batch=len(first.data.x)), first.data, subject, check.variant, first.what)
