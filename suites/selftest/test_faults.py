"""Every named fault is caught by its suite, and named by the diagnosis; a healthy NumPy layer is not reported."""

from __future__ import annotations

from dataclasses import replace

import pytest

from fixtures.cases.contract import CASES
from fixtures.cases.tiers import cases_of_tier
from fixtures.check import Check
from fixtures.fault_matrix.matrix import EMPTY, SUITES, detect_by_suite, summarise_matrix
from fixtures.faults import FAULTS, HEALTHY, Fault, find_fault
from fixtures.frameworks.families import MODES
from fixtures.registry import contract_suites, suites
from fixtures.run.worker import Isolated

LIVE = [fault for fault in FAULTS if not fault.fatal]  # the others: test_worker.py, and below


@pytest.mark.parametrize("fault", LIVE, ids=lambda fault: fault.name)
def test_fault_is_caught_and_named(fault: Fault) -> None:
    """Caught at all, not as a bug of ours, and by its own name where it shows in an answer."""
    detection = detect_by_suite(fault, fault.suite)
    assert detection.caught, detection
    assert detection.named is (True if fault.changes_values else None)


@pytest.mark.parametrize("fault", [fault for fault in LIVE if fault.only], ids=lambda fault: fault.name)
def test_what_only_one_suite_sees(fault: Fault) -> None:
    """No other suite notices, so that one is needed."""
    assert [
        suite for suite in SUITES if suite != fault.suite and detect_by_suite(fault, suite).verdict != "agree"
    ] == []


def test_the_matrix_says_what_survives() -> None:
    """A fault that a suite does not see, a healthy NumPy layer that is reported, a name not found: each is bad."""
    detected = detect_by_suite(find_fault("bias-missing"), "forward")
    assert summarise_matrix([detected])[1] and "detected 1 of 1; not detected: none" in summarise_matrix([detected])[0]
    assert not summarise_matrix([replace(detected, caught=False)])[1]
    assert not summarise_matrix([detected, replace(detected, fault="healthy", own=False)])[1]
    assert not summarise_matrix([replace(detected, named=False)])[1]


@pytest.mark.parametrize("suite", SUITES)
def test_every_suite_is_needed_thrice(suite: str) -> None:
    """Three faults at least that it alone sees."""
    assert sum(fault.only and fault.suite == suite for fault in FAULTS) >= 3


@pytest.mark.parametrize("suite", suites())
def test_healthy_numpy_layer_has_no_mismatch(suite: str) -> None:
    """No false alarm on the smoke tier, in any mode that differs for the NumPy layer."""
    modes = [mode for mode in MODES if mode in ("eager", "dynamic", "predict", "train")]
    named = {*CASES, *EMPTY}
    few = [case for n, case in enumerate(cases_of_tier("smoke")) if suite == "forward" or n % 4 == 0 or case in named]
    assert detect_by_suite(HEALTHY, suite, few, modes).verdict == "agree"


def test_death_of_an_empty_batch_is_a_verdict() -> None:
    """That fault is checked in a process of its own."""
    with Isolated("numpy_layer:dies-of-no-batch") as subject:
        assert subject.run_check(Check("empty", EMPTY[0], "eager"), "CPU:0").verdict == "crashed"


def test_candidates_of_the_diagnosis_change_values() -> None:
    """Diagnosis has no candidate that computes as the healthy NumPy layer does."""
    candidates = [fault for fault in FAULTS if fault.changes_values]
    assert {fault.suite for fault in candidates} == {"forward", "gradients", "special"}
    assert not any(fault.fatal or fault.suite in contract_suites() for fault in candidates)


def test_names_are_unique_and_findable() -> None:
    """A typo gets the nearest name."""
    assert len({fault.name for fault in FAULTS}) == len(FAULTS)
    with pytest.raises(ValueError, match="did you mean 'bias-missing'"):
        find_fault("bias-mising")
