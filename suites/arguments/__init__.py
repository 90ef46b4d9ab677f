"""The suite ``arguments``: arguments and inputs are accepted with their meaning, or refused by name."""

from fixtures.snippets.contract import snippet_function_of_suite
from fixtures.suite_registry import Suite
from suites.arguments import check
from suites.arguments.argument_forms import ARGUMENT_FORMS

SUITE = Suite(
    "arguments",
    check.run,
    check.PROPERTY,
    snippet_function_of_suite(check.plain_check),
    variants=(*ARGUMENT_FORMS, *check.OTHERS),
    variants_of=check.variants,
    describe=check.describe,
)
