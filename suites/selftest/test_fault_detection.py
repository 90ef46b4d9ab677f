"""Tests that every named fault is detected by its suite and named by the diagnosis, and that no healthy layer is
reported.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import chain
from typing import Iterator

import pytest

from fixtures.cases import array_cache
from fixtures.cases.contract import CASES
from fixtures.cases.tiers import cases_of_tier
from fixtures.check import Check
from fixtures.fault_matrix.matrix import EMPTY, NUMPY_TARGET, SUITES, choose_cases, detect_by_suite, summarise_matrix
from fixtures.faults import FAULTS, HEALTHY, Fault, find_fault
from fixtures.frameworks.families import MODES
from fixtures.oracle.rules import broken_rules
from fixtures.run.worker import IsolatedSubject
from fixtures.suite_registry import contract_suites, suites
from suites.selftest.acting_faults import ActingChecks
from suites.selftest.detecting_checks import find_detecting_checks
from suites.selftest.many_values import for_each

LIVE = [fault for fault in FAULTS if not fault.fatal]  # fatal faults are tested in test_worker.py, and below


@pytest.fixture(autouse=True, scope="module")
def references_of_all_faults() -> Iterator[None]:
    """Keep the data and the references of all cases of the sample: every fault needs them."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(array_cache, "ENTRIES", 2000)
        yield


@for_each("fault", LIVE)
def test_every_fault_is_detected_by_its_suite_and_named(fault: Fault) -> None:
    """A fault that changes values must be named by the diagnosis. Cases that are known to detect the fault run first.

    Not those that the layer refuses because of the fault: there is no wrong output that can be explained.
    """
    known = dict.fromkeys(check.case for check in find_detecting_checks(fault))
    known_first = [case for case in known if not (fault.changes_values and broken_rules(fault.arguments(case)))]
    detection = detect_by_suite(fault, fault.suite, chain(known_first, choose_cases(fault, fault.suite)))
    assert detection.caught, detection
    assert detection.named is (True if fault.changes_values else None)


@for_each("fault", [fault for fault in LIVE if fault.only])
def test_a_fault_marked_only_is_detected_by_no_other_suite(fault: Fault) -> None:
    """So the suite that detects it is needed; checks on which the fault changes nothing are left out."""
    others = [suite for suite in SUITES if suite != fault.suite]
    found = [detect_by_suite(fault, suite, target=ActingChecks(fault)) for suite in others]
    assert [detection.suite for detection in found if detection.verdict != "agree"] == []


@pytest.mark.parametrize(
    ("name", "suite"),
    [
        ("strides-swapped", "special"),
        ("channels-swapped", "special"),
        ("kernel-transposed", "gradients"),
        ("shifted-one-down", "gradients"),
        ("bias-twice", "gradients"),
        ("predict-loses-rest", "large"),
        ("graph-forgets-bias", "gradients"),
        ("graph-forgets-bias", "promises"),
        ("kernel-size-before-filters", "statements"),
        ("output-padding-missing", "roundtrip"),
    ],
)
def test_the_checks_of_a_fault_are_those_by_which_it_may_be_detected(name: str, suite: str) -> None:
    """The first check that detects the fault is the same as among all checks."""
    fault = find_fault(name)
    few, every = (detect_by_suite(fault, suite, target=target) for target in (ActingChecks(fault), NUMPY_TARGET))
    facts = ("caught", "case", "variant", "verdict")
    assert [getattr(few, fact) for fact in facts] == [getattr(every, fact) for fact in facts]
    assert few.caught


def test_the_fault_matrix_fails_for_each_kind_of_bad_result() -> None:
    """They are an undetected fault, a healthy layer that is reported, and a fault that is not named."""
    detected = detect_by_suite(find_fault("bias-missing"), "forward")
    assert summarise_matrix([detected])[1] and "detected 1 of 1; not detected: none" in summarise_matrix([detected])[0]
    assert not summarise_matrix([replace(detected, caught=False)])[1]
    assert not summarise_matrix([detected, replace(detected, fault="healthy", own=False)])[1]
    assert not summarise_matrix([replace(detected, named=False)])[1]


@pytest.mark.parametrize("suite", SUITES)
def test_every_suite_alone_detects_three_faults(suite: str) -> None:
    """At least three faults are detected by this suite and by no other."""
    assert sum(fault.only and fault.suite == suite for fault in FAULTS) >= 3


@pytest.mark.parametrize("suite", suites())
def test_the_healthy_numpy_layer_has_no_mismatch(suite: str) -> None:
    """This is a part of the smoke tier, in every mode that differs for the NumPy layer; outputs are of all cases."""
    modes = [mode for mode in MODES if mode in ("eager", "dynamic", "predict", "train")]
    named = {*CASES, *EMPTY}
    few = [case for n, case in enumerate(cases_of_tier("smoke")) if suite == "forward" or n % 4 == 0 or case in named]
    assert detect_by_suite(HEALTHY, suite, few, modes).verdict == "agree"


def test_a_process_that_dies_on_an_empty_batch_gives_the_verdict_crashed() -> None:
    """This fault is checked in a process of its own."""
    with IsolatedSubject("numpy_layer:dies-of-no-batch") as subject:
        assert subject.run_check(Check("empty", EMPTY[0], "eager"), "CPU:0").verdict == "crashed"


def test_faults_that_the_diagnosis_tries_change_values() -> None:
    """They are neither fatal nor faults of the contract."""
    candidates = [fault for fault in FAULTS if fault.changes_values]
    assert {fault.suite for fault in candidates} == {"forward", "gradients", "special"}
    assert not any(fault.fatal or fault.suite in contract_suites() for fault in candidates)


def test_names_of_faults_are_unique_and_a_misspelled_one_is_refused() -> None:
    """The refusal suggests the nearest name."""
    assert len({fault.name for fault in FAULTS}) == len(FAULTS)
    with pytest.raises(ValueError, match="did you mean 'bias-missing'"):
        find_fault("bias-mising")
