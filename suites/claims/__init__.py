"""The suite ``claims``: statements that people make about the layer."""

from fixtures.registry import Suite
from fixtures.snippets.contract import snippets_of
from suites.claims import check

SUITE = Suite(
    "claims",
    check.run,
    "shape",
    snippets_of(check.plain_check),
    variants=tuple(check.CLAIMS),
    variants_of=check.variants,
    describe=check.told,
)
