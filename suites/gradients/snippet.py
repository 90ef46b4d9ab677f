"""The snippets of the suite ``gradients``."""

from __future__ import annotations

from fixtures.case import Case
from fixtures.cases.data_sets import dense_integers
from fixtures.frameworks.adapter import Subject
from fixtures.snippets.computed import computed


def snippet(case: Case, mode: str, subject: Subject) -> str:
    """Return code for the first comparison of the check, of derivatives or of a training step."""
    what = "step" if mode == "train" else "gradients"
    return computed(case, dense_integers(case, "gradients"), subject, mode, what)
