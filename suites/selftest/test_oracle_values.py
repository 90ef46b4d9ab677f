"""Tests of the oracle's values and gradients, in exact integers, against constructions that share no code with it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from fixtures.case import Case
from fixtures.cases.tiers import cases_of_tier
from fixtures.faults import Fault
from fixtures.numpy_layer.arithmetic import gather
from fixtures.oracle import values
from fixtures.oracle.expectation import Accepts, compute_output, expected_result, index_map_operator
from fixtures.oracle.values import add_bias_and_activate, bias_gradient
from suites.selftest.many_values import for_each

ACCEPTED = [
    case for case in cases_of_tier("smoke") if isinstance(expected_result(case), Accepts) and max(case.size) < 40
]
RANKS = [
    Case(2, (5,), 2, 3, (4,), (3,), (1,), "same", (2,)),
    Case(2, (3, 2), 2, 3, (2, 3), (2, 1), (1, 1), "valid", (1, 0)),
    Case(1, (3, 2, 2), 2, 2, (2, 3, 1), (2, 1, 2), (1, 1, 1), "same", None),
]


def draw_integers(case: Case) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return x, the kernel and an upstream gradient of small random integers."""
    rng = np.random.RandomState(7)
    x = rng.randint(-5, 6, (case.batch, *case.size, case.channels))
    w = rng.randint(-5, 6, (*case.kernel_size, case.filters, case.channels))
    return x, w, rng.randint(-5, 6, (case.batch, *index_map_operator(case).m, case.filters))


