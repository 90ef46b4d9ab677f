"""The checks that detect a fault, as they were measured, so that a test need not search for them."""

from __future__ import annotations

from functools import lru_cache
from typing import Mapping, Sequence

from fixtures.check import Check
from fixtures.fault_matrix.measured_checks import read_measurements
from fixtures.faults import Fault
from fixtures.oracle.term_counts import count_products


def find_detecting_checks(fault: Fault) -> list[Check]:
    """Return checks of the fault's suite, in its modes or else in eager, that detect it; the smallest first.

    The list is empty for a fault that was not measured yet.
    """
    modes = fault.modes or ("eager",)
    found = [check for check in _checks_by_fault().get(fault.name, ()) if check.suite == fault.suite]
    chosen = [check for check in found if check.variant in modes] or found
    return sorted(chosen, key=lambda check: count_products(check.case, "output"))


@lru_cache(maxsize=1)
def _checks_by_fault() -> Mapping[str, Sequence[Check]]:
    checks: dict[str, list[Check]] = {}
    for measured in read_measurements().checks:
        for name in measured.faults:
            checks.setdefault(name, []).append(measured.check)
    return checks
