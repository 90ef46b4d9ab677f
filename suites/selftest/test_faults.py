"""Every named fault is caught by its suite, and named by the diagnosis; a healthy double is not blamed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from fixtures.contract.cases import CASES
from fixtures.faults import FAULTS, HEALTHY, Fault, find
from fixtures.isolation import Isolated
from fixtures.kill import ASKED, EMPTY, shoot, summary
from fixtures.registry import CONTRACT_SUITES, SUITES
from fixtures.space import cases
from fixtures.subjects.base import MODES

LIVE = [fault for fault in FAULTS if not fault.fatal]  # the others: test_isolation.py, and below


@pytest.mark.parametrize("fault", LIVE, ids=lambda fault: fault.name)
def test_fault_is_caught_and_named(fault: Fault) -> None:
    """Caught at all, not as a bug of ours, and by its own name where it shows in an answer."""
    shot = shoot(fault, fault.suite)
    assert shot.caught, shot
    assert shot.named is (True if fault.changes_values else None)


@pytest.mark.parametrize("fault", [fault for fault in LIVE if fault.only], ids=lambda fault: fault.name)
def test_what_only_one_suite_sees(fault: Fault) -> None:
    """No other suite notices, so that one is needed."""
    assert [suite for suite in ASKED if suite != fault.suite and shoot(fault, suite).verdict != "agree"] == []


def test_the_matrix_says_what_survives() -> None:
    """A fault that a suite does not see, a healthy double that is blamed, a name not found: each is bad."""
    killed = shoot(find("bias-missing"), "forward")
    assert summary([killed])[1] and "killed 1 of 1; survived: none" in summary([killed])[0]
    assert not summary([replace(killed, caught=False)])[1]
    assert not summary([killed, replace(killed, fault="healthy", own=False)])[1]
    assert not summary([replace(killed, named=False)])[1]


@pytest.mark.parametrize("suite", ASKED)
def test_every_suite_is_needed_thrice(suite: str) -> None:
    """Three faults at least that it alone sees."""
    assert sum(fault.only and fault.suite == suite for fault in FAULTS) >= 3


@pytest.mark.parametrize("suite", SUITES)
def test_healthy_double_has_no_mismatch(suite: str) -> None:
    """No false alarm on the smoke tier, in any mode that differs for the double."""
    modes = [mode for mode in MODES if mode in ("eager", "dynamic", "predict", "train")]
    named = {*CASES, *EMPTY}
    few = [case for n, case in enumerate(cases("smoke")) if suite == "forward" or n % 4 == 0 or case in named]
    assert shoot(HEALTHY, suite, few, modes).verdict == "agree"


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
