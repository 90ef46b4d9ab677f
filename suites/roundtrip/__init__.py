"""The suite ``roundtrip``: what is restored from a configuration, a copy or a file behaves as the original."""

from fixtures.snippets.contract import snippet_function_of_suite
from fixtures.suite_registry import Suite
from suites.roundtrip import check

SUITE = Suite(
    "roundtrip",
    check.run,
    check.PROPERTY,
    snippet_function_of_suite(check.plain_check),
    variants=check.VARIANTS,
    variants_of=check.variants,
    variants_of_named=check.variants_of_named,
)
