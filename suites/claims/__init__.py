"""The suite ``claims``: statements that people make about the layer."""

from fixtures.registry import Suite
from suites.claims import check, snippet

SUITE = Suite(
    "claims",
    check.run,
    "shape",
    snippet.snippet,
    variants=tuple(check.CLAIMS),
    variants_of=check.variants,
    describe=check.told,
)
