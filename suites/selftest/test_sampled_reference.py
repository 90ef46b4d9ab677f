"""Tests of large references, computed at a sample of their entries: they equal the same entries of the whole."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Callable

import numpy as np
import pytest

from fixtures.case import Case
from fixtures.cases.data_sets import ONE_HOT, index_proof_fits, make_dense_integers, make_random_reals, yield_data_sets
from fixtures.cases.tiers import cases_of_tier
from fixtures.compare import check_cost
from fixtures.compare.evidence import ObservedArray
from fixtures.compare.reference import compute_references, compute_rounding_bounds, measure_largest_error
from fixtures.compare.verdict import judge_arrays
from fixtures.faults import Fault
from fixtures.numpy_layer.arithmetic import gather
from fixtures.observation import Observed
from fixtures.oracle import sampled_reference as sampling
from fixtures.oracle.expectation import (
    Accepts,
    compute_output,
    compute_reference_arrays,
    expected_result,
    index_map_operator,
    output_size,
    select_sample,
)
from fixtures.oracle.sampled_reference import SampledOperator, choose_sample_grids
from suites.selftest.many_values import for_each

ACCEPTED = [
    case for case in cases_of_tier("smoke") if isinstance(expected_result(case), Accepts) and max(case.size) < 40
]
RANKS = [
    Case(2, (5,), 2, 3, (4,), (3,), (1,), "same", (2,)),
    Case(2, (3, 2), 2, 3, (2, 3), (2, 1), (1, 1), "valid", (1, 0)),
    Case(1, (3, 2, 2), 2, 2, (2, 3, 1), (2, 1, 2), (1, 1, 1), "same", None),
]
CASE = Case(4, (9, 8), 3, 5, (5, 4), (2, 3), (1, 1), "same", None, "channels_first")
ANSWERS = ("output", "gradients", "second-order", "step")


@pytest.fixture
def small_sample(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make the sample smaller than the test's cases."""
    monkeypatch.setattr(sampling, "CELLS", {1: 3, 2: 2, 3: 2})
    monkeypatch.setattr(sampling, "TAPS", {1: 2, 2: 2, 3: 1})
    monkeypatch.setattr(sampling, "BATCH", 1)
    monkeypatch.setattr(sampling, "FILTERS", 2)


@pytest.mark.usefixtures("small_sample")
@for_each("case", [*ACCEPTED, *RANKS])
def test_a_sampled_reference_equals_the_entries_of_the_whole(case: Case) -> None:
    """The two constructions are compared in exact integers."""
    compare_sample_with_whole(case)


def compare_sample_with_whole(case: Case) -> None:
    """Compare the entries of the sample in every answer."""
    fed = make_dense_integers(case, "gradients").arrays
    grids = choose_sample_grids(case, output_size(case))
    for what in ANSWERS:
        whole, part = compute_reference_arrays(case, what, fed), compute_reference_arrays(case, what, fed, grids)
        assert set(whole) == set(part)
        for name, values in whole.items():
            assert np.array_equal(select_sample(values, name, grids), part[name])
            assert part[name].size <= values.size


@pytest.mark.usefixtures("small_sample")
@pytest.mark.parametrize("case", RANKS)
def test_a_sampled_reference_equals_the_numpy_layer(case: Case) -> None:
    """The NumPy layer shares no code with the oracle."""
    data, grids = make_dense_integers(case), choose_sample_grids(case, output_size(case))
    gathered = gather(data.x, data.kernel, case, Fault("healthy", ""))
    found = SampledOperator(case, output_size(case), grids).forward(data.x, data.kernel)
    assert np.array_equal(found, select_sample(gathered, "output", grids)) and found.size < gathered.size


