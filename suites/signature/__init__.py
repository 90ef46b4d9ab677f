"""The suite ``signature``: names, order and defaults of the constructor's arguments."""

from fixtures.registry import Suite
from suites.signature import check, snippet

SUITE = Suite(
    "signature",
    check.run,
    check.CLAIM,
    snippet.snippet,
    variants=tuple(check.VARIANTS),
    variants_of=check.variants,
)
