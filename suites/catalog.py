"""The list of all suites, in the order in which a run executes them."""

from suites import (
    arguments,
    empty,
    formula,
    forward,
    gradients,
    hypothesis,
    large,
    migration,
    promises,
    rejection,
    roundtrip,
    shapes,
    signature,
    special,
    statements,
)

SUITES = (
    forward.SUITE,
    rejection.SUITE,
    gradients.SUITE,
    special.SUITE,
    large.SUITE,
    empty.SUITE,
    shapes.SUITE,
    arguments.SUITE,
    signature.SUITE,
    roundtrip.SUITE,
    promises.SUITE,
    formula.SUITE,
    statements.SUITE,
    hypothesis.SUITE,
    migration.SUITE,
)
