"""A fault of a large case is named on a small one of the same kernel, strides and choices."""

from __future__ import annotations

from dataclasses import replace

import pytest

from fixtures.case import Case
from fixtures.cases.sizes import locked_sizes
from fixtures.check import Check
from fixtures.compare import budget
from fixtures.compare.diagnosis import reduced
from fixtures.compare.diagnosis.reduced import name_fault_on_reduced_case, reduce_case
from fixtures.compare.verdict import Verdict
from fixtures.faults import HEALTHY, Fault, find_fault
from fixtures.frameworks.numpy_layer import NumpyLayer
from fixtures.frameworks.probe import Probe
from fixtures.oracle.expectation import Accepts, expected_result
from fixtures.run.pipeline import run_check

LARGE = Case(4, (19, 18), 7, 9, (5, 4), (2, 3), (1, 1), "same")


@pytest.fixture(autouse=True)
def small_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    """The case counts as large, and its reference is a sample."""
    monkeypatch.setattr(reduced, "LARGE", 2**16)
    monkeypatch.setattr(budget, "DENSE_PRODUCTS", 2**19)


def judge(fault: Fault, suite: str = "forward", case: Case = LARGE) -> Verdict:
    """Return the verdict on the NumPy layer with a fault."""
    return run_check(Check(suite, case, "eager"), NumpyLayer(fault), "CPU:0")


@pytest.mark.parametrize("suite", ["forward", "gradients"])
@pytest.mark.parametrize("name", ["crop-other-side", "kernel-flipped-height"])
def test_the_fault_of_a_large_case_has_its_name(name: str, suite: str) -> None:
    """At a sample of its entries it is a mismatch; the row says on which case the fault was found."""
    verdict = judge(find_fault(name), suite)
    assert verdict.verdict == "mismatch" and name in str(verdict.diagnosis)
    assert verdict.measured["diagnosed_on"] == reduce_case(LARGE).id and verdict.measured["compared"]
    assert verdict.snippet


def test_a_healthy_large_layer_agrees() -> None:
    """At the sample, in every data set."""
    for suite in ("forward", "gradients"):
        verdict = judge(HEALTHY, suite)
        assert verdict.verdict == "agree" and verdict.measured["compared"]


def test_a_fault_that_needs_the_size_is_not_named() -> None:
    """The small case does not show it, so the mismatch stays without a name from there."""

    def last_filter_wrong(y: object, case: Case) -> object:
        return y + 1 if case.filters > 5 else y  # type: ignore[operator]  # an array

    fault = replace(HEALTHY, name="many-filters", output=last_filter_wrong)  # type: ignore[arg-type]  # of arrays
    assert name_fault_on_reduced_case(Probe(NumpyLayer(fault), LARGE, "eager", "CPU:0"), "output", LARGE) is None
    verdict = judge(fault)
    assert verdict.verdict == "mismatch" and "diagnosed_on" not in verdict.measured


def test_a_small_case_is_searched_itself() -> None:
    """Also if it is not the smallest."""
    small = Case(2, (6, 5), 3, 2, (3, 2), (2, 1), (1, 1))
    assert (
        name_fault_on_reduced_case(Probe(NumpyLayer(find_fault("bias-missing")), small, "eager", ""), "output", small)
        is None
    )


@pytest.mark.parametrize("case", locked_sizes(), ids=lambda case: case.id)
def test_a_reduced_case_is_computed_too(case: Case) -> None:
    """Of every size class: Keras must compute it, and it keeps what decides where a product lands."""
    small = reduce_case(case)
    assert isinstance(expected_result(small), Accepts) and max(small.size) <= 5 and small.filters <= 2
    assert (small.kernel_size, small.strides, small.padding) == (case.kernel_size, case.strides, case.padding)
