"""The suite ``large``: relations between answers, for large inputs."""

from fixtures.case import Case
from fixtures.suite_registry import Selection, Suite, must_be_computed
from suites.large import check, snippet
from suites.large.relations import is_large


def selects(case: Case, selection: Selection) -> bool:
    """Select large inputs that must be computed."""
    return must_be_computed(case, selection) and is_large(case)


SUITE = Suite(
    "large", check.run, "locality", snippet.snippet, modes=("eager", "graph", "xla", "predict"), selects=selects
)
