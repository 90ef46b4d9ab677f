"""Tests of the checks of what people do to a layer: each detects its faults, in 1-D, 2-D and 3-D."""

from __future__ import annotations

from dataclasses import replace

import pytest

from fixtures.case import Case
from fixtures.cases.contract import BLOCK, CHANNELS_FIRST, LINE, PLAIN
from fixtures.check import Check
from fixtures.faults import HEALTHY, find_fault
from fixtures.faults.uses import MISFITS, USES
from fixtures.frameworks.numpy_layer import NumpyLayer
from fixtures.run.check_run import run_check
from fixtures.suite_registry import CONTRACT, select_checks
from suites.promises import check_of_uses
from suites.roundtrip.check import MISFITS as MISFIT_VARIANTS
from suites.selftest.many_values import for_each

OF_FAULT = {
    "misfit-accepted": "misfit.refused",
    "misfit-loads-bias": "misfit.skipped",
    "skip-mismatch-skips-all": "misfit.skipped",
    "other-dtype-cut": "input-dtype.float16",
    "mask-of-input-lengths": "input-mask.masking",
    "first-step-for-all": "wrapper.time-distributed",
    "spectral-norm-ignored": "wrapper.spectral-normalization",
    "inner-model-is-zero": "wrapper.nested-model",
    "declared-lengths-reversed": "first-layer.batch-input-shape",
    "initial-weights-ignored": "first-layer.weights",
}


@for_each("case", [LINE, PLAIN, BLOCK, replace(BLOCK, dtype="float64")])
@pytest.mark.parametrize("fault", OF_FAULT)
def test_a_fault_is_detected_by_its_check_at_every_rank(fault: str, case: Case) -> None:
    """The layer without the fault agrees; the lengths of one axis cannot be reversed."""
    suite = find_fault(fault).suite
    check = Check(suite, case, OF_FAULT[fault])
    assert run_check(check, NumpyLayer(HEALTHY), "CPU:0").verdict == "agree"
    detected = run_check(check, NumpyLayer(find_fault(fault)), "CPU:0").verdict != "agree"
    assert detected == (fault != "declared-lengths-reversed" or case.rank > 1)


def test_every_fault_of_uses_has_a_check_here() -> None:
    """And each check of uses reaches the cases that the user names."""
    assert set(OF_FAULT) == {fault.name for fault in (*MISFITS, *USES)}
    named = replace(BLOCK, filters=4)
    found = {
        check.variant
        for suite in ("promises", "roundtrip")
        for check in select_checks(suite, named, "keras3", (), [CONTRACT], named=True)
    }
    assert {*check_of_uses.USES, *MISFIT_VARIANTS} <= found


def test_a_mask_and_an_equal_dtype_are_left_out_where_they_mean_nothing() -> None:
    """Masking wants the channels last, and float64 is no other dtype of a layer of float64."""
    assert "input-mask.masking" not in check_of_uses.uses_of_case(CHANNELS_FIRST)
    assert "input-dtype.float64" not in check_of_uses.uses_of_case(replace(PLAIN, dtype="float64"))
    assert set(check_of_uses.uses_of_case(PLAIN)) == set(check_of_uses.USES)
