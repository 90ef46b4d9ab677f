"""The suite ``promises``: losses, constraints, initializers, flags, names, input_spec."""

from fixtures.registry import Suite
from suites.promises import check, snippet

SUITE = Suite(
    "promises",
    check.run,
    check.CLAIM,
    snippet.snippet,
    variants=tuple(check.VARIANTS),
    variants_of=check.variants,
)
