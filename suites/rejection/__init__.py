"""The suite ``rejection``: the layer refuses in time and by name what it must refuse."""

from fixtures.case import Case
from fixtures.suite_registry import Selection, Suite
from suites.rejection import check, snippet


def selects(case: Case, selection: Selection) -> bool:
    """Select what must be refused, only in the subject's first mode, so that each case is checked once."""
    return not selection.accepted and selection.mode == selection.plain


SUITE = Suite("rejection", check.run, "rejection", snippet.snippet, modes=("eager", "graph"), selects=selects)
