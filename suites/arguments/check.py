"""The checks of arguments and inputs: accepted with their meaning, or refused in time by name (rules C1 to C3)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Callable, Mapping, Sequence, Union

import numpy as np

from fixtures.case import Case
from fixtures.cases.contract import CASES, PLAIN
from fixtures.cases.data_sets import dense_integers
from fixtures.check import Check
from fixtures.compare.facts import compared, not_asked, refused_wrongly, settle
from fixtures.compare.reference import wanted
from fixtures.compare.verdict import Verdict, described, judge_arrays, judge_refusal
from fixtures.frameworks.keras_interface import Layered, plain_shape
from fixtures.frameworks.probe import Probe, Stage, attempt, in_format
from fixtures.observation import Absent, Observed, Refused
from fixtures.oracle.expectation import Rejects
from fixtures.oracle.rules import Rule
from suites.arguments.spellings import SPELLINGS, Spelling
from suites.shapes.check import expected as expected_lengths
from suites.shapes.check import layout

CLAIM = "rejection"
IN_TIME = ("construction", "build")
# The layer sees an input only when it is called.
CALLED = (*IN_TIME, "call", "trace", "run")
INPUT_WORDS = ("input", "channel", "axis", "axes", "ndim", "rank", "dimension", "shape")

Seen = Union[Mapping[str, Observed], Refused, Absent]


def _rule(id: str, argument: str, names: Sequence[str], sentence: str) -> Rejects:
    return Rejects((Rule(id, (argument, *names), sentence, "contract", lambda case: True),))


def _spelled(case: Case, variant: str, subject: Layered, device: str) -> Verdict:
    """Construct, build and call the layer with one argument in the spelling of the variant; return the verdict."""
    spelling = SPELLINGS[variant]
    meant = case if spelling.meaning is None else replace(case, **spelling.meaning)
    data = dense_integers(meant)
    probe = Probe(subject, meant, subject.modes[0], device)

    def act(stage: Stage) -> Mapping[str, Observed]:
        probe.stage = stage
        layer = subject.construct(case, **{spelling.argument: spelling.given})
        stage.name = "build"
        if spelling.meaning is None:
            layer.build(case.input_shape)  # with any weights that the layer makes
        else:
            subject.build(layer, meant, [values for values in (data.kernel, data.bias) if values is not None])
        stage.name = "call"
        probe.layer = layer
        return subject.answer(probe, "output", meant, {"x": in_format(data.x, case.data_format)})

    seen = attempt(subject, device, act)
    return _judged(spelling, seen, meant, data, device)


def _judged(spelling: Spelling, seen: Seen, meant: Case, data: Any, device: str) -> Verdict:
    spelled = _given(spelling)
    if isinstance(seen, Absent):
        return not_asked(seen, CLAIM)
    if isinstance(seen, Refused):
        if spelling.documented:
            return refused_wrongly(seen, CLAIM, {"given": spelled, "means": _meaning(spelling)})
        if spelling.anyhow:
            return Verdict("agree", CLAIM, {"given": spelled}, described(seen), (CLAIM,))
        told = (
            "%s means nothing" % spelled
            if spelling.meaning is None
            else "%s is not taken for %s"
            % (
                spelled,
                _meaning(spelling),
            )
        )
        verdict = judge_refusal(_rule("C1", spelling.argument, spelling.names, told), seen, IN_TIME)
        return replace(verdict, expected={"given": spelled, **verdict.expected})
    if spelling.meaning is None:
        verdict = judge_refusal(_rule("C1", spelling.argument, (), "%s means nothing" % spelled), seen, IN_TIME)
        return replace(verdict, expected={"given": spelled, **verdict.expected})
    verdict = judge_arrays(wanted(meant, "output", data), seen, meant, data.name, device)
    return replace(verdict, expected={"given": spelled, "means": _meaning(spelling), **verdict.expected})


def _given(spelling: Spelling) -> str:
    return "%s=%s" % (spelling.argument, spelling.value)


def _meaning(spelling: Spelling) -> str:
    return ", ".join("%s=%r" % item for item in (spelling.meaning or {}).items()) or "no argument at all"


def _input(sentence: str, first: Sequence[int | None] | None, then: Sequence[int]) -> Callable[..., Verdict]:
    """Return a check that the layer refuses an input of shape ``then``, because of ``sentence``.

    The layer is built for the shape ``first``; if that is None, the call builds it.
    """

    def asked(case: Case, variant: str, subject: Layered, device: str) -> Verdict:
        def act(stage: Stage) -> Mapping[str, Observed]:
            layer = subject.construct(case)
            if first is not None:
                stage.name = "build"
                layer.build(tuple(first))
            stage.name = "call"
            probe = Probe(subject, case, subject.modes[0], device)
            probe.stage, probe.layer = stage, layer
            return subject.answer(probe, "output", case, {"x": np.ones(then)})

        seen = attempt(subject, device, act)
        return judge_refusal(_rule("C2", "inputs", INPUT_WORDS, sentence), seen, CALLED)

    return asked


def _global_format(case: Case, variant: str, subject: Layered, device: str) -> Verdict:
    """Check that image_data_format decides if data_format is None.

    The inferred shape shows it, because no device refuses to infer a shape.
    """
    other = replace(case, data_format="channels_first")
    lengths = [other.batch, *other.size]

    def act(stage: Stage) -> dict[str, Any]:
        backend = subject.keras.backend
        before = backend.image_data_format()
        backend.set_image_data_format("channels_first")
        try:
            layer = subject.construct(case, data_format=None)
        finally:
            backend.set_image_data_format(before)
        return {
            "data_format": layer.get_config()["data_format"],
            "shape": plain_shape(layer.compute_output_shape(tuple(layout(lengths, other.channels, other)))),
        }

    seen = attempt(subject, device, act)
    want = {"data_format": "channels_first", "shape": layout(expected_lengths(other, lengths), other.filters, other)}
    return settle(seen, "inferred-shape", want, lambda facts: compared("inferred-shape", want, facts))


_B, _H, _W, _C = PLAIN.input_shape
# Why the input must be refused, the shape that the layer is built for (None: not built), and the shape of the call.
INPUTS: Mapping[str, tuple[str, Sequence[int | None] | None, Sequence[int]]] = {
    "input.rank-three": ("the input has no channel axis", None, (_B, _H, _W)),
    "input.rank-five": ("the input has an axis too many", None, (_B, _H, _W, _C, 1)),
    "input.channels-unknown": ("no kernel can be made for unknown channels", (_B, _H, _W, None), PLAIN.input_shape),
    "input.channels-change": ("the kernel was made for other channels", PLAIN.input_shape, (_B, _H, _W, _C + 1)),
}
OTHERS: Mapping[str, Callable[..., Verdict]] = {
    **{variant: _input(*facts) for variant, facts in INPUTS.items()},
    "image-data-format.first": _global_format,
}


def variants(case: Case) -> Sequence[str]:
    """Return the spellings whose base is this case; for the plain case, also the other variants."""
    spelled = (
        tuple(variant for variant, spelling in SPELLINGS.items() if spelling.base == case) if case in CASES else ()
    )
    return spelled + tuple(OTHERS) if case == PLAIN else spelled


def told(variant: str) -> dict[str, Any]:
    """Return the argument as it is given; empty if the variant is no spelling."""
    spelling = SPELLINGS.get(variant)
    return {"given": _given(spelling)} if spelling else {}


def run(check: Check, subject: Layered, device: str) -> Verdict:
    """Return the verdict on one spelling or input."""
    return OTHERS.get(check.variant, _spelled)(check.case, check.variant, subject, device)
