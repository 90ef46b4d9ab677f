"""The suite ``empty``: if there is nothing to compute, the output is all bias, or a refusal says why."""

from fixtures.case import Case
from fixtures.cases.empty import empty_cases, is_empty
from fixtures.suite_registry import Selection, Suite
from suites.empty import check, snippet

CASES = frozenset(empty_cases())


def selects(case: Case, selection: Selection) -> bool:
    """Select the empty cases, and the other cases of ``CASES``."""
    return selection.accepted and (is_empty(case) or case in CASES)


SUITE = Suite(
    "empty",
    check.run,
    "values",
    snippet.snippet,
    modes=("eager", "graph", "dynamic", "xla", "compile", "predict"),
    selects=selects,
)
