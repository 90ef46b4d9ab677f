"""Tests of the numbers of terms and products: they come from the lengths, and equal sums of ones."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from fixtures.case import Case
from fixtures.cases import data_sets
from fixtures.cases.array_cache import BYTES, ENTRIES, cached_arrays, count_bytes
from fixtures.cases.data_sets import make_dense_integers
from fixtures.cases.tiers import cases_of_tier
from fixtures.oracle import term_counts
from fixtures.oracle.expectation import Accepts, compute_reference_arrays, expected_result
from fixtures.oracle.term_counts import count_products, count_terms
from suites.selftest.many_values import for_each

ACCEPTED = [
    case for case in cases_of_tier("smoke") if isinstance(expected_result(case), Accepts) and max(case.size) < 40
]
LARGE = Case(16, (28, 28), 1024, 512, (2, 2), (2, 2), (1, 1), "same")


@for_each("case", ACCEPTED)
def test_the_number_of_terms_equals_the_sum_of_ones(case: Case) -> None:
    """The sums are the oracle's own loops, which share no code with the count."""
    compare_counts_with_sums_of_ones(case)


def compare_counts_with_sums_of_ones(case: Case) -> None:
    """Compare the counts of every answer with the answer for data of ones."""
    data = make_dense_integers(case, "gradients")
    ones = {name: np.ones_like(values) for name, values in data.arrays.items()}
    for what in ("output", "gradients", "second-order"):
        found = count_terms(case, what)
        for name, values in compute_reference_arrays(replace(case, activation="linear"), what, ones).items():
            assert np.array_equal(np.broadcast_to(found.pop(name), values.shape), values)
        assert not found


def test_the_number_of_products_by_hand() -> None:
    """Each input cell meets each tap, channel and filter once; a gradient has two maps, and relu needs the output."""
    one = Case(2, (3, 5), 7, 11, (2, 3), (1, 1), (1, 1))
    relu = replace(one, activation="relu")
    assert count_products(one, "output") == count_products(relu, "output") == 2 * 15 * 7 * 11 * 6
    for what, maps in (("gradients", 2), ("second-order", 2), ("step", 1)):
        assert count_products(one, what) == maps * 13860
        assert count_products(relu, what) == (maps + 1) * 13860


def test_data_are_chosen_without_computing_a_reference(monkeypatch: pytest.MonkeyPatch) -> None:
    """The bound from the lengths is enough for float32; for bfloat16 the sums are computed."""
    computed = []

    def count(case: Case, what: str, fed: object) -> dict[str, np.ndarray]:
        computed.append(what)
        return {"output": np.zeros(1)}

    monkeypatch.setattr(data_sets, "compute_reference_arrays", count)
    small = replace(LARGE, batch=1, size=(4, 5))
    data = make_dense_integers.__wrapped__(small, "gradients")  # type: ignore[attr-defined]  # the function without its cache
    assert not computed and np.abs(data.x).max() == 7
    make_dense_integers.__wrapped__(replace(small, dtype="bfloat16"))  # type: ignore[attr-defined]  # the function without its cache
    assert set(computed) == {"output"}


def test_the_number_of_terms_needs_no_large_array() -> None:
    """There is one number for each cell and each tap, for a million cells and weights."""
    found = count_terms(LARGE, "gradients")
    assert found["dx"].size == 28 * 28 and found["dkernel"].size == 4 and found["dbias"] == 16 * 56 * 56


def test_a_wrong_number_of_terms_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """The crop is forgotten, or cells beyond the output are counted."""
    case = Case(2, (4,), 2, 3, (5,), (2,), (1,), "same")
    right = term_counts.count_pairs
    for wrong in (
        lambda n, k, s, d, m, crop: right(n, k, s, d, m, 0),
        lambda n, k, s, d, m, crop: right(n, k, s, d, m + 3, crop),
    ):
        monkeypatch.setattr(term_counts, "count_pairs", wrong)
        with pytest.raises((AssertionError, ValueError)):
            compare_counts_with_sums_of_ones(case)


def test_the_cache_of_arrays_is_limited_in_entries_and_bytes() -> None:
    """The newest result always stays."""
    made = []

    @cached_arrays
    def zeros(size: int, key: int = 0) -> dict[str, np.ndarray]:
        made.append((size, key))
        return {"x": np.zeros(size)}

    assert zeros(3) is zeros(3) and made == [(3, 0)]
    half = BYTES // 16 + 1
    assert zeros(half) is zeros(half)
    zeros(half, 1)  # the two halves do not fit together
    assert zeros(half, 1) is zeros(half, 1) and len(made) == 3
    zeros(half)
    assert len(made) == 4
    for key in range(ENTRIES + 1):
        zeros(1, key)
    zeros(1, 1)
    assert len(made) == 5 + ENTRIES
    zeros(1, 0)
    assert len(made) == 6 + ENTRIES
    zeros.cache_clear()  # type: ignore[attr-defined]  # as functools.lru_cache has it
    zeros(1, 1)
    assert len(made) == 7 + ENTRIES


def test_the_size_of_a_result_is_that_of_all_its_arrays() -> None:
    """The result may be a dict or a dataclass, or have no array."""
    data = make_dense_integers(Case(2, (3,), 2, 2, (2,), (1,), (1,)))
    assert count_bytes(data) == data.x.nbytes + data.kernel.nbytes + count_bytes(data.bias)
    assert count_bytes({"a": np.zeros(3), "b": {"c": np.zeros(4)}}) == 56 and count_bytes(None) == 0
