"""The examples that one run of a Hypothesis property draws, for tests that only read them."""

from __future__ import annotations

from functools import lru_cache

from fixtures.case import Case
from fixtures.cases.strategies import draw_computed_case, explore_property_by_examples


def draw_examples(part: int = 1) -> list[Case]:
    """Return the cases of one in ``part`` of the profile's number of examples, in the order of the draws."""
    drawn: list[Case] = []
    explore_property_by_examples(draw_computed_case(), lambda case: drawn.append(case), lambda _: [], part)
    return drawn


@lru_cache(maxsize=None)
def find_all_examples() -> tuple[Case, ...]:
    """Return the cases of all examples of the profile; they are drawn once in a process."""
    return tuple(draw_examples())
