"""The suite ``properties``: checks of other suites on cases that Hypothesis draws."""

from fixtures.cases.drawn_checks import VARIANTS, variants
from fixtures.registry import Suite
from suites.properties import check

SUITE = Suite("properties", check.run, "values", check.snippet, variants=tuple(VARIANTS), variants_of=variants)
