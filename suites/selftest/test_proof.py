"""Regions are proved: a wrong one is refuted by further cases, and the true one is found from them."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any, Callable, Sequence

import pytest

from fixtures.case import Case
from fixtures.deviations import evaluate
from fixtures.regions import proof
from fixtures.regions.counterexamples import find_inside, find_outside
from fixtures.regions.failures import FURTHER, Pool, groups
from fixtures.regions.messages import named_parameters, words_of
from fixtures.regions.proof import CannotAsk, Proved, prove
from fixtures.regions.search import search
from fixtures.regions.truth import Question
from fixtures.registry import belongs, hear
from fixtures.space import cases
from fixtures.subjects.base import Setting, load

RUN = {"subject": "twin", "backend": "numpy", "device": "CPU:0", "switches": {}, "planned": 1, "faults": {}, "asked": {}}
COMPUTED = [case for case in cases("standard") if belongs("forward", case, "twin") and case.rank == 2][::4]
DILATED = "data_format == 'channels_last' and dtype == 'float16' and max(dilation_rate) > 1"


def holds(when: str, case: Case) -> bool:
    """Whether a predicate holds for a case."""
    return bool(evaluate(when, case, "forward", "eager", "twin"))


def toy(when: str, message: str = "no") -> Callable[[Question], dict[str, Any]]:
    """A layer that refuses the cases of a predicate and computes all others."""

    def ask(question: Question) -> dict[str, Any]:
        row: dict[str, Any] = {"kind": "verdict", "case": question.case.id, "suite": question.suite}
        row.update(mode=question.mode, diagnosis=None, excused=None)
        if holds(when, question.case):
            observed = {"stage": "call", "error": "E", "message": message}
            return {**row, "verdict": "wrongly-rejected", "claim": "rejection", "observed": observed}
        return {**row, "verdict": "agree", "claim": "values", "observed": {}}

    return ask


def pool_of(ask: Callable[[Question], dict[str, Any]], among: Sequence[Case]) -> Pool:
    """What a run of a toy left."""
    return Pool(RUN, [ask(Question(case, "forward", "eager")) for case in among])


def differences(proved: Proved, when: str) -> list[str]:
    """The cases of the standard tier of which the region found and the rule say other things."""
    found = proved.regions[0].when
    return [case.id for case in COMPUTED if holds(found, case) != holds(when, case)]


def test_a_region_that_nobody_asked_inside_is_refined() -> None:
    """Where only dilated and strided cases were asked, strides of 1 look like the cause; a case that has neither tells."""
    ask = toy(DILATED)
    asked = [case for case in COMPUTED if max(case.strides) > 1 or max(case.dilation_rate) > 1]
    (group,) = groups(pool_of(ask, asked))
    before = search(group)[0].when
    assert "max(strides) == 1" in before and "dilation" not in before
    proved = prove(group, ask)
    assert proved.regions[0].when == DILATED and differences(proved, DILATED) == []
    inside, outside = proved.proof.inside, proved.proof.outside
    assert proved.proof.proved and inside.asked == inside.failing >= 12 and outside.asked >= 12 and not outside.failing
    further = [row for row in group.pool.rows if row["kind"] == FURTHER]
    assert len(further) == inside.asked + outside.asked
    told = {(row["case"], row["suite"], row["mode"]) for row in group.pool.rows}
    assert len(told) == len(group.pool.rows), "a question was asked twice"


def test_a_region_is_widened_by_what_fails_outside() -> None:
    """Where dilation was asked of float16 alone, the type looks like the cause, and is none."""
    when = "max(dilation_rate) > 1"
    ask = toy(when)
    (group,) = groups(pool_of(ask, [c for c in COMPUTED if (c.dtype == "float16") == (max(c.dilation_rate) > 1)]))
    assert search(group)[0].when == "dtype == 'float16'"
    proved = prove(group, ask)
    assert proved.proof.proved and differences(proved, when) == []


@pytest.mark.parametrize(
    "when",
    [
        "data_format == 'channels_first' and compute_dtype == 'float16'",
        "use_bias and padding == 'same' and max(strides) > 1",
        "any(ke < s for s, ke in zip(strides, effective_kernel))",
        "dtype == 'float64' or output_padding is not None and padding == 'valid'",
        "activation == 'relu' and kernel_size[-1] == 1",
    ],
)
def test_a_rule_is_found_from_few_cases(when: str) -> None:
    """Sixty cases are too few for the search alone; with the further ones nothing is left to tell apart."""
    ask = toy(when)
    (group,) = groups(pool_of(ask, COMPUTED[::25]))
    proved = prove(group, ask)
    assert proved.proof.proved, proved.proof.to_text()
    assert differences(proved, when) == [], proved.regions[0].when


