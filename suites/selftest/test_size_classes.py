"""Tests of the size classes: the locked cases contain every pair of classes that is affordable to compute."""

from __future__ import annotations

from functools import lru_cache
from itertools import combinations, product

import numpy as np
import pytest

from fixtures.case import Case
from fixtures.cases import size_classes
from fixtures.cases.data_sets import has_dense_integers, make_dense_integers
from fixtures.cases.size_classes import (
    CLASSES,
    ENTRIES,
    FACTORS,
    PRODUCTS,
    SIZES,
    VALUES_OF_FACTORS,
    draw_rows_of_sizes,
    find_sizes_of_case,
    is_affordable,
    make_case_of_sizes,
    measure_sizes,
    possible_pairs,
    read_size_cases,
)
from fixtures.compare.check_cost import choose_grids_of_sample, estimate_needed_memory
from fixtures.oracle.expectation import Accepts, expected_result, output_size
from fixtures.oracle.term_counts import count_products
from suites.selftest.many_values import for_each

LOCKED = read_size_cases()


def test_every_possible_pair_of_size_classes_is_in_a_locked_case() -> None:
    """Only strides with dilation is impossible, because Keras refuses it (rule R7)."""
    pairs, missing = measure_sizes(LOCKED)
    assert not missing and pairs == len(possible_pairs())
    for one, other in combinations(FACTORS, 2):
        for value, another in product(VALUES_OF_FACTORS[one], VALUES_OF_FACTORS[other]):
            if frozenset(((one, value), (other, another))) not in possible_pairs():
                assert {one, other} == {"stride", "dilation"} and 1 not in (value, another)


def test_the_largest_size_classes_are_those_of_published_layers() -> None:
    """Each size has four classes in ascending order."""
    assert all(len(values) == len(CLASSES) and list(values) == sorted(values) for values in SIZES.values())
    last = {name: values[-1] for name, values in SIZES.items()}
    assert last == {
        "length": 16384,
        "kernel": 64,
        "stride": 32,
        "dilation": 18,
        "channels": 1024,
        "filters": 1024,
        "batch": 256,
    }


@for_each("case", LOCKED)
def test_a_case_of_the_size_classes_has_a_bounded_cost(case: Case) -> None:
    """It needs less than 4 GiB, its reference is computed whole, and exact integers exist."""
    assert isinstance(expected_result(case), Accepts) and is_affordable(case)
    assert count_products(case, "output") <= PRODUCTS and estimate_needed_memory(case, "gradients") < 4
    assert case.batch * int(np.prod(output_size(case))) * case.filters <= ENTRIES
    assert choose_grids_of_sample(case, "second-order") is None and has_dense_integers(case)
    row = find_sizes_of_case(case)
    assert all(row[name] in values for name, values in VALUES_OF_FACTORS.items())
    assert make_case_of_sizes(row) == case


def test_missing_pairs_of_size_classes_are_counted() -> None:
    """Without the cases of one batch, the pairs with this batch are missing."""
    _, missing = measure_sizes(case for case in LOCKED if case.batch != 256)
    of_batch = [pair for pair in possible_pairs() if ("batch", 256) in pair]
    assert sum("batch=256" in words for words in missing) == len(of_batch) > 20


def test_the_generator_of_size_cases_covers_every_pair_of_a_few_values(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each factor has two values; the generator gives the same rows each time."""
    small = {name: tuple(values[:2]) for name, values in VALUES_OF_FACTORS.items()}
    monkeypatch.setattr(size_classes, "VALUES_OF_FACTORS", small)
    # A cache of its own: the pairs of all values, which other tests use, stay known.
    monkeypatch.setattr(size_classes, "possible_pairs", lru_cache(maxsize=1)(possible_pairs.__wrapped__))
    rows = list(draw_rows_of_sizes())
    assert measure_sizes(map(make_case_of_sizes, rows))[1] == [] and rows == list(draw_rows_of_sizes())
    assert len(rows) < 20


def test_whether_thin_integers_are_exact_is_known_without_making_them() -> None:
    """In float16 and bfloat16 they are not if too many entries are summed."""
    case = Case(2, (19,), 17, 33, (9,), (3,), (1,), dtype="bfloat16")
    assert has_dense_integers(case) and make_dense_integers(case, "gradients")
    assert not has_dense_integers(Case(256, (16384,), 1, 2, (3,), (8,), (1,), dtype="bfloat16"))
