"""Every named fault is caught by the standard tier, and named by the diagnosis; a healthy double is not blamed."""

from __future__ import annotations

from typing import Iterator, Sequence

import pytest

from fixtures.case import Case
from fixtures.faults import FAULTS, HEALTHY, Fault, find
from fixtures.judge import SUITES, belongs, hear
from fixtures.space import cases
from fixtures.subjects.base import MODES
from fixtures.subjects.twin import Twin
from fixtures.verdict import Verdict

LIVE = [fault for fault in FAULTS if fault.name not in ("crashes", "hangs")]  # those two: test_isolation.py


def asked(
    suites: Sequence[str], modes: Sequence[str], chosen: Sequence[Case] | None = None
) -> Iterator[tuple[str, Case, str]]:
    """Every question of those suites and modes to the double."""
    for case in cases("standard") if chosen is None else chosen:
        for suite in suites:
            for mode in modes:
                if belongs(suite, case, "twin", mode):
                    yield suite, case, mode


def first_caught(fault: Fault, questions: Iterator[tuple[str, Case, str]]) -> Verdict | None:
    """The first verdict that is not agree."""
    double = Twin(fault)
    verdicts = (hear(suite, case, mode, double, "CPU:0") for suite, case, mode in questions)
    return next((verdict for verdict in verdicts if verdict.verdict != "agree"), None)


@pytest.mark.parametrize("fault", LIVE, ids=lambda fault: fault.name)
def test_fault_is_caught_and_named(fault: Fault) -> None:
    """Caught at all, not as a bug of ours, and by its own name where it shows in an answer."""
    verdict = first_caught(fault, asked([fault.suite], fault.modes or ("eager",)))
    assert verdict is not None and verdict.verdict != "suite-bug", verdict
    if fault.changes_values:
        assert fault.name in str(verdict.diagnosis).split(" or ")


SAMPLE = [case for case in cases("smoke") if case.rank == 2][::17] + [
    case for case in cases("smoke") if case.size == (64, 65)
][:1]


@pytest.mark.parametrize("fault", [fault for fault in LIVE if fault.only], ids=lambda fault: fault.name)
def test_what_only_one_suite_sees(fault: Fault) -> None:
    """No other suite notices, so that one is needed."""
    others = [suite for suite in SUITES if suite != fault.suite]
    assert first_caught(fault, asked(others, fault.modes or ("eager",), SAMPLE)) is None


@pytest.mark.parametrize("suite", SUITES)
def test_every_suite_is_needed_thrice(suite: str) -> None:
    """Three faults at least that it alone sees."""
    assert sum(fault.only and fault.suite == suite for fault in FAULTS) >= 3


@pytest.mark.parametrize("suite", SUITES)
def test_healthy_double_has_no_mismatch(suite: str) -> None:
    """No false alarm on the smoke tier, in any mode that differs for the double."""
    modes = [mode for mode in MODES if mode in ("eager", "dynamic", "predict", "train")]
    few = [case for number, case in enumerate(cases("smoke")) if suite == "forward" or number % 4 == 0]
    assert first_caught(HEALTHY, asked([suite], modes, few)) is None


def test_names_are_unique_and_findable() -> None:
    """A typo gets the nearest name."""
    assert len({fault.name for fault in FAULTS}) == len(FAULTS)
    with pytest.raises(ValueError, match="did you mean 'bias-missing'"):
        find("bias-mising")
