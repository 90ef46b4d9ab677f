"""The checks of arguments and inputs: accepted with their meaning, or refused in time by name (rules C1 to C3)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Mapping, Sequence

from fixtures.case import Case
from fixtures.cases.contract import CASES, PLAIN
from fixtures.cases.data_sets import Data, make_dense_integers
from fixtures.check import Check
from fixtures.compare.contract_verdicts import (
    judge_absent,
    judge_answer_or_its_absence,
    judge_facts,
    judge_wrong_refusal,
    make_output_facts,
)
from fixtures.compare.evidence import ExpectedArray, ExpectedRefusal, GivenArgument, NoFacts
from fixtures.compare.reference import compute_references
from fixtures.compare.verdict import Verdict, describe_refusal, judge_arrays, judge_refusal
from fixtures.frameworks.keras_interface import Layered
from fixtures.observation import Absent, Observed, Refused
from fixtures.oracle.expectation import Rejects
from fixtures.oracle.rules import Rule
from fixtures.snippets.contract import (
    FACTS,
    PlainCheck,
    array_arguments,
    differing_facts,
    layer_facts,
    observe_plain_function,
)
from fixtures.snippets.literal import Coded
from fixtures.snippets.reference import reference_code
from fixtures.snippets.refusal import is_clear
from fixtures.snippets.shared_parts import WITHOUT_DEVICES, data_recipe_code, unclear_refusal_code
from suites.arguments.argument_forms import ARGUMENT_FORMS, ArgumentForm
from suites.arguments.plain_functions import compare_global_format, use_argument, use_input
from suites.shapes.check import expected_output_lengths as expected_lengths
from suites.shapes.check import put_channels_in_place

PROPERTY = "rejection"
IN_TIME = ("construction", "build")
# The layer sees an input only when it is called.
CALLED = (*IN_TIME, "call", "trace", "run")
INPUT_WORDS = ("input", "channel", "axis", "axes", "ndim", "rank", "dimension", "shape")

_ACCEPTED = "print('not refused; the output has the shape', found.shape)\nmismatch = True"
_COMPARED = "expected, observed = make_output_facts((expected['output'], %r), (found, dtype))\n"


def _rule_of_argument(id: str, argument: str, names: Sequence[str], sentence: str) -> Rejects:
    return Rejects((Rule(id, (argument, *names), sentence, "contract", lambda case: True),))


def _make_check_of_form(case: Case, variant: str) -> PlainCheck:
    """Return the check that constructs, builds and calls the layer with one argument in this form."""
    form, meant, data = _case_that_form_means(case, variant)
    given = {"argument": form.argument, "given": Coded(form.given, form.value)}
    facts = layer_facts(case)
    facts["arguments"] = {name: value for name, value in facts["arguments"].items() if name != form.replaces}
    more = {**facts, **given, "input_shape": meant.input_shape, **array_arguments(meant, data)}
    refused = unclear_refusal_code((form.argument, *form.names), IN_TIME, "tools.stage")
    if form.documented:
        shows = "%s means %s." % (_given_value(form), _judge_meaning(form))
        refused = "mismatch = True"
    elif form.anyhow:
        shows = "%s must be refused in any way." % _given_value(form)
        refused = "mismatch = False"
    elif form.meaning is None:
        shows = "%s means nothing: it must be refused by the constructor or by build." % _given_value(form)
    else:
        shows = "%s means %s, or is refused clearly." % (_given_value(form), _judge_meaning(form))
    setup, answered = data_recipe_code(meant, data), _ACCEPTED
    if form.meaning is None:
        more["weights"] = None
    else:
        setup += "\n" + reference_code(meant, data, "output")
        answered = _COMPARED % meant.compute_dtype + FACTS % differing_facts.__name__
    uses = (*((make_output_facts, differing_facts) if form.meaning is not None else ()), *_refusal_functions(refused))
    return PlainCheck(
        shows, use_argument, more, setup, result="found, dtype", answered=answered, refused=refused, uses=uses
    )


def _refusal_functions(refused: str) -> tuple[Any, ...]:
    return (is_clear,) if is_clear.__name__ in refused else ()


def _case_that_form_means(case: Case, variant: str) -> tuple[ArgumentForm, Case, Data]:
    """Return a form, the case that it means, and the data of the check."""
    form = ARGUMENT_FORMS[variant]
    meant = case if form.meaning is None else replace(case, **form.meaning)
    return form, meant, make_dense_integers(meant)


def _judge_form(case: Case, variant: str, seen: Any, device: str) -> Verdict:
    form, meant, data = _case_that_form_means(case, variant)
    given = _given_value(form)
    nothing = "%s means nothing" % given
    if isinstance(seen, Absent):
        return judge_absent(seen, PROPERTY)
    if isinstance(seen, Refused):
        if form.documented:
            return judge_wrong_refusal(seen, PROPERTY, GivenArgument(given, _judge_meaning(form)))
        if form.anyhow:
            return Verdict("agree", PROPERTY, GivenArgument(given), describe_refusal(seen), (PROPERTY,))
        other = "%s is not taken for %s" % (given, _judge_meaning(form))
        sentence = nothing if form.meaning is None else other
        return _add_form_to_verdict(
            form, judge_refusal(_rule_of_argument("C1", form.argument, form.names, sentence), seen, IN_TIME)
        )
    if form.meaning is None:
        return _add_form_to_verdict(
            form, judge_refusal(_rule_of_argument("C1", form.argument, (), nothing), seen, IN_TIME)
        )
    verdict = judge_arrays(compute_references(meant, "output", data), seen, meant, data.name, device)
    # The snippet compares with ``make_output_facts``, which gives the same result but has no device.
    verdict = replace(verdict, snippet=WITHOUT_DEVICES) if verdict.property == "placement" else verdict
    return _add_form_to_verdict(form, verdict)


def _add_form_to_verdict(form: ArgumentForm, verdict: Verdict) -> Verdict:
    """Return the verdict with the form in its evidence, and with the form's meaning if the layer computed it."""
    due = verdict.expected
    if isinstance(due, ExpectedRefusal):
        return replace(verdict, expected=replace(due, given=_given_value(form)))
    assert isinstance(due, ExpectedArray)
    return replace(verdict, expected=replace(due, given=_given_value(form), means=_judge_meaning(form)))


