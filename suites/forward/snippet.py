"""The snippets of the suite ``forward``."""

from __future__ import annotations

from dataclasses import replace

from fixtures.cases.data_sets import data_sets, dense_integers
from fixtures.check import Check
from fixtures.frameworks.adapter import Subject
from fixtures.snippets.computed import computed


def snippet(check: Check, subject: Subject) -> str:
    """Return code for the first data set of the check."""
    data = next(data_sets(check.case)) if check.variant == subject.modes[0] else dense_integers(check.case)
    return computed(replace(check.case, batch=len(data.x)), data, subject, check.variant, "output")
