"""The statements that people make about the layer in public, in a form that can be judged.

A statement *holds*, is *refuted*, or *holds only if* a condition is met. A check compares what the semantics predict
with what the subject shows.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any, Callable, Mapping, Sequence

from fixtures.case import Case
from fixtures.cases.contract import PLAIN
from fixtures.check import Check
from fixtures.compare.contract_verdicts import judge_absent, judge_wrong_refusal
from fixtures.compare.evidence import ExpectedStatement, ObservedStatement
from fixtures.compare.verdict import Verdict
from fixtures.frameworks.keras_interface import Layered
from fixtures.observation import Absent, Refused
from fixtures.snippets.contract import PlainCheck, differing_facts, observe_plain_function
from suites.signature.check import REFERENCE
from suites.statements import findings
from suites.statements.findings import HOLDS, ONLY_IF, REFUTED


@dataclass(frozen=True)
class Statement:
    """A statement, what the semantics predict about it and why, the function that judges it, and its arguments."""

    statement: str
    predicted: str
    because: str
    find: Callable[..., Any]
    kind: str = "shape"  # the property under which it counts
    facts: Mapping[str, Any] = field(default_factory=dict)


_TWENTY = {"shape": (20, 20, 1), "expected": (200, 200, 1), "strides": (10, 10), "padding": "same"}
_TWO = {"shape": (2, 2, 1), "expected": (4, 4, 1)}

STATEMENTS: Mapping[str, Statement] = {
    "q1": Statement(
        "The arguments are, in this positional order: %s, ..." % ", ".join(list(REFERENCE)[:9]),
        HOLDS, "C5: it is the documented signature; versions differ", findings.judge_positional_order, "signature",
    ),
    "q2": Statement(
        "With output_padding=None the output's shape is inferred.",
        HOLDS, "S1, S3", findings.judge_inference_by_none,
    ),
    "q3": Statement(
        "channels_first gives (batch, filters, height, width), channels_last (batch, height, width, filters).",
        HOLDS, "S7", findings.judge_shape_in_both_formats, "inferred-shape",
    ),
    "q4": Statement(
        "deconv_length knows valid, same, full and unknown lengths, and refuses anything else.",
        HOLDS, "S1 to S6, wherever a version exposes it", findings.judge_length_function, "inferred-shape",
    ),
    "q5": Statement(
        "Conv2D with kernel 3, strides 10, same maps 200x200 to 20x20.",
        HOLDS, "A1", findings.judge_conv2d_length, facts={"length": 200, "expected": 20},
    ),
    "q6": Statement(
        "Conv2DTranspose with kernel 3, strides 10, same maps 20x20 to 200x200.",
        HOLDS, "S3: n s", findings.judge_output_shape, facts=_TWENTY,
    ),
    "q7": Statement(
        "Conv2D with kernel 3, strides 10, same maps 195x195 to 20x20.",
        HOLDS, "A1", findings.judge_conv2d_length, facts={"length": 195, "expected": 20},
    ),
    "q8": Statement(
        "Several outputs are compatible with one input, and a parameter chooses among them.",
        HOLDS, "A3: 191 to 200, by output_padding 0 to 9; 195 is 4", findings.judge_several_lengths,
    ),
    "a1": Statement(
        "Stride 1, a 2x2 input and a 3x3 kernel give 4x4.",
        HOLDS, "S1, for valid", findings.judge_output_shape, facts=_TWO,
    ),
    "a2": Statement(
        "With stride 2 the units of a 2x2 input are spaced apart under a 3x3 kernel.",
        HOLDS, "V1; the output is 5x5 for valid", findings.judge_spacing, "values",
    ),
    "a3": Statement("filters is the number of output channels.", HOLDS, "S7", findings.judge_output_channels),
    "a4": Statement(
        "valid may disregard some pixels at the edges.",
        REFUTED, "V1: true of Conv2D; here every cell meets every tap", findings.judge_disregarded_cells, "values",
    ),
    "a5": Statement(
        "output_padding is just a padding added around the output map.",
        REFUTED, "V2: it lengthens one side, with same moves the crop; new cells carry values",
        findings.judge_margin, "values",
    ),
    "a6": Statement(
        "new_rows = (rows - 1) * stride + kernel - 2 * padding + output_padding",
        ONLY_IF, "output_padding is given; padding is ke // 2 for same, kernel ke (S2, S4)",
        findings.judge_formula_of_rows,
    ),
    "a7": Statement(
        "4x4x3 becomes 12x12x3 with filters 3, kernel 5x5, strides 2, padding same.",
        REFUTED, "S3: n s = 8; 12 takes strides 3, or valid with output_padding 1", findings.judge_12x12x3,
    ),
}  # fmt: skip


def variants(case: Case) -> Sequence[str]:
    """Return all statements for the plain case only, so that each is judged once; each makes its own layers."""
    return tuple(STATEMENTS) if case == PLAIN else ()


def describe(variant: str) -> ExpectedStatement:
    """Return the statement, and what the semantics predict about it."""
    statement = STATEMENTS[variant]
    return ExpectedStatement(statement.statement, statement.predicted, statement.because)


def plain_check(check: Check, subject: Layered) -> PlainCheck:
    """Return the check that judges the statement and compares the result with what the semantics predict."""
    statement = STATEMENTS[check.variant]

    def require(subject: Layered) -> None:
        if statement.find is findings.judge_length_function:
            subject.require_length_function("full")

    return PlainCheck(
        statement.statement,
        findings.judge_statement,
        {"predicted": statement.predicted, "find": statement.find, **statement.facts},
        stage="call",
        require=require,
    )


def run(check: Check, subject: Layered, device: str) -> Verdict:
    """Judge the statement with calls to the subject, and compare the result with what the semantics predict."""
    statement, expected = STATEMENTS[check.variant], describe(check.variant)
    got = observe_plain_function(plain_check(check, subject), subject, device)
    if isinstance(got, Absent):
        return replace(judge_absent(got, statement.kind), expected=expected)
    if isinstance(got, Refused):
        return judge_wrong_refusal(got, statement.kind, expected)
    verdict = "mismatch" if differing_facts(*got) else "agree"
    return Verdict(verdict, statement.kind, expected, ObservedStatement(**got[1]), (statement.kind,))
