"""The suite ``hypothesis``: checks of other suites on cases that Hypothesis draws."""

from fixtures.cases.drawn_checks import VARIANTS, list_properties
from fixtures.suite_registry import Suite
from suites.hypothesis import check

SUITE = Suite("hypothesis", check.run, "values", check.snippet, variants=tuple(VARIANTS), variants_of=list_properties)
