"""The smallest failing neighbour: least in every field that does not matter, and unchanged where it does."""

from __future__ import annotations

from dataclasses import replace
from typing import Callable

from fixtures.case import Case
from fixtures.cases.shrink import Shrinker, is_simpler_or_same, shrink_case, yield_simpler_neighbours
from fixtures.cases.tiers import cases_of_tier

LARGE = Case(3, (17, 9), 5, 7, (5, 4), (3, 2), (1, 1), "same", (2, 1), "channels_first", True, "relu", "mixed_float16")


def test_what_does_not_matter_becomes_plain() -> None:
    """A fault of even kernels under stride 2 along the width."""
    found = shrink_case(LARGE, lambda c: c.kernel_size[1] % 2 == 0 and c.strides[1] == 2)
    assert found == Case(1, (1, 1), 1, 1, (1, 2), (1, 2), (1, 1), "valid", None, use_bias=False)


def test_no_smaller_neighbour_fails() -> None:
    """That is what smallest means: for several faults, over what is computed."""
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


def test_every_neighbour_is_reached_and_differs() -> None:
    """A step makes one thing plainer and nothing else."""
    for case in [LARGE, *list(cases_of_tier("smoke"))[::9]]:
        for one in yield_simpler_neighbours(case):
            assert one != case and is_simpler_or_same(case, one) and not is_simpler_or_same(one, case)


def test_other_ranks_and_options_are_not_reached() -> None:
    """What another case shows stands only for those that lead to it."""
    assert not is_simpler_or_same(replace(LARGE, padding="valid"), LARGE)
    assert not is_simpler_or_same(replace(LARGE, output_padding=None), LARGE)
    assert not is_simpler_or_same(LARGE, Case(1, (2,), 1, 1, (1,), (1,), (1,)))


def test_what_was_found_serves_the_next() -> None:
    """The second mismatch of a cause asks nothing; another cause asks anew."""
    shrinker, checked_cases = Shrinker(), []

    def fails(case: Case) -> bool:
        checked_cases.append(case)
        return case.strides[0] > 1

    least = shrinker.of("stride", LARGE, fails)
    count = len(checked_cases)
    assert count and shrinker.of("stride", replace(LARGE, size=(30, 9)), fails) == least
    assert len(checked_cases) == count
    assert shrinker.of("other", LARGE, fails) == least and len(checked_cases) == 2 * count


def test_the_bound_of_checks_holds() -> None:
    """A layer that fails everywhere, in ways that do not lead to each other."""
    shrinker, checked_cases = Shrinker(asks=5), []

    def fails(case: Case) -> bool:
        checked_cases.append(case)
        return False

    assert shrinker.of("odd", LARGE, fails) is None and len(checked_cases) == 5
    assert shrinker.of("odd", replace(LARGE, batch=1), fails) is None and len(checked_cases) == 5
