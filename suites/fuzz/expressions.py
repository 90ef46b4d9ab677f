"""Generate and damage ``when`` expressions, and check that each is evaluated or refused with ``ExpressionError``."""

from __future__ import annotations

import random
import re
from pathlib import Path

from fixtures.check import Check
from fixtures.deviations import evaluate_when
from fixtures.deviations.expression import ExpressionError
from suites.fuzz.input_files import read_known_causes, sample_cases
from suites.fuzz.mutations import damage_word
from suites.fuzz.refusals import problem_of_call

_TERMS = (
    *(
        "size",
        "rules",
        "padding",
        "output_padding",
        "suite",
        "lost",
        "batch",
        "dtype",
        "'same'",
        "None",
        "True",
        "n",
        "k",
    ),
    *("0", "1", "-1", "3", "10**9", "9" * 40, "1.5", "'%9999999999d'", "(0,)", "[1, 2]", "any", "open", "__class__"),
)
_OPERATORS = (
    "and",
    "or",
    "==",
    "!=",
    ">",
    "<=",
    "in",
    "not in",
    "is",
    "%",
    "*",
    "//",
    "/",
    "**",
    "+",
    "-",
    "@",
    "<<",
    ":=",
)
# What no accepted expression has outside its texts: attributes, calls and operators that are not listed.
_FORBIDDEN = re.compile(r"\.[a-z_]|__|lambda|open|\*\*|@|<<|:=|f\'|(?<!/)/(?!/)|\[n for")
_FORMS = (
    *(
        "(%s)",
        "not %s",
        "-%s",
        "max(%s)",
        "len(%s)",
        "sum(%s)",
        "abs(%s)",
        "%s[0]",
        "%s[9]",
        "%s[-1]",
        "%s[0:1]",
        "[%s]",
    ),
    *("any(n > %s for n in size)", "all(%s for n, k in zip(size, strides))", "any(any(%s for k in n) for n in size)"),
    *(
        "zip(%s)",
        "open(%s)",
        "%s.count(0)",
        "%s.__class__",
        "(lambda: %s)()",
        "%s if rank > 1 else 0",
        "f'{%s}'",
        "[n for n in %s]",
    ),
)


def make_expression(draw: random.Random, depth: int = 4) -> str:
    """Return an expression of the language, or of the rest of Python."""
    if not depth or draw.random() < 0.25:
        return draw.choice(_TERMS)
    if draw.random() < 0.5:
        return draw.choice(_FORMS) % make_expression(draw, depth - 1)
    parts = (make_expression(draw, depth - 1), draw.choice(_OPERATORS), make_expression(draw, depth - 1))
    return "%s %s %s" % parts


def damage_expression(draw: random.Random, folder: Path) -> str:
    """Damage or make an expression, and evaluate it on some cases."""
    if draw.random() < 0.5:
        text = str(draw.choice(draw.choice(read_known_causes())["entry"])["when"])
        words = text.split(" ")
        words[draw.randrange(len(words))] = draw.choice((*_TERMS, *_OPERATORS))
        text = " ".join(words) if draw.random() < 0.7 else damage_word(draw, text)
    else:
        text = make_expression(draw)

    def use() -> None:
        for case in sample_cases()[::5]:
            evaluate_when(text, Check("forward", case, "eager"), "keras3")
        if _FORBIDDEN.search(re.sub("'[^']*'", "''", text)):
            raise AssertionError("it is accepted")

    problem = problem_of_call(use, [ExpressionError])
    return "%s: %r" % (problem, text[:500]) if problem else ""
