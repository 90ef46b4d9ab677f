"""Tests of the random tier: its cases vary widely, are the same on every machine, and stay within their size limits."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

import pytest

from fixtures.case import Case
from fixtures.cases import tiers
from fixtures.cases.draws import CELLS, PRODUCTS, draw_case_by_number, is_small_enough, kind_of_draw, yield_draws
from fixtures.cases.tiers import RANDOM, cases_of_tier


@lru_cache(maxsize=None)
def find_many_draws() -> list[tuple[str, Case]]:
    """Return kind and case of the first draws; a process that only collects this module draws none."""
    return list(yield_draws(2000))


def test_random_cases_reach_every_rank_format_and_greatest_value() -> None:
    """No case is larger than the documented limits."""
    many = find_many_draws()
    cases = [case for _, case in many]
    assert {kind for kind, _ in many} == {"accepted", "R6", "R7", "R6 R7"} and len(set(cases)) > 0.99 * len(cases)
    for name in ("rank", "padding", "data_format", "use_bias", "activation", "dtype"):
        assert len({getattr(case, name) for case in cases}) == (3 if name == "rank" else 2)
    for name, most in (("size", 40), ("kernel_size", 8), ("strides", 7), ("dilation_rate", 5)):
        assert {length for case in cases for length in getattr(case, name)} == set(range(1, most + 1))
    for name, most in (("batch", 3), ("channels", 6), ("filters", 6)):
        assert {getattr(case, name) for case in cases} == set(range(1, most + 1))
    given = {(o, s) for case in cases for o, s in zip(case.output_padding or (), case.strides)}
    assert {(0, 7), (6, 7)} < given and any(case.output_padding is None for case in cases)
    assert sum(case.rank == 2 for case in cases) > 0.5 * len(cases)
    large = [case for case in map(draw_case_by_number, range(3000)) if not is_small_enough(case)]
    assert large and not set(large) & set(cases) and PRODUCTS > 10**6 and CELLS > 10**5


def test_a_case_with_one_product_or_one_cell_more_than_the_limits_is_too_large() -> None:
    """The products are those of all channels, filters and positions; the cells are those of the full extent."""
    products = Case(1, (2**10, 2**2), 2, 2, (2**4, 2**4), (1, 1), (1, 1))  # 2**22 products, 1039 * 19 * 2 cells
    cells = Case(1, (2**6, 2**5), 1, 1, (2, 1), (2**3, 2**3), (8, 1), "valid")  # 512 + 1 by 249 cells
    assert is_small_enough(products) and not is_small_enough(replace(products, channels=3))
    assert not is_small_enough(replace(products, kernel_size=(2**4, 2**4 + 1)))
    assert not is_small_enough(replace(products, size=(2**10 + 1, 2**2)))
    full = (63 * 8 + 8 + 1) * (31 * 8 + 1)
    assert full <= CELLS < 2 * full and is_small_enough(cells)
    assert not is_small_enough(replace(cells, batch=2)) and not is_small_enough(replace(cells, filters=2))
    edge = Case(1, (2**17,), 1, 1, (1,), (1,), (1,))
    assert is_small_enough(edge) and not is_small_enough(replace(edge, kernel_size=(2,)))
    line = Case(1, (2,), 1, 1, (2,), (2**17 - 2,), (1,))
    assert is_small_enough(line) and not is_small_enough(replace(line, dilation_rate=(2,)))
    assert not is_small_enough(replace(line, strides=(2**17 - 1,)))


def test_a_random_case_is_the_same_on_every_machine() -> None:
    """The expected ids of the first draws are written in the test."""
    assert (
        draw_case_by_number(0).id == "b1-i1.1-c5-f3-k4.4-s4.2-d1.1-same-onone-first-bias-relu-float64"
        and draw_case_by_number(1).id
        == "b1-i9.10.12-c4-f5-k6.8.1-s1.2.5-d1.1.1-valid-o0.1.2-first-nobias-linear-float32"
    )
    assert next(yield_draws(1, 3)) == next(pair for pair in yield_draws(9, 3))
    assert all(Case.parse(case.id) == case and kind_of_draw(case) == kind for kind, case in find_many_draws()[:50])
    assert list(yield_draws(0)) == []


def test_a_case_without_an_index_map_is_not_drawn() -> None:
    """Rule R8 refuses it, whatever the contract of the subject."""
    assert kind_of_draw(Case(1, (4,), 1, 1, (4,), (2,), (1,), "same", (0,))) == ""


def test_the_random_tier_begins_with_the_first_draws(monkeypatch: pytest.MonkeyPatch) -> None:
    """The tier has ``RANDOM`` accepted cases. The test draws 1,000, because all take seconds."""
    assert RANDOM == 10000  # as documented
    monkeypatch.setattr(tiers, "RANDOM", 1000)
    monkeypatch.setattr(tiers, "_random_tier_cases", tiers._random_tier_cases.__wrapped__)  # other tests need all cases
    found = list(cases_of_tier("random"))
    assert found == [case for _, case in find_many_draws()[: len(found)]]
    assert sum(kind_of_draw(case) == "accepted" for case in found) == 1000 < len(found)
    assert len({draw_case_by_number(number) for number in range(0, RANDOM, 4)}) == RANDOM / 4  # no draw is repeated
