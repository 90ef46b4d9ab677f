"""The suite ``arguments``: arguments and inputs are accepted with their meaning, or refused by name."""

from fixtures.registry import Suite
from fixtures.snippets.contract import snippets_of
from suites.arguments import check
from suites.arguments.argument_forms import ARGUMENT_FORMS

SUITE = Suite(
    "arguments",
    check.run,
    check.PROPERTY,
    snippets_of(check.plain_check),
    variants=(*ARGUMENT_FORMS, *check.OTHERS),
    variants_of=check.variants,
    describe=check.describe,
)
