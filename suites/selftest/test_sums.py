"""Tests of the NumPy layer's sums: they equal the oracle's, do not depend on blocks, and need little memory."""

from __future__ import annotations

import tracemalloc
from dataclasses import replace
from itertools import product
from typing import Any, Callable

import numpy as np
import pytest

from fixtures.case import Case
from fixtures.faults import HEALTHY
from fixtures.faults.axis_map import AxisMap
from fixtures.numpy_layer import sums
from fixtures.numpy_layer.arithmetic import axis_map, gather, gather_input, gather_kernel
from fixtures.oracle.expectation import index_map_operator

Compute = Callable[[np.ndarray], np.ndarray]
CASES = [
    "b3-i7-c2-f3-k4-s3-d1-same-o2-last-bias-linear-float32",
    "b1-i5.6-c2-f1-k3.2-s2.1-d1.1-valid-onone-last-bias-linear-float32",
    "b2-i4.5-c3-f2-k3.4-s1.1-d2.2-same-onone-last-bias-linear-float32",
    "b2-i3.4-c2-f2-k1.1-s3.2-d1.1-valid-onone-last-bias-linear-float32",
    "b1-i3.2.4-c2-f3-k2.3.1-s2.1.2-d1.1.1-same-onone-last-bias-linear-float32",
]


def draw_integers(case: Case) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return x, the kernel and an upstream gradient of small random integers."""
    rng = np.random.RandomState(7)
    x = rng.randint(-5, 6, (case.batch, *case.size, case.channels))
    w = rng.randint(-5, 6, (*case.kernel_size, case.filters, case.channels))
    return x, w, rng.randint(-5, 6, (case.batch, *index_map_operator(case).m, case.filters))


@pytest.mark.parametrize("entries", [1, 50, sums.BLOCK_ENTRIES])
@pytest.mark.parametrize("text", CASES)
def test_the_numpy_layers_sums_do_not_depend_on_the_size_of_blocks(
    text: str, entries: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Output and gradients equal the oracle's."""
    monkeypatch.setattr(sums, "BLOCK_ENTRIES", entries)
    case = Case.parse(text)
    x, w, g = draw_integers(case)
    index_map = index_map_operator(case)
    assert np.array_equal(gather(x, w, case, HEALTHY), index_map.forward(x, w))
    assert np.array_equal(gather_input(g, w, case, HEALTHY), index_map.dx(g, w))
    assert np.array_equal(gather_kernel(x, g, case, HEALTHY), index_map.dkernel(g, x))


