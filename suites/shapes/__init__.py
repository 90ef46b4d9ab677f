"""The suite ``shapes``: the shape of the output that is inferred before there is an output."""

from fixtures.snippets.contract import snippet_function_of_suite
from fixtures.suite_registry import Suite
from suites.shapes import check

SUITE = Suite(
    "shapes",
    check.run,
    check.PROPERTY,
    snippet_function_of_suite(check.plain_check),
    variants=tuple(check.VARIANTS),
    variants_of=check.variants,
    of_tier=True,
    one_in_by_mode={"symbolic": 4, "traced": 8},
)
