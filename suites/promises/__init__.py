"""The suite ``promises``: losses, constraints, initializers, flags, names, input_spec."""

from fixtures.registry import Suite
from fixtures.snippets.contract import snippets_of
from suites.promises import check

SUITE = Suite(
    "promises",
    check.run,
    check.PROPERTY,
    snippets_of(check.plain_check),
    variants=tuple(check.VARIANTS),
    variants_of=check.variants,
)
