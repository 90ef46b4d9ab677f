"""The check of inferred shapes, before there is an output, against the formula (rules S1 to S7, C6)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Callable, Iterator, Sequence

from fixtures.case import Case, shape_in_layout
from fixtures.cases.contract import BLOCK, CHANNELS_FIRST, LINE, PADDED, PLAIN
from fixtures.check import Check
from fixtures.compare.contract_verdicts import judge_absent, judge_wrong_refusal
from fixtures.compare.evidence import InferredShape, InferredType
from fixtures.compare.verdict import Verdict
from fixtures.frameworks.adapter import layer_kind
from fixtures.frameworks.keras_interface import Layered
from fixtures.frameworks.tools import shape_as_list
from fixtures.observation import Absent, Refused
from fixtures.oracle.shape import output_length
from fixtures.snippets.contract import PlainCheck, differing_facts, observe_plain_function

PROPERTY = "inferred-shape"
# The type of container that compute_output_shape returns is one fact of a release, so few cases check it: every rank,
# both data formats, output_padding given and left out. Another variant checks the lengths in it, on every case.
TYPE = "compute-output-shape.type"
TYPED = (PLAIN, CHANNELS_FIRST, PADDED, LINE, BLOCK)


def yield_patterns_of_unknown_lengths(case: Case) -> Iterator[tuple[str, list[int | None], list[int | None]]]:
    """Yield (what is unknown, input's shape, output's shape): nothing, one axis, all but the channels."""
    axes = range(case.rank + 1)  # the batch axis, then the spatial axes
    for unknown in ((), *((axis,) for axis in axes), tuple(axes)):
        lengths = [None if axis in unknown else n for axis, n in enumerate((case.batch, *case.size))]
        name = "all but the channels" if len(unknown) > 1 else "axis %d" % unknown[0] if unknown else "nothing"
        yield (
            name,
            put_channels_in_place(lengths, case.channels, case),
            put_channels_in_place(expected_output_lengths(case, lengths), case.filters, case),
        )


def expected_output_lengths(case: Case, lengths: Sequence[int | None]) -> list[int | None]:
    """Return batch and spatial lengths of the output; an unknown length stays unknown (S6)."""
    given = case.output_padding or (None,) * case.rank
    axes = zip(lengths[1:], case.kernel_size, case.strides, given, case.dilation_rate)
    return [lengths[0], *(output_length(n, k, s, case.padding, o, d) for n, k, s, o, d in axes)]


def put_channels_in_place(lengths: Sequence[Any], channels: int, case: Case) -> list[int | None]:
    """Return batch and spatial lengths with the channels where the case's data_format puts them."""
    return list(shape_in_layout(lengths[0], lengths[1:], channels, case.data_format))


def compare_computed_shape(tools: Any, kind: str, arguments: Any, shape: Any, expected: Any) -> Any:
    """Return expected and observed shape of compute_output_shape, and the types of lengths that are not int."""
    found = build_layer(tools, kind, arguments, shape).compute_output_shape(tuple(shape))
    odd = ", ".join(sorted({type(length).__name__ for length in found} - {"int", "NoneType", "Dimension"}))
    lengths = ({"lengths": "int"}, {"lengths": odd}) if odd else ({}, {})
    return {"shape": expected, **lengths[0]}, {"shape": shape_as_list(found), **lengths[1]}


def compare_shape_container(tools: Any, kind: str, arguments: Any, shape: Any, expected: Any) -> Any:
    """Return expected and observed type of what compute_output_shape returns."""
    found = build_layer(tools, kind, arguments, shape).compute_output_shape(tuple(shape))
    return {"type": expected}, {"type": type(found).__name__}


def compare_symbolic_shape(tools: Any, kind: str, arguments: Any, shape: Any, expected: Any) -> Any:
    """Return expected and observed shape of the output on an ``Input``."""
    layer = build_layer(tools, kind, arguments, shape)
    return {"shape": expected}, {"shape": tools.symbolic_shape(layer, shape, arguments["dtype"])}


def compare_traced_shape(tools: Any, kind: str, arguments: Any, shape: Any, expected: Any) -> Any:
    """Return expected and observed static shape of the output in a trace."""
    layer = build_layer(tools, kind, arguments, shape)
    return {"shape": expected}, {"shape": tools.traced_shape(layer, shape, arguments["dtype"])}


def build_layer(tools: Any, kind: str, arguments: Any, shape: Any) -> Any:
    """Return a layer that is built for an input of that shape."""
    tools.stage = "construction"
    layer = tools.make(kind, arguments)
    tools.stage = "build"
    layer.build(tuple(shape))
    tools.stage = "call"
    return layer


def is_other_container(expected: Any, observed: Any) -> Any:
    """Return whether the observed container type is none of the expected types."""
    return observed["type"] not in expected["type"].split(" or ")


VARIANTS: dict[str, Callable[..., Any]] = {
    "compute-output-shape": compare_computed_shape,
    TYPE: compare_shape_container,
    "symbolic": compare_symbolic_shape,
    "traced": compare_traced_shape,
}


def variants(case: Case) -> Sequence[str]:
    """Return the variants for a case: none if it is empty; the one for the container only if it is in ``TYPED``."""
    if min(case.batch, case.channels, *case.size) == 0:
        return ()
    return tuple(variant for variant in VARIANTS if variant != TYPE or case in TYPED)


def plain_check(check: Check, subject: Layered) -> PlainCheck:
    """Return the check of one variant, which is repeated for every pattern of unknown lengths."""
    case, variant = check.case, check.variant
    types = " or ".join(subject.shape_types)
    return PlainCheck(
        "For every input shape: the %s of the output that is inferred." % ("type" if variant == TYPE else "shape"),
        VARIANTS[variant],
        {"kind": layer_kind(case), "arguments": case.arguments},
        each=[
            {"shape": fed, "expected": types if variant == TYPE else expected_shape}
            for _, fed, expected_shape in yield_patterns_of_unknown_lengths(case)
        ],
        compare=is_other_container if variant == TYPE else differing_facts,
        require=lambda subject: subject.require_layer(case),
    )


def run(check: Check, subject: Layered, device: str) -> Verdict:
    """Check one variant for every pattern of unknown lengths, each on a layer of its own."""
    plain = plain_check(check, subject)
    evidence: Callable[..., InferredShape | InferredType] = InferredType if check.variant == TYPE else InferredShape
    first: Verdict | None = None
    odd: Verdict | None = None  # the verdict on lengths of a type other than int; it counts if all lengths are right
    for (unknown, fed, _), more in zip(yield_patterns_of_unknown_lengths(check.case), plain.each):
        got = observe_plain_function(plain, subject, device, more)
        input_facts = {"input": fed, "unknown": unknown}
        if isinstance(got, Absent):
            return judge_absent(got, PROPERTY)
        if isinstance(got, Refused):
            return judge_wrong_refusal(got, PROPERTY, evidence(more["expected"], **input_facts))
        expected_facts, seen = got
        wrong = plain.compare(expected_facts, seen)
        due, found = evidence(**expected_facts, **input_facts), evidence(**seen, **input_facts)
        verdict = Verdict("mismatch", PROPERTY, due, found, (PROPERTY,))
        if wrong == ["lengths"]:
            odd = odd or verdict
        elif wrong:
            expected_facts.pop("lengths", None)
            return replace(verdict, expected=evidence(**expected_facts, **input_facts))
        first = first or Verdict("agree", PROPERTY, evidence(**expected_facts), evidence(**seen), (PROPERTY,))
    judged = odd or first
    assert judged is not None  # there is always the pattern in which nothing is unknown
    return judged
