"""The suite ``migration``: this release loads models of an older one."""

from fixtures.suite_registry import Suite
from suites.migration import check

SUITE = Suite(
    "migration",
    check.run,
    check.PROPERTY,
    check.snippet,
    variants_of=check.variants,
)
