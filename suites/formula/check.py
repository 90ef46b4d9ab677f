"""The checks of a version's own length functions: every padding, unknown lengths, refusals (rules S1 to S6, C10)."""

from __future__ import annotations

from typing import Any, Callable, Mapping, Sequence

from fixtures.case import Case
from fixtures.cases.contract import PLAIN
from fixtures.check import Check
from fixtures.compare.contract_verdicts import judge_answer_or_its_absence, judge_facts
from fixtures.compare.verdict import Verdict
from fixtures.frameworks.keras_interface import Layered
from fixtures.snippets.contract import PlainCheck, observe_plain_function
from suites.formula.plain_functions import (
    compare_lengths,
    compare_unknown_lengths,
    find_accepted_paddings,
    make_length_facts,
)

PROPERTY = "inferred-shape"
# For each variant: the comparison, and the paddings that it uses.
VARIANTS: Mapping[str, tuple[Callable[..., Any], tuple[str, ...]]] = {
    "lengths.valid": (compare_lengths, ("valid",)),
    "lengths.same": (compare_lengths, ("same",)),
    "lengths.full": (compare_lengths, ("full",)),
    "lengths.unknown": (compare_unknown_lengths, ("valid", "same")),
    "lengths.refused": (find_accepted_paddings, ("causal", "explicit", "")),
}


def variants(case: Case) -> Sequence[str]:
    """Return all variants for the plain case only, so that each runs once."""
    return tuple(VARIANTS) if case == PLAIN else ()


def plain_check(check: Check, subject: Layered) -> PlainCheck:
    """Return the check of the length function of the subject."""
    compare, paddings = VARIANTS[check.variant]
    known = "full" if "full" in paddings else "valid"
    shows = "The function of lengths that this Keras uses, compared with the formula; padding %s." % " or ".join(
        map(repr, paddings)
    )
    return PlainCheck(
        shows,
        make_length_facts,
        {"known": known, "compare": compare, "paddings": paddings},
        require=lambda subject: subject.require_length_function(known),
    )


def run(check: Check, subject: Layered, device: str) -> Verdict:
    """Compare the length function of the subject with the formula."""
    got = observe_plain_function(plain_check(check, subject), subject, device)
    return judge_answer_or_its_absence(got, PROPERTY, {"points": "all"}, lambda facts: judge_facts(PROPERTY, *facts))
