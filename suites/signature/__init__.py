"""The suite ``signature``: names, order and defaults of the constructor's arguments."""

from fixtures.snippets.contract import snippet_function_of_suite
from fixtures.suite_registry import Suite
from suites.signature import check

SUITE = Suite(
    "signature",
    check.run,
    check.PROPERTY,
    snippet_function_of_suite(check.plain_check),
    variants=tuple(check.VARIANTS),
    variants_of=check.variants,
)
