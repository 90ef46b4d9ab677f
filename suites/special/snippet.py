"""The snippets of the suite ``special``."""

from __future__ import annotations

from dataclasses import replace

from fixtures.case import Case
from fixtures.frameworks.adapter import Subject
from fixtures.snippets.computed import computed
from suites.special.data import checks


def snippet(case: Case, mode: str, subject: Subject) -> str:
    """Return code for the first comparison of the check: special values in x."""
    check = checks(case, False)[0]
    return computed(replace(case, batch=len(check.data.x)), check.data, subject, mode, check.what)
