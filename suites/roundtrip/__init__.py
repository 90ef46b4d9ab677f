"""The suite ``roundtrip``: what is restored from a configuration, a copy or a file behaves as the original."""

from fixtures.registry import Suite
from suites.roundtrip import check, snippet

SUITE = Suite(
    "roundtrip",
    check.run,
    check.CLAIM,
    snippet.snippet,
    variants=check.VARIANTS,
    variants_of=check.variants,
)
