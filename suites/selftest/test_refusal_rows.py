"""Tests of verdicts on cases that must be refused: the whole row, and when a refusal is clear."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from fixtures.case import Case
from fixtures.compare.verdict import Verdict, judge_refusal
from fixtures.observation import Absent, Observed, Refused
from fixtures.oracle.expectation import Rejects, expected_result
from suites.selftest.ledgers import fields_of_verdict

CASE = Case(1, (2, 1), 1, 2, (1, 1), (1, 1), (1, 1))
BAD = replace(CASE, padding="same", kernel_size=(3, 3), strides=(1, 2), output_padding=(0, 2), dilation_rate=(1, 2))
EXPECTED = expected_result(BAD)
NAMING = Refused("build", "ValueError", ("ValueError", "Exception"), "Strides above 1 do not go with that")
LATE = replace(NAMING, stage="call")


def judge_observed_refusal(seen: Any, **given: Any) -> Verdict:
    """Return the verdict on this observation of a case that breaks the rules R6, R7 and R8."""
    assert isinstance(EXPECTED, Rejects)
    return judge_refusal(EXPECTED, seen, **given)


def test_the_row_of_a_refused_case_lists_all_broken_rules() -> None:
    """The reason is the sentence of the first rule."""
    assert isinstance(EXPECTED, Rejects)
    expected = {"refuses": ["R6", "R7", "R8"], "because": EXPECTED.rules[0].sentence}
    observed = {"stage": "build", "error": "ValueError", "message": NAMING.message}
    assert judge_observed_refusal(NAMING).to_row() == fields_of_verdict(
        "agree", "rejection", expected, observed, ("rejection",)
    )
    assert judge_observed_refusal(LATE).to_row() == fields_of_verdict(
        "unclear-rejection", "rejection", expected, {**observed, "stage": "call"}, ("rejection",)
    )
    seen = {"output": Observed((1, 4), "float16", np.zeros((1, 4)), "CPU:0")}
    got = {"shape": [1, 4], "dtype": "float16"}
    assert judge_observed_refusal(seen).to_row() == fields_of_verdict(
        "wrongly-accepted", "rejection", expected, got, ("rejection",)
    )
    assert judge_observed_refusal(Absent("no such layer")).to_row() == fields_of_verdict(
        "not-run", "rejection", expected, {"reason": "no such layer"}
    )


@pytest.mark.parametrize(
    ("message", "clear"),
    [
        ("Strides above 1 do not go with that", True),
        ("the STRIDE is wrong", True),
        ("invalid dilation_rate", True),  # it may name the argument of any broken rule
        ("invalid Dilation rate", True),
        ("`output_padding` is too large", True),
        ("the output padding is too large", True),
        ("the padding is wrong", False),
        ("the kernel size is wrong", False),
        ("", False),
    ],
)
def test_a_message_may_write_an_argument_in_several_forms(message: str, clear: bool) -> None:
    """It must be an argument that a broken rule blames."""
    assert judge_observed_refusal(replace(NAMING, message=message)).verdict == (
        "agree" if clear else "unclear-rejection"
    )


def test_a_refusal_at_the_call_is_in_time_for_functions() -> None:
    """For them a refusal at another stage is not in time."""
    assert judge_observed_refusal(replace(NAMING, stage="call")).verdict == "unclear-rejection"
    assert judge_observed_refusal(replace(NAMING, stage="call"), in_time=("call",)).verdict == "agree"
    assert judge_observed_refusal(NAMING, in_time=("call",)).verdict == "unclear-rejection"
