"""Every named fault is caught by its suite, and named by the diagnosis; a healthy double is not blamed."""

from __future__ import annotations

from itertools import chain
from typing import Iterable, Iterator, Sequence

import pytest

from fixtures.case import Case
from fixtures.contract import empty
from fixtures.contract.cases import CASES
from fixtures.faults import FAULTS, HEALTHY, Fault, find
from fixtures.isolation import Isolated
from fixtures.registry import CONTRACT, CONTRACT_SUITES, MIGRATION, SUITES, hear, modes_asked
from fixtures.space import cases
from fixtures.subjects.base import MODES
from fixtures.subjects.twin import Twin
from fixtures.verdict import Verdict

LIVE = [fault for fault in FAULTS if not fault.fatal]  # the others: test_isolation.py, and below
EMPTY = tuple(empty.cases())


def asked(
    suites: Sequence[str], modes: Sequence[str], chosen: Iterable[Case] | None = None
) -> Iterator[tuple[str, Case, str]]:
    """Every question of those suites to the double: of the contract in all their ways, of the others in those modes."""
    for case in cases("standard") if chosen is None else chosen:
        for suite in suites:
            for mode in modes_asked(suite, case, "twin", (*modes, CONTRACT)):
                yield suite, case, mode


def first_caught(fault: Fault, questions: Iterator[tuple[str, Case, str]]) -> Verdict | None:
    """The first verdict that is not agree."""
    double = Twin(fault)
    verdicts = (hear(suite, case, mode, double, "CPU:0") for suite, case, mode in questions)
    return next((verdict for verdict in verdicts if verdict.verdict != "agree"), None)


@pytest.mark.parametrize("fault", LIVE, ids=lambda fault: fault.name)
def test_fault_is_caught_and_named(fault: Fault) -> None:
    """Caught at all, not as a bug of ours, and by its own name where it shows in an answer."""
    chosen = chain(CASES, EMPTY, cases("standard")) if SUITES[fault.suite].ways else None
    verdict = first_caught(fault, asked([fault.suite], fault.modes or ("eager",), chosen))
    assert verdict is not None and verdict.verdict != "suite-bug", verdict
    if fault.changes_values:
        assert fault.name in str(verdict.diagnosis).split(" or ")


# Few and small, so that all suites can be asked about each fault; two suites have their own, large or slow.
SAMPLE = (*CASES, *EMPTY, *[case for case in cases("smoke") if case.rank == 2 and max(case.size) < 9][::34])
OWN = {"large": [case for case in cases("smoke") if case.size == (64, 65)][:1], "roundtrip": CASES[:2]}


@pytest.mark.parametrize("fault", [fault for fault in LIVE if fault.only], ids=lambda fault: fault.name)
def test_what_only_one_suite_sees(fault: Fault) -> None:
    """No other suite notices, so that one is needed."""
    for suite in SUITES:
        questions = asked([suite], fault.modes or ("eager",), OWN.get(suite, SAMPLE))
        assert suite == fault.suite or first_caught(fault, questions) is None


@pytest.mark.parametrize("suite", [suite for suite in SUITES if suite != MIGRATION])
def test_every_suite_is_needed_thrice(suite: str) -> None:
    """Three faults at least that it alone sees."""
    assert sum(fault.only and fault.suite == suite for fault in FAULTS) >= 3


@pytest.mark.parametrize("suite", SUITES)
def test_healthy_double_has_no_mismatch(suite: str) -> None:
    """No false alarm on the smoke tier, in any mode that differs for the double."""
    modes = [mode for mode in MODES if mode in ("eager", "dynamic", "predict", "train")]
    named = {*CASES, *EMPTY}
    few = [case for n, case in enumerate(cases("smoke")) if suite == "forward" or n % 4 == 0 or case in named]
    assert first_caught(HEALTHY, asked([suite], modes, few)) is None


def test_death_of_an_empty_batch_is_a_verdict() -> None:
    """That fault is asked in a process of its own."""
    with Isolated("twin:dies-of-no-batch") as subject:
        assert subject.hear("empty", EMPTY[0], "eager", "CPU:0").verdict == "crashed"


def test_what_is_said_explains_no_output() -> None:
    """Diagnosis has no candidate that computes as the healthy double does."""
    candidates = [fault for fault in FAULTS if fault.changes_values]
    assert {fault.suite for fault in candidates} == {"forward", "gradients", "special"}
    assert not any(fault.fatal or fault.suite in CONTRACT_SUITES for fault in candidates)


def test_names_are_unique_and_findable() -> None:
    """A typo gets the nearest name."""
    assert len({fault.name for fault in FAULTS}) == len(FAULTS)
    with pytest.raises(ValueError, match="did you mean 'bias-missing'"):
        find("bias-mising")