def _given_value(form: ArgumentForm) -> str:
    return "%s=%s" % (form.argument, form.value)


def _judge_meaning(form: ArgumentForm) -> str:
    return ", ".join("%s=%r" % item for item in (form.meaning or {}).items()) or "no argument at all"


def _make_check_of_input(case: Case, variant: str) -> PlainCheck:
    """Return the check that the layer refuses an input."""
    sentence, first, then = INPUTS[variant]
    given = {**layer_facts(case), "built_for": None if first is None else tuple(first), "input_shape": tuple(then)}
    refused = unclear_refusal_code(INPUT_WORDS, CALLED, "tools.stage")
    shows = "The input must be refused, since %s." % sentence
    return PlainCheck(
        shows,
        use_input,
        given,
        result="found, dtype",
        answered=_ACCEPTED,
        refused=refused,
        uses=(is_clear,),
    )


def _make_check_of_global_format(case: Case) -> PlainCheck:
    """Return the check that image_data_format decides if data_format is None."""
    other = replace(case, data_format="channels_first")
    lengths = [other.batch, *other.size]
    given = {
        **layer_facts(other),
        "output_shape": put_channels_in_place(expected_lengths(other, lengths), other.filters, other),
    }
    shows = "The global image_data_format decides where data_format is not given."
    return PlainCheck(shows, compare_global_format, given)


_B, _H, _W, _C = PLAIN.input_shape
# Why the input must be refused, the shape that the layer is built for (None: not built), and the shape of the call.
INPUTS: Mapping[str, tuple[str, Sequence[int | None] | None, Sequence[int]]] = {
    "input.rank-three": ("the input has no channel axis", None, (_B, _H, _W)),
    "input.rank-five": ("the input has an axis too many", None, (_B, _H, _W, _C, 1)),
    "input.channels-unknown": ("no kernel can be made for unknown channels", (_B, _H, _W, None), PLAIN.input_shape),
    "input.channels-change": ("the kernel was made for other channels", PLAIN.input_shape, (_B, _H, _W, _C + 1)),
}
GLOBAL_FORMAT = "image-data-format.first"
OTHERS = (*INPUTS, GLOBAL_FORMAT)
_FORMS = {case: tuple(name for name, form in ARGUMENT_FORMS.items() if form.base == case) for case in CASES}


def variants(case: Case) -> Sequence[str]:
    """Return the forms whose base is this case; for the plain case, also the other variants."""
    forms = _FORMS.get(case, ())
    return forms + OTHERS if case == PLAIN else forms


def describe(variant: str) -> GivenArgument | NoFacts:
    """Return the argument as it is given, if the variant is a form."""
    form = ARGUMENT_FORMS.get(variant)
    return GivenArgument(_given_value(form)) if form else NoFacts()


def plain_check(check: Check, subject: Layered) -> PlainCheck:
    """Return the check of one form or input."""
    if check.variant == GLOBAL_FORMAT:
        return _make_check_of_global_format(check.case)
    return (_make_check_of_input if check.variant in INPUTS else _make_check_of_form)(check.case, check.variant)


def run(check: Check, subject: Layered, device: str) -> Verdict:
    """Return the verdict on one form or input."""
    plain = plain_check(check, subject)
    seen = observe_plain_function(plain, subject, device)
    if check.variant == GLOBAL_FORMAT:
        expected_facts = {"data_format": "channels_first", "shape": plain.arguments["output_shape"]}
        return judge_answer_or_its_absence(
            seen, "inferred-shape", expected_facts, lambda facts: judge_facts("inferred-shape", *facts)
        )
    if not isinstance(seen, (Refused, Absent)):
        values, dtype = seen
        seen = {"output": Observed(values.shape, dtype, values, subject.device_read)}
    if check.variant in INPUTS:
        return judge_refusal(_rule_of_argument("C2", "inputs", INPUT_WORDS, INPUTS[check.variant][0]), seen, CALLED)
    return _judge_form(check.case, check.variant, seen, device)
