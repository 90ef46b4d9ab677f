"""Tests of the rounding bounds and of the measured error, against values worked by hand (rules E3 to E5)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from fixtures.case import Case
from fixtures.cases.data_sets import Data
from fixtures.compare.reference import (
    compute_references,
    compute_rounding_bounds,
    drop_undecided_gradients,
    measure_largest_error,
)
from fixtures.observation import Observed

# One filter, stride 1: y[t] sums x[i] w[t - i] over 1, 2, 2 and 1 pairs, and the bias.
CASE = Case(1, (3,), 1, 1, (2,), (1,), (1,))
RELU = replace(CASE, activation="relu")
U = 2.0**-24


def make_data(name: str = "random-reals", **changes: Any) -> Data:
    """Return one data set: x = 1 -2 4, w = 3 -1, b = 2, so T x = 3 -7 14 -4, and 5 -5 16 -2 with the bias."""
    arrays: dict[str, Any] = {
        "x": np.array([1.0, -2, 4]).reshape(1, 3, 1),
        "kernel": np.array([3.0, -1]).reshape(2, 1, 1),
        "bias": np.array([2.0]),
        "g": np.array([1.0, 2, -3, 4]).reshape(1, 4, 1),
        "h": np.array([1.0, 1, -1]).reshape(1, 3, 1),
    }
    return Data(name=name, recipe="", **{**arrays, **changes})


def flatten_arrays(arrays: Any) -> dict[str, list[float]]:
    """Return each array as a flat list, by name."""
    return {name: np.asarray(array).ravel().tolist() for name, array in arrays.items()}


def test_magnitudes_and_numbers_of_terms_by_hand() -> None:
    """The magnitudes are the map of absolute values; the numbers of terms are the map of ones."""
    output = compute_rounding_bounds(CASE, "output", make_data())
    assert flatten_arrays(output.magnitude) == {"output": [3 + 2, 1 + 6 + 2, 2 + 12 + 2, 4 + 2]}
    assert flatten_arrays(output.terms) == {"output": [2, 3, 3, 2]}
    found = compute_rounding_bounds(CASE, "gradients", make_data())
    assert flatten_arrays(found.magnitude) == {
        "dx": [3 + 2, 6 + 3, 9 + 4],
        "dkernel": [1 + 4 + 12, 2 + 6 + 16],
        "dbias": [10],
    }
    assert flatten_arrays(found.terms) == {"dx": [2, 2, 2], "dkernel": [3, 3], "dbias": [4]}


def test_bounds_of_gradients_leave_out_outputs_that_relu_sets_to_zero() -> None:
    """With y = 5 -5 16 -2, only the first and the third g count; the output's own bound does not change."""
    found = compute_rounding_bounds(RELU, "gradients", make_data())
    assert flatten_arrays(found.magnitude) == {"dx": [3, 3, 9], "dkernel": [1 + 12, 6], "dbias": [4]}
    assert flatten_arrays(compute_rounding_bounds(RELU, "output", make_data()).magnitude) == {"output": [5, 9, 16, 6]}
    without = compute_rounding_bounds(RELU, "output", make_data(g=None, h=None))
    assert flatten_arrays(without.magnitude) == {"output": [5, 9, 16, 6]}


def test_relu_passes_g_only_where_the_output_is_above_zero() -> None:
    """With y = 10 0 21 3 the g of the zero is left out; with y = 11 1 22 4 the g of the one counts."""
    assert flatten_arrays(compute_rounding_bounds(RELU, "gradients", make_data(bias=np.array([7.0]))).magnitude)[
        "dbias"
    ] == [1 + 3 + 4]
    assert flatten_arrays(compute_rounding_bounds(RELU, "gradients", make_data(bias=np.array([8.0]))).magnitude)[
        "dbias"
    ] == [1 + 2 + 3 + 4]


def test_a_bound_is_gamma_of_the_number_of_terms_times_the_magnitude() -> None:
    """The bound uses the compute dtype and adds the rounding error of the float64 reference."""

    def by_hand(terms: float, magnitude: float, u: float) -> float:
        return (terms * u / (1 - terms * u) + terms * 2.0**-53 / (1 - terms * 2.0**-53)) * magnitude

    for dtype, u in (("float32", U), ("float64", 2.0**-53), ("float16", 2.0**-11), ("mixed_bfloat16", 2.0**-8)):
        bounds = compute_rounding_bounds(replace(CASE, dtype=dtype), "output", make_data()).bounds
        expected = [by_hand(n, size, u) for n, size in ((2, 5), (3, 9), (3, 16), (2, 6))]
        assert flatten_arrays(bounds) == {"output": pytest.approx(expected, rel=1e-12)}


