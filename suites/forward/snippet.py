"""The snippets of the suite ``forward``."""

from __future__ import annotations

from dataclasses import replace

from fixtures.cases.data_sets import make_dense_integers, yield_data_sets
from fixtures.check import Check
from fixtures.frameworks.adapter import Subject
from fixtures.snippets.computed_results import make_computed_snippet


def snippet(check: Check, subject: Subject) -> str:
    """Return code for the first data set of the check."""
    data = next(yield_data_sets(check.case)) if check.variant == subject.modes[0] else make_dense_integers(check.case)
    return make_computed_snippet(replace(check.case, batch=len(data.x)), data, subject, check.variant, "output")
