"""The suite ``promises``: losses, constraints, initializers, flags, names, input_spec."""

from fixtures.snippets.contract import snippet_function_of_suite
from fixtures.suite_registry import Suite
from suites.promises import check

SUITE = Suite(
    "promises",
    check.run,
    check.PROPERTY,
    snippet_function_of_suite(check.plain_check),
    variants=check.NAMES,
    variants_of=check.variants,
    variants_of_named=check.variants_of_named,
)
