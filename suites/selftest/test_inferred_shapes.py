"""Tests of the suite of inferred shapes: lengths are checked on every case, the type of the container on a few."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from fixtures.case import Case
from fixtures.cases.contract import PADDED, PLAIN
from fixtures.cases.tiers import cases_of_tier
from fixtures.check import Check
from fixtures.compare.evidence import to_ledger
from fixtures.compare.verdict import Verdict
from fixtures.deviations import find_excusing_entry, read_deviations
from fixtures.faults import HEALTHY, find_fault
from fixtures.frameworks.numpy_layer import NumpyLayer, NumpyTools
from fixtures.oracle.expectation import Accepts, expected_result
from fixtures.run.check_run import run_check
from suites.shapes import check as shapes


def test_lengths_are_unknown_for_no_axis_each_axis_or_all_but_the_channels() -> None:
    """The channels keep their position in both data formats."""
    first = replace(PLAIN, data_format="channels_first")
    assert [name for name, _, _ in shapes.yield_patterns_of_unknown_lengths(PLAIN)] == [
        "nothing",
        "axis 0",
        "axis 1",
        "axis 2",
        "all but the channels",
    ]
    assert list(shapes.yield_patterns_of_unknown_lengths(PLAIN))[2] == ("axis 1", [2, None, 5, 3], [2, None, 6, 2])
    assert list(shapes.yield_patterns_of_unknown_lengths(first))[4][2] == [None, 2, None, None]


def verdicts_of(fault: str, case: Case) -> dict[str, Verdict]:
    """Return the verdicts on ``compute_output_shape`` of the NumPy layer with a fault, by variant."""
    return {
        variant: run_check(Check("shapes", case, variant), NumpyLayer(find_fault(fault)), "CPU:0")
        for variant in ("compute-output-shape", shapes.TYPE)
    }


@pytest.mark.parametrize(("fault", "kind"), [("inferred-as-list", "list"), ("inferred-as-array", "ndarray")])
@pytest.mark.parametrize("case", shapes.TYPED, ids=lambda case: case.id)
def test_a_list_of_correct_lengths_is_a_mismatch_of_the_type_only(case: Case, fault: str, kind: str) -> None:
    """The check of the lengths agrees."""
    verdicts = verdicts_of(fault, case)
    assert verdicts["compute-output-shape"].verdict == "agree"
    container = verdicts[shapes.TYPE]
    assert container.verdict == "mismatch" and to_ledger(container.expected)["type"] == "tuple"
    assert to_ledger(container.observed)["type"] == kind


def test_wrong_lengths_in_a_list_are_a_mismatch_of_the_lengths() -> None:
    """A known deviation for lists does not cover wrong lengths."""
    padded = [case for case in cases_of_tier("smoke") if case.output_padding and shapes.variants(case)]
    padded = [case for case in padded if isinstance(expected_result(case), Accepts)]
    for case in padded:
        plain, hidden = (
            run_check(Check("shapes", case, "compute-output-shape"), NumpyLayer(find_fault(fault)), "CPU:0")
            for fault in ("inferred-without-output-padding", "inferred-as-wrong-list")
        )
        assert (hidden.verdict, hidden.observed) == (plain.verdict, plain.observed), case.id
    verdict = verdicts_of("inferred-as-wrong-list", PADDED)["compute-output-shape"]
    assert verdict.verdict == "mismatch"
    assert to_ledger(verdict.expected)["shape"] != to_ledger(verdict.observed)["shape"]
    entries = [one for one in read_deviations() if "shapes" in one.suite and one.seen.get("type") == "list"]
    row = {"suite": "shapes", "variant": "compute-output-shape", **verdict.to_row()}
    assert entries and find_excusing_entry(entries, row, "keras3") is None


def test_the_type_of_an_inferred_shape_is_checked_on_a_few_cases() -> None:
    """They have every rank, both data formats, and output_padding given or left out."""
    asking = [case for case in cases_of_tier("standard") if shapes.TYPE in shapes.variants(case)]
    assert sorted(case.id for case in asking) == sorted(case.id for case in shapes.TYPED)
    assert {case.rank for case in asking} == {1, 2, 3}
    assert {case.data_format for case in asking} == {"channels_last", "channels_first"}
    assert {case.output_padding is None for case in asking} == {True, False}


def test_wrong_lengths_are_reported_before_a_wrong_type_of_lengths() -> None:
    """NumPy integers as lengths are reported only if the numbers are correct."""

    class Listing(NumpyTools):
        def make(self, kind: str, arguments: Any) -> Any:
            layer = super().make(kind, arguments)
            infer = layer.compute_output_shape
            layer.compute_output_shape = lambda shape: [np.int64(n or 1) for n in infer(shape)]
            return layer

    numpy_layer = NumpyLayer(HEALTHY)
    numpy_layer.tools = Listing(numpy_layer.keras)
    verdict = run_check(Check("shapes", PLAIN, "compute-output-shape"), numpy_layer, "CPU:0")
    assert verdict.verdict == "mismatch" and to_ledger(verdict.observed)["unknown"] == "axis 0"
    assert "lengths" not in to_ledger(verdict.expected)
    odd = verdicts_of("inferred-as-numpy", PLAIN)
    assert odd["compute-output-shape"].verdict == "mismatch" and odd[shapes.TYPE].verdict == "agree"
    assert to_ledger(odd["compute-output-shape"].observed)["lengths"] == "int64"
