"""Tests of the reference arrays under each name: two input cells, three taps and stride 2, worked by hand."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, fields, replace
from typing import Any

import numpy as np
import pytest

from fixtures.case import Case
from fixtures.cases.data_sets import make_dense_integers
from fixtures.compare.reference import Rounding, compute_references, compute_rounding_bounds, drop_undecided_gradients
from fixtures.compare.verdict import Reference, Verdict
from fixtures.oracle.expectation import (
    Accepts,
    Rejects,
    compute_output_of_sparse_input,
    compute_reference_arrays,
    expected_result,
    output_size,
)
from fixtures.oracle.rules import Rule
from fixtures.oracle.values import Operator, bias_gradient

LINEAR = Case(1, (2,), 1, 1, (3,), (2,), (1,))
RELU = replace(LINEAR, activation="relu")
# T x = 1 2 13 20 30, and -1 0 11 18 28 with the bias: relu passes g at the last three, and not at the zero.
X, KERNEL, BIAS = [1, 10], [1, 2, 3], [-2]
G, H = [1, 2, 3, 4, 5], [7, 1]


def arrays_by_name(*left_out: str) -> dict[str, np.ndarray]:
    """Return the input arrays by name, with the channels last."""
    shapes = {"x": (1, 2, 1), "kernel": (3, 1, 1), "bias": (1,), "g": (1, 5, 1), "h": (1, 2, 1)}
    values = {"x": X, "kernel": KERNEL, "bias": BIAS, "g": G, "h": H}
    return {name: np.array(values[name]).reshape(shapes[name]) for name in values if name not in left_out}


WORKED = {
    ("output", "linear"): {"output": [-1, 0, 11, 18, 28]},
    ("output", "relu"): {"output": [0, 0, 11, 18, 28]},
    # dx[i] = g[2i] w[0] + g[2i+1] w[1] + g[2i+2] w[2]; dkernel[j] = g[j] x[0] + g[2+j] x[1].
    ("gradients", "linear"): {"dx": [14, 26], "dkernel": [31, 42, 53], "dbias": [15]},
    ("gradients", "relu"): {"dx": [9, 26], "dkernel": [30, 40, 53], "dbias": [12]},
    # dkernel with h instead of x, and T h = 7 14 22 2 3.
    ("second-order", "linear"): {"dx_dkernel": [10, 18, 26], "dx_dg": [7, 14, 22, 2, 3]},
    ("second-order", "relu"): {"dx_dkernel": [3, 4, 26], "dx_dg": [0, 0, 22, 2, 3]},
    ("step", "linear"): {"kernel": [-30, -40, -50], "bias": [-17]},
    ("step", "relu"): {"kernel": [-29, -38, -50], "bias": [-14]},
}


@pytest.mark.parametrize(("what", "activation"), WORKED)
def test_every_reference_array_equals_the_one_worked_by_hand(what: str, activation: str) -> None:
    """Outputs, gradients, second derivatives and a training step (rules V3 and G1 to G5)."""
    found = compute_reference_arrays(replace(LINEAR, activation=activation), what, arrays_by_name())
    assert {name: array.ravel().tolist() for name, array in found.items()} == WORKED[what, activation]


@pytest.mark.parametrize("case", [LINEAR, RELU])
def test_a_layer_without_bias_has_no_gradient_of_the_bias(case: Case) -> None:
    """Its other arrays equal those of a zero bias."""
    without, zero = arrays_by_name("bias"), {**arrays_by_name(), "bias": np.array([0])}
    assert compute_reference_arrays(case, "output", without)["output"].ravel().tolist() == [1, 2, 13, 20, 30]
    for what, name in (("gradients", "dbias"), ("step", "bias")):
        found, other = compute_reference_arrays(case, what, without), compute_reference_arrays(case, what, zero)
        assert set(other) - set(found) == {name}
        assert all(np.array_equal(found[array], other[array]) for array in found)


@pytest.mark.parametrize("case", [LINEAR, RELU])
def test_the_references_of_integers_are_integers(case: Case) -> None:
    """A float in between would round the sums of a large case."""
    for what in ("output", "gradients", "second-order", "step"):
        found = compute_reference_arrays(case, what, arrays_by_name())
        assert {name: array.dtype.kind for name, array in found.items()} == dict.fromkeys(found, "i")


@pytest.mark.parametrize("case", [LINEAR, RELU])
def test_the_output_of_a_sparse_input_is_that_of_the_whole(case: Case) -> None:
    """It has the bias, the activation, and products of the entries that are not 0."""
    sparse = {**arrays_by_name(), "x": arrays_by_name()["x"] * [[[0], [1]]]}
    for fed in (sparse, {name: array for name, array in sparse.items() if name != "bias"}):
        found, whole = compute_output_of_sparse_input(case, fed), compute_reference_arrays(case, "output", fed)
        assert set(found) == {"output"} and np.array_equal(found["output"], whole["output"])


def test_relu_passes_the_gradient_of_every_positive_output() -> None:
    """An output of 2**-20 counts, and a zero does not."""
    little = {**arrays_by_name(), "x": arrays_by_name()["x"] * 2.0**-20, "bias": np.array([0])}
    assert compute_reference_arrays(RELU, "gradients", little)["dbias"].tolist() == [15]
    assert compute_reference_arrays(RELU, "gradients", {**little, "x": little["x"] * [[[0], [1]]]})[
        "dbias"
    ].tolist() == [12]


def test_an_output_needs_no_gradient_and_a_gradient_no_direction() -> None:
    """The output needs x and the weights only; a first derivative does not need h."""
    assert set(compute_reference_arrays(RELU, "output", arrays_by_name("g", "h"))) == {"output"}
    assert set(compute_reference_arrays(RELU, "gradients", arrays_by_name("h"))) == {"dx", "dkernel", "dbias"}


def test_reference_arrays_have_the_shapes_of_batch_filters_and_channels() -> None:
    """The case has two elements, three filters and two channels; dbias has one value for each filter (rule S7)."""
    case = Case(2, (3, 2), 2, 3, (2, 3), (1, 2), (1, 1), "same")
    y = expected_result(case)
    assert isinstance(y, Accepts) and y.shape == (2, 3, 4, 3) and y.dtype == "float32"
    first = expected_result(replace(case, data_format="channels_first", dtype="mixed_float16"))
    assert isinstance(first, Accepts) and first.shape == (2, 3, 3, 4) and first.dtype == "float16"
    g = np.arange(72).reshape(2, 3, 4, 3)
    assert bias_gradient(g).tolist() == [828, 852, 876]
    given = {"x": np.ones((2, 3, 2, 2)), "kernel": np.ones((2, 3, 3, 2)), "bias": np.zeros(3), "g": g}
    shapes = {name: array.shape for name, array in compute_reference_arrays(case, "gradients", given).items()}
    assert shapes == {"dx": (2, 3, 2, 2), "dkernel": (2, 3, 3, 2), "dbias": (3,)}


@pytest.mark.parametrize(("x", "w", "made"), [("int64", "int64", "int64"), ("int64", "float64", "float64")])
def test_references_of_integers_are_integers(x: str, w: str, made: str) -> None:
    """Real values in x or w give real values."""
    index_map = Operator((2,), (3,), (2,), (1,), (5,), "valid")
    cells, taps, g = np.ones((1, 2, 1), x), np.full((3, 1, 1), 2, w), np.ones((1, 5, 1), x)
    assert (
        index_map.forward(cells, taps).dtype == made
        and index_map.forward(cells.astype(w), taps.astype(x)).dtype == made
    )
    assert index_map.place(cells, taps).dtype == index_map.place(cells.astype(w), taps.astype(x)).dtype == made
    assert index_map.dx(g, taps).dtype == made and index_map.dx(g.astype(w), taps.astype(x)).dtype == made
    assert index_map.dkernel(g, cells.astype(w)).dtype == made and index_map.dkernel(g.astype(w), cells).dtype == made


def test_gradients_of_an_empty_input_are_zero() -> None:
    """They have the right shapes (rules V4, G1 and G2)."""
    for batch, n, channels in ((2, 0, 3), (0, 2, 3), (2, 2, 0)):
        case = Case(batch, (n, 2), channels, 2, (3, 2), (2, 1), (1, 1))
        shapes = {"x": (batch, n, 2, channels), "kernel": (3, 2, 2, channels), "bias": (2,)}
        given = {name: np.ones(shape) for name, shape in shapes.items()}
        given["g"] = np.ones((batch, *output_size(case), 2))
        found = compute_reference_arrays(case, "gradients", given)
        assert found["dx"].shape == shapes["x"] and found["dkernel"].shape == shapes["kernel"]
        assert found["dbias"].tolist() == [given["g"][..., 0].size] * 2
        if 0 in (batch, n):
            assert not found["dx"].any() and not found["dkernel"].any()


@pytest.mark.parametrize(
    "kind", [Accepts, Rejects, Rule, Verdict, Reference, Rounding, Case], ids=lambda kind: kind.__name__
)
def test_expected_results_are_immutable(kind: type) -> None:
    """Several checks share them."""
    with pytest.raises(FrozenInstanceError):
        setattr(object.__new__(kind), next(iter(fields(kind))).name, None)


def test_a_reference_is_computed_once_for_all_modes() -> None:
    """The same object comes from a cache; test_array_cache.py tests its limits."""
    given = make_dense_integers(RELU, "gradients")
    cached: list[tuple[Any, Any]] = [
        (compute_references, (RELU, "output", given)),
        (drop_undecided_gradients, (RELU, given)),
        (compute_rounding_bounds, (RELU, "output", given)),
    ]
    for function, arguments in cached:
        assert function(*arguments) is function(*arguments)
