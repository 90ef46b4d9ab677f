"""The examples that one run of a Hypothesis property draws, for tests that only read them."""

from __future__ import annotations

from functools import lru_cache

from fixtures.case import Case
from fixtures.cases.contract import PLAIN
from fixtures.cases.strategies import draw_computed_case, explore_property_by_examples
from fixtures.check import Check
from fixtures.compare.evidence import NoAnswer, NoFacts
from fixtures.compare.verdict import Verdict
from fixtures.run.pipeline import Pipeline
from fixtures.run.property_exploration import explore_property


def draw_examples(part: int = 1) -> list[Case]:
    """Return the cases of one in ``part`` of the profile's number of examples, in the order of the draws."""
    drawn: list[Case] = []
    explore_property_by_examples(draw_computed_case(), lambda case: drawn.append(case), lambda _: [], part)
    return drawn


@lru_cache(maxsize=None)
def find_all_examples(variant: str = "forward.plain") -> tuple[Case, ...]:
    """Return the cases on which the property ``variant`` is checked on all tiers except ``quick``.

    They are drawn once in a process.
    """
    drawn: list[Case] = []

    def ask(check: Check) -> Verdict:
        drawn.append(check.case)
        return Verdict("agree", "values", NoFacts(), NoAnswer("right"))

    explore_property(Pipeline("numpy_layer", ask), Check("hypothesis", PLAIN, variant), "smoke")
    return tuple(drawn)
