"""Tests of shrinking: the smallest failing neighbour is simple in every field that does not matter."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Callable

from fixtures.case import Case
from fixtures.cases.shrinking import (
    Shrinker,
    Smallest,
    describe_needed_numbers,
    is_simpler_or_same,
    yield_failing_cases,
    yield_simpler_neighbours,
)
from fixtures.cases.tiers import cases_of_tier

LARGE = Case(3, (17, 9), 5, 7, (5, 4), (3, 2), (1, 1), "same", (2, 1), "channels_first", True, "relu", "mixed_float16")


def shrink_case(case: Case, fails: Callable[[Case], bool]) -> Case:
    """Return the smallest failing case."""
    return [case, *yield_failing_cases(case, fails)][-1]


def test_shrinking_simplifies_every_irrelevant_field() -> None:
    """The fault needs an even kernel width with a stride of 2."""
    found = shrink_case(LARGE, lambda c: c.kernel_size[1] % 2 == 0 and c.strides[1] == 2)
    assert found == Case(1, (1, 1), 1, 1, (1, 2), (1, 2), (1, 1), "valid", None, use_bias=False)


def test_no_neighbour_of_the_shrunk_case_fails() -> None:
    """Several faults are tried."""
    faults: tuple[Callable[[Case], bool], ...] = (
        lambda c: c.filters == c.size[1] and c.use_bias,
        lambda c: c.output_padding is not None and c.output_padding[0] > 0,
        lambda c: c.size[0] * c.size[1] > 12 and c.data_format == "channels_first",
        lambda c: c.dtype.endswith("float16") or c.padding == "same",
    )
    for fails in faults:
        begun = [case for case in cases_of_tier("standard") if case.rank == 2 and fails(case)][::97]
        assert begun
        for case in begun:
            found = shrink_case(case, fails)
            assert fails(found) and is_simpler_or_same(case, found)
            assert not any(fails(one) for one in yield_simpler_neighbours(found))


def test_every_shrinking_step_gives_a_simpler_case() -> None:
    """A step changes the case and never makes a field less simple."""
    for case in [LARGE, *list(cases_of_tier("smoke"))[::9]]:
        for one in yield_simpler_neighbours(case):
            assert one != case and is_simpler_or_same(case, one) and not is_simpler_or_same(one, case)


def test_shrinking_does_not_reach_other_ranks_or_less_simple_options() -> None:
    """A neighbour that was found is used only for cases that lead to it."""
    assert not is_simpler_or_same(replace(LARGE, padding="valid"), LARGE)
    assert not is_simpler_or_same(replace(LARGE, output_padding=None), LARGE)
    assert not is_simpler_or_same(LARGE, Case(1, (2,), 1, 1, (1,), (1,), (1,)))


def test_the_smallest_case_of_a_cause_is_used_for_its_next_mismatch() -> None:
    """Another cause runs its own checks."""
    shrinker, checked_cases = Shrinker(), []

    def fails(case: Case) -> bool:
        checked_cases.append(case)
        return case.strides[0] > 1

    least = shrinker.find_smallest("stride", LARGE, fails)
    count = len(checked_cases)
    assert count and shrinker.find_smallest("stride", replace(LARGE, size=(30, 9)), fails) == least
    assert len(checked_cases) == count
    assert shrinker.find_smallest("other", LARGE, fails) == least and len(checked_cases) == 2 * count


def test_shrinking_runs_at_most_the_allowed_number_of_checks() -> None:
    """No neighbour fails here, so the search would go on."""
    shrinker, checked_cases = Shrinker(asks=5), []

    def fails(case: Case) -> bool:
        checked_cases.append(case)
        return False

    stopped = "The search stopped after 5 checks; a smaller case may fail too."
    assert shrinker.find_smallest("odd", LARGE, fails) == Smallest(LARGE, stopped) and len(checked_cases) == 5
    other = replace(LARGE, batch=1)
    assert shrinker.find_smallest("odd", other, fails) == Smallest(other, stopped) and len(checked_cases) == 5


def test_over_budget_the_search_returns_its_smallest_case() -> None:
    """The budget limits checks and time. The next mismatch that reaches this case reuses it, with the reason."""
    shrinker = Shrinker(asks=3)
    found = shrinker.find_smallest("all", LARGE, lambda case: True)
    assert found.stopped and found.case != LARGE and is_simpler_or_same(LARGE, found.case)
    assert shrinker.find_smallest("all", replace(LARGE, batch=9), lambda case: True) == found
    slow = Shrinker(seconds=-1.0)
    assert slow.find_smallest("all", LARGE, lambda case: True) == Smallest(
        LARGE, "The search stopped after -1 s; a smaller case may fail too."
    )


def test_large_numbers_are_searched_by_halves() -> None:
    """A threshold in each number, found in few checks and exactly."""
    large = Case(256, (16384, 512), 1024, 512, (64, 64), (32, 32), (1, 1), "same", None)
    for name, least in (
        ("batch", 16),
        ("channels", 700),
        ("filters", 33),
        ("size", (9001, 1)),
        ("kernel_size", (1, 41)),
    ):
        checks: list[Case] = []

        def fails(case: Case, name: str = name, least: Any = least, checks: list[Case] = checks) -> bool:
            checks.append(case)
            value = getattr(case, name)
            return all(one >= bound for one, bound in zip(value, least)) if name.endswith("size") else value >= least

        assert getattr(shrink_case(large, fails), name) == least
        assert len(checks) < 120


def test_the_numbers_that_a_smallest_case_needs_are_named() -> None:
    """A number is named if with one less the layer was asked and is right."""
    case = Case(17, (1, 1), 64, 1, (2, 1), (1, 1), (1, 1))
    one_less = [replace(case, batch=16), replace(case, channels=63), replace(case, kernel_size=(1, 1))]
    assert describe_needed_numbers(case, lambda one: False) == ""
    assert (
        describe_needed_numbers(case, one_less[1:2].__contains__) == "It takes 64 channels; with 63 the layer is right."
    )
    words = "It takes a batch of 17 and 64 channels and 2 kernel rows; with one less of any of them the layer is right."
    assert describe_needed_numbers(case, one_less.__contains__) == words


def test_an_empty_smallest_case_has_needed_numbers() -> None:
    """A batch of 0 or a length of 0 has no case with one less."""
    case = Case.parse("b0-i0.2-c1-f1-k1.1-s1.1-d1.1-valid-onone-last-bias-linear-float32")
    words = "It takes 2 input columns; with 1 the layer is right."
    assert describe_needed_numbers(case, lambda one: one.size == (0, 1)) == words
