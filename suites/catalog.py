"""The list of all suites, in the order in which a run executes them."""

from suites import (
    arguments,
    claims,
    empty,
    formula,
    forward,
    gradients,
    large,
    migration,
    promises,
    properties,
    rejection,
    roundtrip,
    shapes,
    signature,
    special,
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
    claims.SUITE,
    properties.SUITE,
    migration.SUITE,
)
