"""The snippets of the suite ``forward``."""

from __future__ import annotations

from dataclasses import replace

from fixtures.case import Case
from fixtures.cases.data_sets import data_sets, dense_integers
from fixtures.frameworks.adapter import Subject
from fixtures.snippets.computed import computed


def snippet(case: Case, mode: str, subject: Subject) -> str:
    """Return code for the first data set of the check."""
    data = next(data_sets(case)) if mode == subject.modes[0] else dense_integers(case)
    return computed(replace(case, batch=len(data.x)), data, subject, mode, "output")
