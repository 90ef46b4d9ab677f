"""The snippets of the suite ``special``."""

from __future__ import annotations

from dataclasses import replace

from fixtures.check import Check
from fixtures.frameworks.adapter import Subject
from fixtures.snippets.computed_results import make_computed_snippet
from suites.special.data import yield_comparisons


def snippet(check: Check, subject: Subject) -> str:
    """Return code for the first comparison of the check: special values in x."""
    first = yield_comparisons(check.case, False)[0]
    return make_computed_snippet(
        replace(check.case, batch=len(first.data.x)), first.data, subject, check.variant, first.what
    )
