"""The suite ``roundtrip``: what is restored from a configuration, a copy or a file behaves as the original."""

from fixtures.registry import Suite
from fixtures.snippets.contract import snippets_of
from suites.roundtrip import check

SUITE = Suite(
    "roundtrip",
    check.run,
    check.PROPERTY,
    snippets_of(check.plain_check),
    variants=check.VARIANTS,
    variants_of=check.variants,
)