def convolve(u: np.ndarray, w: np.ndarray, case: Case) -> np.ndarray:
    """Return the forward convolution of u: the dilated window slides over the padded input."""
    spans = [(k - 1) * d + 1 for k, d in zip(case.kernel_size, case.dilation_rate)]
    padding = [(0, 0)]
    for n, s, span, m in zip(case.size, case.strides, spans, u.shape[1:-1]):
        lacking = max((n - 1) * s + span - m, 0) if case.padding == "same" else 0
        padding.append((lacking // 2, lacking - lacking // 2))
    padded = np.pad(u, [*padding, (0, 0)], mode="constant")
    out = np.zeros((len(u), *case.size, case.channels), u.dtype)
    for place in np.ndindex(case.size):
        starts = [i * s for i, s in zip(place, case.strides)]
        cells: list[slice] = [slice(a, a + span, d) for a, span, d in zip(starts, spans, case.dilation_rate)]
        window = padded[(slice(None), *cells)]
        out[(slice(None), *place)] = np.tensordot(window, w, u.ndim - 1)
    return out


@for_each("case", [*ACCEPTED, *RANKS])
def test_the_oracles_values_equal_those_of_the_numpy_layer(case: Case) -> None:
    """The oracle scatters from inputs, the NumPy layer gathers from outputs."""
    x, w, _ = draw_integers(case)
    assert np.array_equal(index_map_operator(case).forward(x, w), gather(x, w, case, Fault("healthy", "")))


@pytest.mark.parametrize("entries", [1, 7, 100, 1000])
@pytest.mark.parametrize("case", [ACCEPTED[0], *RANKS])
def test_computing_large_arrays_in_blocks_does_not_change_the_values(
    case: Case, entries: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Blocks of batch elements and filters give the same integers, however small they are."""
    x, w, g = draw_integers(case)
    index_map = index_map_operator(case)
    whole = [index_map.forward(x, w), index_map.dx(g, w), index_map.dkernel(g, x)]
    monkeypatch.setattr(values, "BLOCK", entries)
    blocks = [index_map.forward(x, w), index_map.dx(g, w), index_map.dkernel(g, x)]
    assert all(np.array_equal(one, other) for one, other in zip(whole, blocks))
    assert np.array_equal(blocks[0], gather(x, w, case, Fault("healthy", "")))


def test_blocks_of_several_elements_do_not_change_the_values(monkeypatch: pytest.MonkeyPatch) -> None:
    """Seven elements are 2, 2, 2 and 1, and 3, 3 and 1."""
    case = replace(RANKS[0], batch=7)
    x, w, _ = draw_integers(case)
    whole = index_map_operator(case).forward(x, w)
    for elements in (2, 3):
        monkeypatch.setattr(values, "BLOCK", elements * case.filters * 16)  # the full extent has 16 cells
        assert np.array_equal(index_map_operator(case).forward(x, w), whole)


def test_integers_above_the_exact_range_of_float64_stay_exact() -> None:
    """2**53 + 1 has no float64."""
    x, w = np.array([2**53 + 1]).reshape(1, 1, 1), np.array([1]).reshape(1, 1, 1)
    index_map = values.Operator((1,), (1,), (1,), (1,), (1,), "valid")
    assert index_map.forward(x, w).item() == index_map.place(x, w).item() == 2**53 + 1
    assert index_map.dx(x, w).item() == index_map.dkernel(x, w).item() == 2**53 + 1


def test_every_batch_element_and_filter_is_in_one_block(monkeypatch: pytest.MonkeyPatch) -> None:
    """A block has at least one pair of them, and as many as the allowed entries are enough for."""
    assert values.BLOCK * np.dtype(np.float64).itemsize == 32 * 2**20  # bytes
    index_map = index_map_operator(RANKS[0])  # 16 cells of the full extent
    for entries, most in ((1, 1), (32, 2), (48, 3), (96, 6)):
        monkeypatch.setattr(values, "BLOCK", entries)
        seen, sizes = np.zeros((5, 3), int), []
        for batch, filters in index_map._blocks(5, 3):
            seen[batch, filters] += 1
            sizes.append((batch.stop - batch.start) * (filters.stop - filters.start))
        assert (seen == 1).all() and min(sizes) >= 1 and max(sizes) == most


def test_no_filters_give_an_output_without_filters() -> None:
    """There are no blocks then."""
    index_map = index_map_operator(RANKS[0])
    assert index_map.forward(np.ones((2, 5, 3), int), np.ones((4, 0, 3), int)).shape == (2, *index_map.m, 0)


@for_each("case", [*ACCEPTED, *RANKS])
def test_the_transpose_is_the_adjoint_of_the_convolution(case: Case) -> None:
    """<C u, x> = <u, T x> holds exactly (rule A1)."""
    x, w, u = draw_integers(case)
    assert np.vdot(convolve(u, w, case), x) == np.vdot(u, index_map_operator(case).forward(x, w))
    assert np.array_equal(index_map_operator(case).dx(u, w), convolve(u, w, case))


@for_each("case", [*ACCEPTED, *RANKS])
def test_the_gradients_are_those_of_a_bilinear_map(case: Case) -> None:
    """<g, T(x, w)> = <dx, x> = <dkernel, w> holds exactly, and each gradient is linear."""
    x, w, g = draw_integers(case)
    index_map = index_map_operator(case)
    value = np.vdot(g, index_map.forward(x, w))
    assert value == np.vdot(index_map.dx(g, w), x) == np.vdot(index_map.dkernel(g, x), w)
    v = np.roll(w, 1)
    assert np.vdot(g, index_map.forward(x, v)) == np.vdot(index_map.dkernel(g, x), v)
    assert np.array_equal(bias_gradient(g), g.sum(axis=tuple(range(g.ndim - 1))))


def test_values_of_a_small_case_by_hand() -> None:
    """Two input cells 1, 10 and the kernel 1, 2, 3 with stride 2 give 1 2 13 20 30 before the crop."""
    x, w = np.array([1, 10]).reshape(1, 2, 1), np.array([1, 2, 3]).reshape(3, 1, 1)
    valid = Case(1, (2,), 1, 1, (3,), (2,), (1,))
    same = Case(1, (2,), 1, 1, (3,), (2,), (1,), "same")
    assert compute_output(valid, x, w, None).ravel().tolist() == [1, 2, 13, 20, 30]
    assert compute_output(same, x, w, None).ravel().tolist() == [1, 2, 13, 20]  # the odd cell is cropped at the end
    assert compute_output(same, x, w, np.array([-5])).ravel().tolist() == [-4, -3, 8, 15]


def test_an_empty_input_gives_the_bias_alone() -> None:
    """This holds for an empty batch and for an input without cells (rule V4)."""
    empty = Case(2, (0, 3), 2, 2, (3, 3), (1, 1), (1, 1))
    out = compute_output(empty, np.zeros((2, 0, 3, 2)), np.ones((3, 3, 2, 2)), np.array([1, -1]))
    assert out.shape == (2, 2, 5, 2) and (out == [1, -1]).all()
    assert compute_output(RANKS[1], np.zeros((0, 3, 2, 2)), np.ones((2, 3, 3, 2)), None).shape == (0, 7, 4, 3)


def test_the_activation_is_applied_after_the_bias() -> None:
    """An unknown activation is refused (rule V3)."""
    assert add_bias_and_activate(np.array([[-3, 3]]), np.array([2, -4]), "relu").tolist() == [[0, 0]]
    with pytest.raises(ValueError, match="activation 'swish'"):
        add_bias_and_activate(np.zeros((1, 1)), None, "swish")