def test_only_references_of_real_data_allow_a_rounding_error() -> None:
    """Integer data are exact, so their references allow no error."""
    for what in ("output", "gradients", "second-order"):
        bounds = compute_rounding_bounds(CASE, what, make_data()).bounds
        for name, reference in compute_references(CASE, what, make_data()).items():
            assert reference.allowed.tolist() == bounds[name].tolist() and (reference.allowed > 0).all()
        assert all(
            reference.allowed == 0.0
            for reference in compute_references(CASE, what, make_data("dense-integers")).values()
        )
    assert compute_references(CASE, "output", make_data())["output"].values.ravel().tolist() == [5, -5, 16, -2]


def test_gradients_of_weights_have_the_variable_dtype_and_no_data_format() -> None:
    """Under a mixed policy, weights have another dtype than the computed arrays (rule M2)."""
    case = replace(CASE, dtype="mixed_float16")
    kinds = {}
    for what in ("output", "gradients", "second-order", "step"):
        kinds.update(
            {
                name: (reference.dtype, reference.spatial)
                for name, reference in compute_references(case, what, make_data("integers")).items()
            }
        )
    computed, stored = ("float16", True), ("float32", False)
    assert kinds == {
        **dict.fromkeys(("output", "dx", "dx_dg"), computed),
        **dict.fromkeys(("dkernel", "dbias", "dx_dkernel", "kernel", "bias"), stored),
    }


def test_g_is_zero_where_rounding_may_change_the_side_of_relus_kink() -> None:
    """Integers are undecided only at zero; reals are undecided within the rounding bound (rule E5)."""
    integers = make_data("dense-integers", bias=np.array([7.0]))  # y = 10 0 21 3
    assert flatten_arrays(drop_undecided_gradients(RELU, integers).arrays)["g"] == [1, 0, -3, 4]
    for bias in (0.0, 8.0):  # y = 3 -7 14 -4 and 11 1 22 4: no value is zero, so the side is clear
        assert flatten_arrays(
            drop_undecided_gradients(RELU, make_data("dense-integers", bias=np.array([bias]))).arrays
        )["g"] == [
            1,
            2,
            -3,
            4,
        ]
    near = 7 + compute_rounding_bounds(RELU, "output", make_data(bias=np.array([7.0]))).bounds["output"].ravel()[1]
    for bias, g in ((7.0, 0), (near * (1 - 1e-15), 0), (7 + 2 * (near - 7), 2)):
        assert flatten_arrays(drop_undecided_gradients(RELU, make_data(bias=np.array([bias]))).arrays)["g"] == [
            1,
            g,
            -3,
            4,
        ]


def test_data_without_a_kink_or_without_g_are_returned_unchanged() -> None:
    """The linear activation has no kink; without g there is no gradient."""
    for case, given in ((CASE, make_data(bias=np.array([7.0]))), (RELU, make_data(g=None, h=None))):
        assert drop_undecided_gradients(case, given) is given


def make_answers(error: dict[int, float], case: Case = CASE) -> dict[str, Observed]:
    """Return the correct output, with errors added at some entries."""
    y = np.array([5.0, -5, 16, -2]).reshape(1, 4, 1)
    for place, off in error.items():
        y[0, place, 0] += off
    return {"output": Observed(y.shape, case.dtype, y, "CPU:0")}


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        ({}, 0.0),
        ({0: 5 * U}, 1.0),  # an error of one unit: u times |x| T |w|
        ({0: -10 * U}, 2.0),
        ({0: 5 * U, 2: 32 * U}, 2.0),  # the largest of both, each in units of its own entry
        ({1: 9 * 1.2345678 * U}, 1.235),
    ],
)
def test_the_error_is_measured_in_units_of_each_entrys_magnitude(error: dict[int, float], expected: float) -> None:
    """The measured error is error / (u |x| T |w|), to four digits (rule E3)."""
    assert measure_largest_error(CASE, "output", make_data(), make_answers(error)) == {
        "bounded": True,
        "error_in_u": expected,
    }


def test_an_error_beyond_the_border_raises_the_alarm() -> None:
    """The alarm names the format; the border for three terms is sqrt(2**13 / sqrt(3)), about 68.8 (rule E4)."""
    quiet = measure_largest_error(CASE, "output", make_data(), make_answers({0: 5 * 68 * U}))
    loud = measure_largest_error(CASE, "output", make_data(), make_answers({0: 5 * 70 * U}))
    assert "alarm" not in quiet and loud["alarm"].endswith(" float32") and loud["error_in_u"] == 70.0


