"""The suite ``shapes``: the shape of the output that is inferred before there is an output."""

from fixtures.registry import Suite
from suites.shapes import check, snippet

SUITE = Suite(
    "shapes",
    check.run,
    check.CLAIM,
    snippet.snippet,
    variants=tuple(check.VARIANTS),
    variants_of=check.variants,
    of_tier=True,
    thinned={"symbolic": 4, "traced": 8},
)
