"""The suite ``migration``: this release loads models of an older one."""

from fixtures.registry import Suite
from suites.migration import check, snippet

SUITE = Suite(
    "migration",
    check.run,
    check.CLAIM,
    snippet.snippet,
    variants_of=check.variants,
)
