"""A check that crashes the NumPy layer with the fault ``dies-after-four``, and the checks before it."""

from __future__ import annotations

from dataclasses import replace

from fixtures.case import Case
from fixtures.cases.contract import PLAIN
from fixtures.check import Check

_CASE = Case(1, (4, 3), 1, 1, (2, 2), (1, 1), (1, 1))
# The fault needs four layers. These checks build none, three and one: two of the checks are needed, and neither is
# enough. Each check less saves several processes of the search, which test_crash_reproduction.py tests with forty.
BEFORE_CRASH = (
    Check("rejection", replace(PLAIN, dilation_rate=(1, 2)), "eager"),
    Check("roundtrip", PLAIN, "custom.json"),
    Check("forward", _CASE, "eager"),
)
CRASHING = Check("forward", Case(1, (4, 3), 1, 1, (5, 1), (1, 1), (1, 1)), "eager")
