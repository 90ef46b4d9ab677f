"""The suite ``special``: NaN, infinities and the ends of the number range."""

from fixtures.case import Case
from fixtures.suite_registry import Selection, Suite, must_be_computed
from suites.special import check, snippet


def selects(case: Case, selection: Selection) -> bool:
    """Select linear activations, in the first mode and in ``xla``.

    What relu makes of NaN does not concern this layer.
    """
    return (
        must_be_computed(case, selection) and case.activation == "linear" and selection.mode in (selection.plain, "xla")
    )


SUITE = Suite(
    "special",
    check.run,
    "locality",
    snippet.snippet,
    modes=("eager", "graph", "xla"),
    selects=selects,
    one_in_by_mode={"xla": 8},
)
