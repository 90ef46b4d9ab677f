"""The suite ``formula``: the functions of a version that compute lengths."""

from fixtures.registry import Suite
from suites.formula import check, snippet

SUITE = Suite(
    "formula",
    check.run,
    check.CLAIM,
    snippet.snippet,
    variants=tuple(check.VARIANTS),
    variants_of=check.variants,
)
