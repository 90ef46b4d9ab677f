"""The suite ``arguments``: arguments and inputs are accepted with their meaning, or refused by name."""

from fixtures.registry import Suite
from suites.arguments import check, snippet
from suites.arguments.spellings import SPELLINGS

SUITE = Suite(
    "arguments",
    check.run,
    check.CLAIM,
    snippet.snippet,
    variants=(*SPELLINGS, *check.OTHERS),
    variants_of=check.variants,
    describe=check.told,
)