@pytest.mark.parametrize("name", ["_pairs", "_reached", "_cells"])
def test_a_sample_that_ignores_the_crop_is_found(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The crop is forgotten in one of three functions."""
    right: Callable[..., Any] = getattr(SampledOperator, name)

    def uncropped(self: SampledOperator, axis: int, at: int) -> Any:
        self.crop = (0,) * len(self.n)
        return right(self, axis, at)

    monkeypatch.setattr(SampledOperator, name, uncropped)
    with pytest.raises(AssertionError):
        compare_sample_with_whole(RANKS[0])


def test_a_sample_has_the_first_and_last_two_indices_of_every_axis() -> None:
    """No index occurs twice, and a short axis is sampled whole."""
    assert (sampling.BATCH, sampling.FILTERS) == (3, 16)
    assert (sampling.CELLS, sampling.TAPS) == ({1: 64, 2: 8, 3: 4}, {1: 5, 2: 3, 3: 2})
    large = Case(256, (64, 65), 8, 1024, (16, 9), (2, 2), (1, 1))
    grids = choose_sample_grids(large, output_size(large))
    batch, *cells, filters = grids["output"]
    assert len(batch) == sampling.BATCH and list(filters) == list(range(1024))
    for length, axis in zip(output_size(large), cells):
        assert {0, 1, length - 2, length - 1} <= set(axis) and len(set(axis)) == len(axis) == sampling.CELLS[2]
    *taps, chosen, _ = grids["dkernel"]
    assert len(chosen) == sampling.FILTERS and all({0, k - 1} <= set(axis) for k, axis in zip((16, 9), taps))
    small = choose_sample_grids(CASE, output_size(CASE))
    assert small["dx"][3] == range(3) and small["output"][0][0] == 0


@for_each("case", [*ACCEPTED, *RANKS])
def test_the_sparse_construction_equals_the_dense_one(case: Case) -> None:
    """Inputs have a few entries, also other than 1 and next to each other."""
    rng = np.random.RandomState(3)
    x = rng.randint(-3, 4, (2, *case.size, case.channels)) * (rng.rand(2, *case.size, case.channels) < 0.2)
    w = rng.randint(-5, 6, (*case.kernel_size, case.filters, case.channels))
    assert np.array_equal(index_map_operator(case).place(x, w), index_map_operator(case).forward(x, w))


def test_a_large_case_gets_some_rows_of_the_index_proof() -> None:
    """Each row has one input cell, the first and the last among them; the kernel has distinct integers."""
    case = Case(2, (64, 65), 8, 6, (3, 3), (2, 2), (1, 1), use_bias=False)
    data = list(yield_data_sets(case))[1]
    assert not index_proof_fits(case) and data.name == ONE_HOT
    assert (data.x.reshape(len(data.x), -1).sum(axis=1) == 1).all() and len(data.x) > 1
    assert data.x[0, -1, -1, -1] == data.x[-1, 0, 0, 0] == 1
    assert len(np.unique(data.kernel)) == data.kernel.size and data.kernel.min() >= 1024
    fed = replace(case, batch=len(data.x))
    found = compute_references(fed, "output", data)["output"]
    assert np.array_equal(found.values, compute_output(fed, data.x, data.kernel, None))


@pytest.mark.parametrize(
    "data",
    [make_dense_integers(CASE, "gradients"), make_random_reals(CASE, "gradients")],
    ids=lambda data: str(data.name),
)
def test_a_large_output_is_judged_at_a_sample(data: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A wrong entry of the sample is reported with its place in the whole array."""
    whole = {what: compute_references(CASE, what, data) for what in ANSWERS[:3]}
    bounds = {what: compute_rounding_bounds(CASE, what, data) for what in ANSWERS[:3]}
    monkeypatch.setattr(check_cost, "DENSE_PRODUCTS", 1000)
    compute_references.cache_clear()  # type: ignore[attr-defined]  # of cached_arrays
    compute_rounding_bounds.cache_clear()  # type: ignore[attr-defined]  # of cached_arrays
    for what in ANSWERS[:3]:
        references, few_bounds = compute_references(CASE, what, data), compute_rounding_bounds(CASE, what, data)
        seen = {}
        for name, one in whole[what].items():
            last = one.values.copy()
            seen[name] = Observed((), one.dtype, np.moveaxis(last, -1, 1) if one.spatial else last, "")
            seen[name] = replace(seen[name], shape=seen[name].values.shape)
            assert references[name].shape == one.shape
            assert np.allclose(
                few_bounds.bounds[name], references[name].select(bounds[what].bounds[name] * np.ones(one.shape))
            )
        assert judge_arrays(references, seen, CASE, data.name, "", "gradient").verdict == "agree"
        if data.name == "random-reals":
            assert measure_largest_error(CASE, what, data, seen)["error_in_u"] < 1
        name = next(iter(references))
        values, place = seen[name].values, tuple(axis[-1] for axis in references[name].grid or ())
        assert place
        (np.moveaxis(values, 1, -1) if references[name].spatial else values)[place] += 1
        verdict = judge_arrays(references, seen, CASE, data.name, "", "gradient")
        assert verdict.verdict == "mismatch" and isinstance(verdict.observed, ObservedArray)
        (entry,) = verdict.observed.entries or ()
        assert (entry["at"], verdict.observed.differs, verdict.observed.map) == (list(place), 1, None)
    compute_references.cache_clear()  # type: ignore[attr-defined]  # of cached_arrays
    compute_rounding_bounds.cache_clear()  # type: ignore[attr-defined]  # of cached_arrays


def test_the_references_of_a_sample_have_the_shapes_of_the_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    """This also holds for the weights after a step of training."""
    data = make_dense_integers(CASE, "gradients")
    shapes = {what: {name: one.shape for name, one in compute_references(CASE, what, data).items()} for what in ANSWERS}
    monkeypatch.setattr(check_cost, "DENSE_PRODUCTS", 1000)
    compute_references.cache_clear()  # type: ignore[attr-defined]  # of cached_arrays
    for what in ANSWERS:
        found = compute_references(CASE, what, data)
        assert {name: one.shape for name, one in found.items()} == shapes[what]
        assert any(one.grid for one in found.values())
    compute_references.cache_clear()  # type: ignore[attr-defined]  # of cached_arrays


def test_the_reference_of_one_hot_inputs_has_the_type_in_which_the_layer_computes() -> None:
    """A policy of mixed precision computes in half precision."""
    case = Case(2, (64, 65), 8, 6, (3, 3), (2, 2), (1, 1), dtype="mixed_float16")
    data = next(one for one in yield_data_sets(case) if one.name == ONE_HOT)
    assert compute_references(case, "output", data)["output"].dtype == "float16"


@pytest.mark.usefixtures("small_sample")
@pytest.mark.parametrize("case", RANKS)
@pytest.mark.parametrize(("one", "other"), [("int64", "int64"), ("int64", "float64"), ("float64", "int64")])
def test_a_sample_has_the_type_of_the_whole(case: Case, one: str, other: str) -> None:
    """Integers stay integers, and a float on either side makes floats."""
    fed = make_dense_integers(case, "gradients").arrays
    sampled = SampledOperator(case, output_size(case), choose_sample_grids(case, output_size(case)))
    whole = index_map_operator(case)
    x, g = (fed[name].astype(one) for name in ("x", "g"))
    w, x_of_other = (fed[name].astype(other) for name in ("kernel", "x"))
    assert sampled.forward(x, w).dtype == whole.forward(x, w).dtype == np.result_type(one, other)
    assert sampled.dx(g, w).dtype == whole.dx(g, w).dtype == np.result_type(one, other)
    assert sampled.dkernel(g, x_of_other).dtype == whole.dkernel(g, x_of_other).dtype == np.result_type(one, other)


def test_a_sample_is_bounded_and_depends_on_the_case() -> None:
    """Each axis of the input and of the kernel has as many indices as its bound; another case, other ones."""
    cases = [replace(CASE, size=(90, 80), kernel_size=(9, 8), batch=batch) for batch in range(2, 8)]
    found = [choose_sample_grids(case, output_size(case)) for case in cases]
    for grids in found:
        assert [len(axis) for axis in (*grids["dx"][1:-1], *grids["dkernel"][:2])] == [8, 8, 3, 3]
    assert len({repr(grids["dx"][1:-1]) for grids in found}) == len(cases)


def test_the_sample_of_a_case_is_always_the_same() -> None:
    """Its seed is the first 8 digits of the case's hash, so that a verdict on a sample can be repeated."""
    case = replace(CASE, size=(90, 80), kernel_size=(9, 8), batch=1)
    rng = np.random.RandomState(int(case.hash[:8], 16))
    rng.permutation(1)  # of the batch
    for length in output_size(case):
        rng.permutation(length)
    inner = rng.permutation(90).tolist()
    first = sorted(list(dict.fromkeys([0, 89, 1, 88, *inner]))[:8])
    assert choose_sample_grids(case, output_size(case))["dx"][1] == first
