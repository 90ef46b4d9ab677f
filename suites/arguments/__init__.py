"""The suite ``arguments``: arguments and inputs are accepted with their meaning, or refused by name."""

from fixtures.registry import Suite
from fixtures.snippets.contract import snippets_of
from suites.arguments import check
from suites.arguments.spellings import SPELLINGS

SUITE = Suite(
    "arguments",
    check.run,
    check.PROPERTY,
    snippets_of(check.plain_check),
    variants=(*SPELLINGS, *check.OTHERS),
    variants_of=check.variants,
    describe=check.told,
)
