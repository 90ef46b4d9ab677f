"""Every named fault is caught by the standard tier, and named by the diagnosis; a healthy double is not blamed."""

from __future__ import annotations

import pytest

from fixtures.faults import FAULTS, Fault, find
from fixtures.judge import belongs, hear
from fixtures.space import cases
from fixtures.subjects.twin import Twin
from fixtures.verdict import Verdict

SUITES = ("forward", "rejection")
LIVE = [fault for fault in FAULTS if fault.name not in ("crashes", "hangs")]  # those two: test_isolation.py


def first_caught(fault: Fault) -> Verdict | None:
    """The first verdict of the standard tier that is not agree."""
    double = Twin(fault)
    for case in cases("standard"):
        suite = SUITES[not belongs("forward", case, "twin")]
        verdict = hear(suite, case, "eager", double, "CPU:0")
        if verdict.verdict != "agree":
            return verdict
    return None


@pytest.mark.parametrize("fault", LIVE, ids=lambda fault: fault.name)
def test_fault_is_caught_and_named(fault: Fault) -> None:
    """Caught at all, not as a bug of ours, and by its own name where it shows in an output."""
    verdict = first_caught(fault)
    assert verdict is not None and verdict.verdict != "suite-bug", verdict
    if fault.changes_values:
        assert fault.name in str(verdict.diagnosis).split(" or ")


def test_healthy_double_has_no_mismatch() -> None:
    """No false alarm on the whole smoke tier."""
    double = Twin(Fault("healthy", "nothing is wrong"))
    for case in cases("smoke"):
        verdict = hear(SUITES[not belongs("forward", case, "twin")], case, "eager", double, "CPU:0")
        assert verdict.verdict == "agree", (case.id, verdict)


def test_names_are_unique_and_findable() -> None:
    """A typo gets the nearest name."""
    assert len({fault.name for fault in FAULTS}) == len(FAULTS)
    with pytest.raises(ValueError, match="did you mean 'bias-missing'"):
        find("bias-mising")
