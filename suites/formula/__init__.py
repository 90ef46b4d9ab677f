"""The suite ``formula``: the functions of a version that compute lengths."""

from fixtures.registry import Suite
from fixtures.snippets.contract import snippets_of
from suites.formula import check

SUITE = Suite(
    "formula",
    check.run,
    check.PROPERTY,
    snippets_of(check.plain_check),
    variants=tuple(check.VARIANTS),
    variants_of=check.variants,
)
