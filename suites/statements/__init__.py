"""The suite ``statements``: statements that people make about the layer."""

from fixtures.snippets.contract import snippet_function_of_suite
from fixtures.suite_registry import Suite
from suites.statements import check

SUITE = Suite(
    "statements",
    check.run,
    "shape",
    snippet_function_of_suite(check.plain_check),
    variants=tuple(check.STATEMENTS),
    variants_of=check.variants,
    describe=check.describe,
)
