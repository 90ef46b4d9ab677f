"""Tests of the input data: values are exact in their dtype, distinct where needed, and rarely give zeros."""

from __future__ import annotations

from dataclasses import replace
from itertools import chain

import numpy as np
import pytest

from fixtures.case import DTYPES, Case
from fixtures.cases import recipes
from fixtures.cases.data_sets import index_proof_fits, make_dense_integers, yield_data_sets
from fixtures.cases.recipes import PROOF_BITS
from fixtures.cases.tiers import cases_of_tier
from fixtures.check import Check
from fixtures.faults import FAULTS, HEALTHY
from fixtures.frameworks.numpy_layer import NumpyLayer
from fixtures.oracle.expectation import (
    Accepts,
    compute_output,
    compute_reference_arrays,
    expected_result,
    index_map_operator,
)
from fixtures.oracle.rounding import SIGNIFICAND, gamma, round_to_dtype, rounding_bound, unit_roundoff
from fixtures.run.check_run import run_check
from suites.selftest.many_values import for_each

ACCEPTED = [case for case in cases_of_tier("smoke") if isinstance(expected_result(case), Accepts)]


@for_each("case", ACCEPTED)
def test_data_sets_are_exact_in_their_dtype(case: Case) -> None:
    """Inputs are exact in the dtype, the index proof has distinct weights, and integer sums do not round."""
    names = []
    for data in yield_data_sets(case):
        names.append(data.name)
        for values in (data.x, data.kernel):
            assert np.array_equal(values, round_to_dtype(values, case.compute_dtype))
        if data.name == "index-proof":
            assert len(np.unique(data.kernel)) == data.kernel.size and data.kernel.max() <= 2**PROOF_BITS
            assert np.array_equal(data.x.reshape(len(data.x), -1), np.eye(len(data.x)))
        if data.name == "dense-integers":
            sums = index_map_operator(case).forward(abs(data.x), abs(data.kernel))
            biggest = 0 if data.bias is None else np.abs(data.bias).max()
            assert sums.max(initial=0) + biggest <= 2 ** SIGNIFICAND[case.compute_dtype]
    proof, cells = index_proof_fits(case), case.channels * int(np.prod(case.size))
    first = ["index-proof", "dense-integers"] if proof else ["dense-integers", *(["one-hot"] if cells else [])]
    assert names == [*first, "random-reals"]


def test_a_recipe_rebuilds_the_data_with_numpy_alone() -> None:
    """The project executes it with a generator that is seeded again, and two data sets do not share one state."""
    for case in ACCEPTED[::20]:
        for data in [*yield_data_sets(case), make_dense_integers(case, "gradients")]:
            made: dict[str, np.ndarray] = {}
            exec(data.recipe, {"np": np}, made)
            assert all(np.array_equal(made[name], values) for name, values in data.arrays.items())


def test_two_generators_of_a_recipe_do_not_share_one_state() -> None:
    """Each draws what it would draw alone."""
    lines = [
        "one = np.random.RandomState(3)",
        "other = np.random.RandomState(4)",
        "x = one.rand(2)",
        "y = other.rand(2)",
    ]
    made = recipes.execute("\n".join(lines))
    assert np.array_equal(made["x"], np.random.RandomState(3).rand(2))
    assert np.array_equal(made["y"], np.random.RandomState(4).rand(2))


def test_the_index_proof_fits_most_cases() -> None:
    """The index proof fits more than 80 % of the smoke cases; the others are checked with the other two data sets."""
    assert sum(map(index_proof_fits, ACCEPTED)) > 0.8 * len(ACCEPTED)


def test_few_outputs_are_zero() -> None:
    """Zeros hide faults, so fewer than 15 % of the outputs that a tap reaches may be zero."""
    zero = reached = 0
    for case in ACCEPTED:
        data = make_dense_integers(case)
        operator = index_map_operator(case)
        taps = operator.forward(np.ones_like(data.x), np.ones_like(data.kernel)) > 0
        zero += int((operator.forward(data.x, data.kernel)[taps] == 0).sum())
        reached += int(taps.sum())
    assert zero < 0.15 * reached


# Derivatives that sum many thousand entries, in formats that count to 256.
LONG = [
    Case(12, (5, 7), 2, 2, (13, 13), (16, 16), (1, 1), "valid", None, "channels_first", True, "relu", "bfloat16"),
    Case(8, (64, 64), 3, 2, (3, 3), (1, 1), (1, 1), "valid", dtype="mixed_bfloat16"),
    Case(3, (2, 3, 2), 3, 4, (5, 6, 4), (15, 15, 15), (1, 1, 1), "same", dtype="mixed_bfloat16"),
    Case(1, (100000,), 17, 1, (30,), (1,), (1,), "valid", dtype="bfloat16"),
]


