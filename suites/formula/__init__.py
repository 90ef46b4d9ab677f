"""The suite ``formula``: the functions of a version that compute lengths."""

from fixtures.snippets.contract import snippet_function_of_suite
from fixtures.suite_registry import Suite
from suites.formula import check

SUITE = Suite(
    "formula",
    check.run,
    check.PROPERTY,
    snippet_function_of_suite(check.plain_check),
    variants=tuple(check.VARIANTS),
    variants_of=check.variants,
)