# y = x[0] w, nothing, x[1] w, nothing: two cells have no term at all.
SPARSE = Case(1, (2,), 1, 1, (1,), (2,), (1,), use_bias=False)


@pytest.mark.parametrize(("error", "loud"), [(0, False), (80, False), (90, False), (91, True)])
def test_output_cells_without_terms_have_no_measured_error(error: float, loud: bool) -> None:
    """Cells with terms are measured, however small; a single product has its border at 2**6.5, about 90.5."""
    given = Data("random-reals", np.array([0.5, 0.25]).reshape(1, 2, 1), np.ones((1, 1, 1)), None, "")
    y = np.array([0.5, 0, 0.25 * (1 + error * U), 0]).reshape(1, 4, 1)
    measured = measure_largest_error(SPARSE, "output", given, {"output": Observed(y.shape, "float32", y, "")})
    assert measured["error_in_u"] == error and ("alarm" in measured) == loud


def test_the_error_of_an_empty_batch_and_of_zero_gradients_is_zero() -> None:
    """An empty batch has no entries, and a zero gradient at the output has no magnitude to measure by."""
    none = Data("random-reals", np.ones((0, 3, 1)), np.ones((2, 1, 1)), np.ones(1), "")
    seen = {"output": Observed((0, 4, 1), "float32", np.ones((0, 4, 1)), "")}
    assert measure_largest_error(replace(CASE, batch=0), "output", none, seen) == {"bounded": True, "error_in_u": 0.0}
    given = make_data(g=np.zeros((1, 4, 1)))
    zeros = {
        name: Observed(w.values.shape, "float32", w.values, "")
        for name, w in compute_references(CASE, "gradients", given).items()
    }
    assert measure_largest_error(CASE, "gradients", given, zeros) == {"bounded": False, "error_in_u": 0.0}


def test_nan_and_infinity_are_not_measured() -> None:
    """JSON has no NaN, so the error leaves it out; the verdict reports the wrong value."""
    for value in (np.nan, np.inf):
        assert measure_largest_error(CASE, "output", make_data(), make_answers({1: value})) == {
            "bounded": True,
            "error_in_u": 0.0,
        }


def test_the_error_is_measured_in_the_layout_of_each_array() -> None:
    """Inputs and outputs are read as channels_first, weights in their stored order; the largest error is reported."""
    case = replace(CASE, data_format="channels_first", filters=2, channels=3)
    rng = np.random.RandomState(0)
    arrays = {"x": (1, 3, 3), "kernel": (2, 2, 3), "bias": (2,), "g": (1, 4, 2), "h": (1, 3, 3)}
    given = Data(name="random-reals", recipe="", **{name: rng.uniform(1, 2, shape) for name, shape in arrays.items()})
    references = compute_references(case, "gradients", given)

    def seen(name: str, off: float) -> dict[str, Observed]:
        found = {}
        for key, reference in references.items():
            values = reference.values + off * U * compute_rounding_bounds(case, "gradients", given).magnitude[key] * (
                key == name
            )
            placed = np.moveaxis(values, -1, 1) if key == "dx" else values
            found[key] = Observed(placed.shape, "float32", placed, "CPU:0")
        return found

    assert measure_largest_error(case, "gradients", given, seen("none", 0))["error_in_u"] == 0
    for name in ("dx", "dkernel", "dbias"):
        assert measure_largest_error(case, "gradients", given, seen(name, 3))["error_in_u"] == pytest.approx(
            3, abs=1e-3
        )


def test_bounded_is_false_where_the_error_has_no_meaning() -> None:
    """It is false if a sum is too long for the format, or if relu leaves no gradient."""
    assert measure_largest_error(CASE, "output", make_data(), make_answers({}))["bounded"] is True
    assert measure_largest_error(CASE, "output", make_data(g=None, h=None), make_answers({}))["bounded"] is True
    assert measure_largest_error(CASE, "output", make_data(g=np.zeros((1, 4, 1))), make_answers({}))["bounded"] is False
    long = Case(1, (1,), 256, 1, (1,), (1,), (1,), use_bias=False, dtype="bfloat16")
    given = Data("random-reals", np.ones((1, 1, 256)), np.ones((1, 1, 256)), None, "")
    y = np.full((1, 1, 1), 256.0)
    found = {"output": Observed(y.shape, "bfloat16", y, "")}
    assert measure_largest_error(long, "output", given, found) == {"bounded": False, "error_in_u": 0.0}
