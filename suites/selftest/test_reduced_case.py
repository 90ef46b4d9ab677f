"""Tests of the diagnosis of large cases: the fault is named on a small case with the same kernel, strides and
choices.
"""

from __future__ import annotations

from dataclasses import replace

import pytest

from fixtures.case import Case
from fixtures.cases.size_classes import read_size_cases
from fixtures.check import Check
from fixtures.compare import check_cost
from fixtures.compare.diagnosis import reduced_case
from fixtures.compare.diagnosis.reduced_case import name_fault_on_reduced_case, reduce_case
from fixtures.compare.verdict import Verdict
from fixtures.faults import HEALTHY, Fault, find_fault
from fixtures.frameworks.layer_calls import LayerInMode
from fixtures.frameworks.numpy_layer import NumpyLayer
from fixtures.oracle.expectation import Accepts, expected_result
from fixtures.run.check_run import run_check
from suites.selftest.many_values import for_each

LARGE = Case(4, (19, 18), 7, 9, (5, 4), (2, 3), (1, 1), "same")


@pytest.fixture(autouse=True)
def small_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lower the limits, so that the test's case counts as large and its reference is a sample."""
    monkeypatch.setattr(reduced_case, "LARGE", 2**16)
    monkeypatch.setattr(check_cost, "DENSE_PRODUCTS", 2**19)


def judge_fault(fault: Fault, suite: str = "forward", case: Case = LARGE) -> Verdict:
    """Return the verdict on the NumPy layer with a fault."""
    return run_check(Check(suite, case, "eager"), NumpyLayer(fault), "CPU:0")


@pytest.mark.parametrize("suite", ["forward", "gradients"])
@pytest.mark.parametrize("name", ["crop-other-side", "kernel-flipped-height"])
def test_the_fault_of_a_large_case_is_named_on_a_small_case(name: str, suite: str) -> None:
    """The row names the small case; the mismatch itself is found at a sample of the entries."""
    verdict = judge_fault(find_fault(name), suite)
    assert verdict.verdict == "mismatch" and name in str(verdict.diagnosis)
    assert verdict.measured["diagnosed_on"] == reduce_case(LARGE).id and verdict.measured["compared"]
    assert verdict.snippet


def test_a_healthy_layer_agrees_on_a_large_case() -> None:
    """It is compared at a sample of the entries, in every data set."""
    for suite in ("forward", "gradients"):
        verdict = judge_fault(HEALTHY, suite)
        assert verdict.verdict == "agree" and verdict.measured["compared"]


def test_a_fault_that_shows_only_on_a_large_case_is_not_named() -> None:
    """The small case agrees, so the mismatch has no name from there."""

    def last_filter_wrong(y: object, case: Case) -> object:
        return y + 1 if case.filters > 5 else y  # type: ignore[operator]  # y is an array

    fault = replace(HEALTHY, name="many-filters", output=last_filter_wrong)  # type: ignore[arg-type]  # the function takes arrays
    assert name_fault_on_reduced_case(LayerInMode(NumpyLayer(fault), LARGE, "eager", "CPU:0"), "output", LARGE) is None
    verdict = judge_fault(fault)
    assert verdict.verdict == "mismatch" and "diagnosed_on" not in verdict.measured


def test_a_small_case_is_not_reduced_for_the_diagnosis() -> None:
    """The fault is searched on the case itself, although smaller cases exist."""
    small = Case(2, (6, 5), 3, 2, (3, 2), (2, 1), (1, 1))
    assert (
        name_fault_on_reduced_case(
            LayerInMode(NumpyLayer(find_fault("bias-missing")), small, "eager", ""), "output", small
        )
        is None
    )


@for_each("case", read_size_cases())
def test_a_reduced_case_is_accepted_and_keeps_kernel_strides_and_padding(case: Case) -> None:
    """This is checked for a case of every size class."""
    small = reduce_case(case)
    assert isinstance(expected_result(small), Accepts) and max(small.size) <= 5 and small.filters <= 2
    assert (small.kernel_size, small.strides, small.padding) == (case.kernel_size, case.strides, case.padding)
