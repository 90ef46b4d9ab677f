"""The fuzzer of ``explain``: layers in all notations, valid and damaged.

Each gives an answer or one sentence. The output of a valid one is compared with a closed formula, and every change that
``--want`` lists with the oracle.
"""

from __future__ import annotations

import contextlib
import io
import random
from functools import lru_cache
from typing import Callable, Sequence

from command_line import CommandParser
from fixtures.__main__ import main
from fixtures.commands import explain
from fixtures.explain.answer import Answer, Request, answer_request
from fixtures.explain.explanation_text import write_answer
from fixtures.explain.request import read_request
from fixtures.oracle.expectation import Accepts, expected_result, output_size
from fixtures.run.named_checks import read_case
from suites.fuzz.drawn_layer import Drawn
from suites.fuzz.layer_texts import KINDS
from suites.fuzz.mutations import damage_word
from suites.fuzz.refusals import problem_of_call, problem_of_command
from suites.fuzz.table import Table

_COMMANDS = 50  # one in so many is a whole command, with the releases
_SECONDS = 60.0  # until an answer, on a busy machine
_DAMAGED = 0.4  # the share of inputs with damage


def run(table: Table, count: int, seed: int) -> None:
    """Draw ``count`` inputs, and record them in the table."""
    for number in range(count):
        inject(table, seed, number)


def inject(table: Table, seed: int, number: int) -> None:
    """Draw the input of this seed and number, and record it in the table."""
    draw = random.Random("%d/%d" % (seed, number))
    kind = draw.choice(sorted(KINDS))
    drawn = KINDS[kind](draw)
    damaged = draw.random() < _DAMAGED
    words = damage_words(draw, drawn.words) if damaged else drawn.words
    problem = problem_of_damaged(words) if damaged else problem_of_valid(draw, drawn)
    if not problem and number % _COMMANDS == 0:
        problem = problem_of_command(main, ["explain", *words, *["--json"] * draw.randrange(2)], (0,), _SECONDS)
    record = "seed %d/%d: %s: %.500r" % (seed, number, problem, words) if problem else ""
    table.record("%s, %s" % (kind, "damaged" if damaged else "valid"), record)


def damage_words(draw: random.Random, words: Sequence[str]) -> tuple[str, ...]:
    """Return the words with damage in one or two of them, or without one of them."""
    found = list(words)
    for _ in range(draw.choice((1, 1, 2))):
        place = draw.randrange(len(found))
        found[place : place + 1] = draw.choice(([damage_word(draw, found[place])],) * 6 + ([], [found[place]] * 2))
        if not found:
            return ("",)
    return tuple(found)


@lru_cache(maxsize=1)
def _parser() -> CommandParser:
    parser = CommandParser(prog="explain")
    explain.add_options(parser)
    return parser


def read_words(words: Sequence[str]) -> Request:
    """Return the request of a command line; ``ValueError`` or ``SystemExit`` as the command has it."""
    options = vars(_parser().parse_args(list(words)))
    return read_request(options, lambda text: read_case(text, "the layer"))


def answer_words(words: Sequence[str]) -> Answer:
    """Return the answer to a command line; ``ValueError`` as the command has it. The text is made too."""
    answer = answer_request(read_words(words))
    "\n".join(write_answer(answer)).encode("utf-8")
    return answer


def problem_of_damaged(words: Sequence[str]) -> str:
    """Return what is wrong with the answer to damaged words: nothing for one sentence, or an answer that is true."""

    found: list[Answer] = []

    def call() -> None:
        try:
            found.append(answer_words(words))
        except SystemExit as ended:  # the parser's own refusal
            if ended.code != 4:
                raise AssertionError("exit status %s" % ended.code) from None

    problem = problem_of_quiet_call(call)
    if problem or not found:
        return problem
    return problem_of_case(found[0])


def problem_of_quiet_call(call: Callable[[], object]) -> str:
    """Return what is wrong with a call; what it prints is left out."""
    with contextlib.redirect_stderr(io.StringIO()), contextlib.redirect_stdout(io.StringIO()):
        return problem_of_call(call, [ValueError], _SECONDS)


def problem_of_case(answer: Answer) -> str:
    """Return how an answer contradicts the oracle about its own case; empty if it does not."""
    if answer.case is None or None in answer.input_shape or answer.refusals:
        return ""
    expected = expected_result(answer.case)
    if not isinstance(expected, Accepts):
        return "it accepts %s, which is refused" % answer.case.id
    sizes = tuple(sorted(axis.m or 0 for axis in answer.axes for _ in axis.names))
    if sizes != tuple(sorted(output_size(answer.case))):
        return "output %s, the oracle has %s" % (sizes, output_size(answer.case))
    return ""


def problem_of_valid(draw: random.Random, drawn: Drawn) -> str:
    """Return how the answer to a valid layer contradicts its formula; empty if it does not."""
    target = None
    words = list(drawn.words)
    if drawn.case is not None and drawn.expected is not None and draw.random() < 0.3:
        target = tuple(max(m + draw.choice((-1, 0, 1, 3)), 1) for m in drawn.expected)
        words += ["--want", "x".join(map(str, target))]
    found: list[Answer] = []
    problem = problem_of_quiet_call(lambda: found.append(answer_words(words)))
    if problem or not found:
        return problem or "a valid layer is refused in a sentence"
    answer = found[0]
    if drawn.expected is None:
        return "" if answer.refusals else "no refusal, but it must be refused"
    if answer.output_shape is None:
        return "refused: %s" % [one.sentence for one in answer.refusals]
    if not _contains(answer.output_shape, drawn.expected):
        return "output %s, the formula has %s" % (answer.output_shape, drawn.expected)
    return problem_of_case(answer) or (problem_of_changes(answer, target) if target else "")


def _contains(shape: Sequence[int | None], size: Sequence[int]) -> bool:
    """Return whether the spatial part of a shape, with channels first or last, is this size."""
    return tuple(size) in (tuple(shape[1:-1]), tuple(shape[2:]))


def problem_of_changes(answer: Answer, target: Sequence[int]) -> str:
    """Return which listed change does not give the target, or which single change is not listed."""
    assert answer.case is not None
    for change in answer.changes:
        if change.case is not None and not (
            isinstance(expected_result(change.case), Accepts) and output_size(change.case) == tuple(target)
        ):
            return "%s does not give %s" % (change.code, target)
    if tuple(target) != output_size(answer.case) and not answer.changes:
        return "no change is listed for %s" % (target,)
    return ""
