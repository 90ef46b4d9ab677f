"""The snippets of the suite ``gradients``."""

from __future__ import annotations

from fixtures.cases.data_sets import make_dense_integers
from fixtures.check import Check
from fixtures.frameworks.adapter import Subject
from fixtures.snippets.computed_results import make_computed_snippet


def snippet(check: Check, subject: Subject) -> str:
    """Return code for the first comparison of the check, of derivatives or of a training step."""
    what = "step" if check.variant == "train" else "gradients"
    return make_computed_snippet(check.case, make_dense_integers(check.case, "gradients"), subject, check.variant, what)
