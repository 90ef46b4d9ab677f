"""What must be refused: the whole row of each verdict, and when a refusal is clear."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from fixtures.case import Case
from fixtures.compare.verdict import Verdict, judge_refusal
from fixtures.observation import Absent, Observed, Refused
from fixtures.oracle.expectation import Rejects, expected_result
from suites.selftest.ledgers import judged

CASE = Case(1, (2, 1), 1, 2, (1, 1), (1, 1), (1, 1))
BAD = replace(CASE, padding="same", kernel_size=(3, 3), strides=(1, 2), output_padding=(0, 2), dilation_rate=(1, 2))
EXPECTED = expected_result(BAD)
NAMING = Refused("build", "ValueError", ("ValueError", "Exception"), "Strides above 1 do not go with that")
LATE = replace(NAMING, stage="call")


def refused(seen: Any, **given: Any) -> Verdict:
    """The verdict on what happens to a case that breaks R6, R7 and R8."""
    assert isinstance(EXPECTED, Rejects)
    return judge_refusal(EXPECTED, seen, **given)


def test_rows_of_what_must_be_refused() -> None:
    """All rules that it breaks, and the first one's sentence."""
    assert isinstance(EXPECTED, Rejects)
    expected = {"refuses": ["R6", "R7", "R8"], "because": EXPECTED.rules[0].sentence}
    observed = {"stage": "build", "error": "ValueError", "message": NAMING.message}
    assert refused(NAMING).to_row() == judged("agree", "rejection", expected, observed, ("rejection",))
    assert refused(LATE).to_row() == judged(
        "unclear-rejection", "rejection", expected, {**observed, "stage": "call"}, ("rejection",)
    )
    seen = {"output": Observed((1, 4), "float16", np.zeros((1, 4)), "CPU:0")}
    got = {"shape": [1, 4], "dtype": "float16"}
    assert refused(seen).to_row() == judged("wrongly-accepted", "rejection", expected, got, ("rejection",))
    assert refused(Absent("no such layer")).to_row() == judged(
        "not-run", "rejection", expected, {"reason": "no such layer"}
    )


@pytest.mark.parametrize(
    ("message", "clear"),
    [
        ("Strides above 1 do not go with that", True),
        ("the STRIDE is wrong", True),
        ("invalid dilation_rate", True),  # of any rule that it breaks
        ("invalid Dilation rate", True),
        ("`output_padding` is too large", True),
        ("the output padding is too large", True),
        ("the padding is wrong", False),
        ("the kernel size is wrong", False),
        ("", False),
    ],
)
def test_a_message_names_an_argument_however_it_is_written(message: str, clear: bool) -> None:
    """Of the arguments that the broken rules blame."""
    assert refused(replace(NAMING, message=message)).verdict == ("agree" if clear else "unclear-rejection")


def test_a_function_may_refuse_at_the_call() -> None:
    """Where the caller says that this is in time, then nothing else is."""
    assert refused(replace(NAMING, stage="call")).verdict == "unclear-rejection"
    assert refused(replace(NAMING, stage="call"), in_time=("call",)).verdict == "agree"
    assert refused(NAMING, in_time=("call",)).verdict == "unclear-rejection"