@for_each("case", LONG)
def test_integers_of_long_sums_are_exact_and_no_derivative_is_all_zero(case: Case) -> None:
    """The sums of absolute products fit, also if x, h or g has no zeros."""
    data, linear = make_dense_integers(case, "gradients"), replace(case, activation="linear")
    sizes = {name: np.abs(values) for name, values in data.arrays.items()}
    sizes.update({"bias": 0 * sizes["bias"], "x": np.ones_like(data.x), "h": np.ones_like(data.x)})
    sums = [
        *(compute_reference_arrays(linear, what, sizes) for what in ("output", "gradients", "second-order")),
        {"dx": compute_reference_arrays(linear, "gradients", {**sizes, "g": np.ones_like(data.g)})["dx"]},
    ]
    for name, values in chain.from_iterable(found.items() for found in sums):
        assert 0 < values.max() <= 2 ** SIGNIFICAND[case.compute_dtype] - 1, name


def test_most_derivatives_of_long_sums_are_not_zero() -> None:
    """Zeros hide faults. One density for all arrays would make most gradients at x 0."""
    case = Case(1, (60, 70), 16, 8, (3, 3), (1, 1), (1, 1), "same", dtype="bfloat16")
    data = make_dense_integers(case, "gradients")
    for what in ("output", "gradients", "second-order"):
        for name, values in compute_reference_arrays(case, what, data.arrays).items():
            assert (values != 0).mean() > 0.6, name


def test_faults_of_derivatives_are_detected_by_integers_of_long_sums() -> None:
    """No fault is blamed on the healthy layer."""
    check = Check("gradients", LONG[0], "eager")
    found = {}
    for fault in [HEALTHY, *FAULTS]:
        if fault is HEALTHY or (fault.suite == "gradients" and "eager" in (fault.modes or ("eager",))):
            layer = NumpyLayer(fault)
            layer.is_diagnosed = False  # the search for the fault takes most of the time
            found[fault.name] = run_check(check, layer, "CPU:0").verdict
    assert found.pop("healthy") == "agree" and len(found) >= 5 and set(found.values()) == {"mismatch"}, found


@pytest.mark.parametrize("dtype", DTYPES)
def test_rounding_to_a_dtype_equals_numpys_conversion(dtype: str) -> None:
    """The rounding equals NumPy's own conversion for every dtype that NumPy has."""
    values = np.random.RandomState(0).uniform(-2, 2, 1000)
    rounded = round_to_dtype(values, dtype)
    assert (abs(rounded - values) <= unit_roundoff(dtype) * 2).all()
    if dtype != "bfloat16":
        assert np.array_equal(rounded, values.astype(dtype).astype(np.float64))


def test_the_rounding_bound_tells_float32_from_smaller_formats() -> None:
    """Sums in float32 stay within the bound gamma_N; sums of inputs cut to float16 or TF32 do not."""
    rng = np.random.RandomState(0)
    a, b = (np.asarray(rng.uniform(0.5, 2, (200, 30)) * rng.choice([-1, 1], (200, 30)), "float32") for _ in "ab")
    exact = (a.astype(np.float64) * b).sum(axis=1)
    magnitude = np.abs(a.astype(np.float64) * b).sum(axis=1)
    sums = np.cumsum(a * b, axis=1, dtype=np.float32)[:, -1]
    allowed = rounding_bound(np.full(200, 30.0), magnitude, "float32")
    assert (abs(sums - exact) <= allowed).all()
    cut = round_to_dtype(a, "float16") * round_to_dtype(b, "float16")  # TF32 has as many bits in its significand
    assert (abs(cut.sum(axis=1) - exact) > allowed).mean() > 0.5


def test_the_rounding_factor_gamma_by_hand() -> None:
    """gamma_N equals the value worked by hand, and is infinite for sums too long for the format."""
    assert gamma(np.array(4.0), "bfloat16") == (4 / 256) / (1 - 4 / 256)
    assert np.isinf(gamma(np.array(256.0), "bfloat16"))
    assert rounding_bound(np.array([0.0, 300.0]), np.array([0.0, 1.0]), "bfloat16").tolist() == [0.0, np.inf]


def test_reversing_any_axis_changes_the_expected_output() -> None:
    """A fault that swaps or reverses an axis cannot hide behind a symmetry of the data."""
    case = ACCEPTED[0]
    data = make_dense_integers(case)
    y = compute_output(case, data.x, data.kernel, data.bias)
    for axis in range(y.ndim):
        assert not np.array_equal(y, np.flip(y, axis))