def test_sums_of_few_entries_equal_the_oracles(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first entries, which reach the same cells, and the last one are left; they are summed one by one."""
    monkeypatch.setattr(sums, "_sum_products_of_cells", None)
    monkeypatch.setattr(sums, "_correlate_cells", None)
    for text, entries in product(CASES, (1, 50, sums.BLOCK_ENTRIES)):
        monkeypatch.setattr(sums, "BLOCK_ENTRIES", entries)
        case = Case.parse(text)
        x, w, g = draw_integers(case)
        index_map = index_map_operator(case)
        x.flat[3:-1], g.flat[3:-1] = 0, 0
        assert np.array_equal(gather(x, w, case, HEALTHY), index_map.forward(x, w))
        assert np.array_equal(gather_input(g, w, case, HEALTHY), index_map.dx(g, w))
        assert np.array_equal(gather_kernel(x, g, case, HEALTHY), index_map.dkernel(g, x))


@pytest.mark.parametrize("text", CASES)
def test_a_nan_enters_only_the_sums_that_contain_it(text: str) -> None:
    """Products with a weight of 0 are no part of a sum; all other cells of the input are finite and not 0."""
    case = Case.parse(text)
    x, w, g = (array.astype(float) for array in draw_integers(case))
    w[(0,) * case.rank] = x.flat[-1] = 0
    index_map, sizes = index_map_operator(case), np.abs(w)
    sums_and_reach: list[tuple[np.ndarray, Compute, Compute]] = [
        (x, lambda one: gather(one, w, case, HEALTHY), lambda one: index_map.forward(one, sizes)),
        (g, lambda one: gather_input(one, w, case, HEALTHY), lambda one: index_map.dx(one, sizes)),
        (g, lambda one: gather_kernel(x, one, case, HEALTHY), lambda one: index_map.dkernel(one, np.abs(x))),
    ]
    for array, compute, reach in sums_and_reach:
        spoiled, carrier = array.copy(), np.zeros(array.shape)
        spoiled.flat[-1], carrier.flat[-1] = np.nan, 1
        reached = reach(carrier) > 0
        assert np.array_equal(np.isnan(compute(spoiled)), reached)
        assert np.array_equal(compute(spoiled)[~reached], compute(array)[~reached])


def test_the_numpy_layers_map_of_an_axis_by_hand() -> None:
    """Two input cells, kernel 3, stride 2 and a crop of one cell; then moved, limited and reversed."""
    found = axis_map(2, 3, 2, 1, "same", None, lambda lost: lost // 2)
    assert list_products(found) == [(0, 0, 0), (0, 1, 2), (1, 0, 1), (1, 1, 3), (2, 0, 2)] and found.lengths == (
        3,
        2,
        4,
    )
    assert list_products(found.shift_outputs(1)) == [(0, 0, 1), (0, 1, 3), (1, 0, 2), (2, 0, 3)]
    # Products that left the output stay lost.
    assert list_products(found.shift_outputs(1).shift_outputs(-1)) == [(0, 0, 0), (0, 1, 2), (1, 0, 1), (2, 0, 2)]
    window = found.cut_outputs(1, 3)
    assert list_products(window) == [(0, 1, 1), (1, 0, 0), (2, 0, 1)] and window.lengths == (3, 2, 2)
    assert list_products(window.reverse()) == [(0, 1, 1), (1, 0, 0), (2, 1, 0)]
    used, limited = found.cut_outputs(3, 9).drop_unused_inputs()
    assert used.tolist() == [1] and list_products(limited) == [(1, 0, 0)] and limited.lengths == (3, 1, 1)


def list_products(index_map: AxisMap) -> list[tuple[int, int, int]]:
    """Return the tap, input cell and output cell of every product."""
    return list(zip(index_map.taps.tolist(), index_map.inputs.tolist(), index_map.outputs.tolist()))


def test_a_long_input_needs_little_memory() -> None:
    """The input has 9,000 cells with kernel 25 and stride 4; a dense index map would have 8e9 entries."""
    case = Case.parse("b2-i9000-c2-f2-k25-s4-d1-same-onone-last-bias-linear-float32")
    x, w, g = draw_integers(case)
    tracemalloc.start()
    try:
        outputs = (gather(x, w, case, HEALTHY), gather_input(g, w, case, HEALTHY), gather_kernel(x, g, case, HEALTHY))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    index_map = index_map_operator(case)
    expected = (index_map.forward(x, w), index_map.dx(g, w), index_map.dkernel(g, x))
    assert all(np.array_equal(*both) for both in zip(outputs, expected))
    assert peak < 150e6


@pytest.mark.parametrize("cells", [1, 2, 4])
def test_an_array_without_all_cells_of_the_map_is_refused(cells: int) -> None:
    """Otherwise the sums of the cells that it has would be wrong without an error."""
    index_map = axis_map(5, 3, 2, 1, "valid", None, lambda lost: lost // 2)
    with pytest.raises(IndexError, match="out of bounds"):
        sums.sum_products(np.ones((2, cells, 3)), np.ones((3, 2, 3)), [index_map])


@pytest.mark.parametrize("field", ["taps", "inputs", "outputs"])
@pytest.mark.parametrize("entry", [-1, 20])
def test_a_map_with_an_entry_beyond_its_lengths_is_refused(field: str, entry: int) -> None:
    """Otherwise a slice would leave out its product without an error."""
    right = AxisMap(np.array([0]), np.array([0]), np.array([0]), (1, 1, 1))
    changed: dict[str, Any] = {field: np.array([entry])}
    wrong = replace(right, **changed)
    with pytest.raises(IndexError):
        sums._sum_products_of_cells(np.ones((2, 1, 3)), np.ones((1, 2, 3)), [wrong])
    assert sums._sum_products_of_cells(np.ones((2, 1, 3)), np.ones((1, 2, 3)), [right]).shape == (2, 1, 2)


def test_products_in_any_order_are_summed() -> None:
    """The input cells of a tap need not be evenly spaced, and a tap may meet an output cell twice."""
    rng = np.random.RandomState(5)
    even, uneven = (axis_map(5, 2, 2, d, "valid", None, lambda lost: lost // 2) for d in (1, 3))
    for index_map in (even, uneven.reverse().drop_unused_inputs()[1], uneven.shift_outputs(-1)):
        k, n, m = index_map.lengths
        number = np.arange(len(index_map.taps))
        for order in (number, number[::-1], rng.permutation(number)):
            products = AxisMap(index_map.taps[order], index_map.inputs[order], index_map.outputs[order], (k, n, m))
            x, w = rng.randint(1, 9, (2, n, 3)), rng.randint(1, 9, (k, 4, 3))
            expected = np.zeros((2, m, 4))
            for j, i, t in list_products(products):
                expected[:, t] += x[:, i] @ w[j].T
            assert np.array_equal(sums.sum_products(x, w, [products]), expected)
