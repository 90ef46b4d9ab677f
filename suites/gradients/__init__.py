"""The suite ``gradients``: first and second derivatives, and a training step."""

from fixtures.case import Case
from fixtures.suite_registry import Selection, Suite, must_be_computed
from suites.gradients import check, snippet


def selects(case: Case, selection: Selection) -> bool:
    """Select what must be computed, without training in mixed_float16.

    Such a model scales its loss and skips the steps that overflow.
    """
    return must_be_computed(case, selection) and not (selection.mode == "train" and case.dtype == "mixed_float16")


SUITE = Suite(
    "gradients",
    check.run,
    "gradient",
    snippet.snippet,
    modes=("eager", "graph", "xla", "compile", "train"),
    selects=selects,
    one_in_by_mode={"xla": 16, "train": 8, "compile": 16, "graph": 4},
)
