"""The check of inferred shapes, before there is an output, against the formula (rules S1 to S7, C6)."""

from __future__ import annotations

from typing import Any, Callable, Iterator, Sequence

from fixtures.case import Case, in_layout
from fixtures.cases.contract import BLOCK, FIRST, LINE, PADDED, PLAIN
from fixtures.check import Check
from fixtures.compare.facts import not_asked, refused_wrongly
from fixtures.compare.verdict import Verdict
from fixtures.frameworks.keras_interface import Layered, Shape, odd_lengths, plain_shape
from fixtures.frameworks.probe import Stage, attempt
from fixtures.observation import Absent, Refused
from fixtures.oracle.shape import output_length

CLAIM = "inferred-shape"
# The type of container that compute_output_shape returns is one fact of a release, so few cases check it: every rank,
# both data formats, output_padding given and left out. Another variant checks the lengths in it, on every case.
TYPE = "compute-output-shape.type"
TYPED = (PLAIN, FIRST, PADDED, LINE, BLOCK)


def patterns(case: Case) -> Iterator[tuple[str, list[int | None], list[int | None]]]:
    """Yield (what is unknown, input's shape, output's shape): nothing, one axis, all but the channels."""
    axes = range(case.rank + 1)  # the batch, then the spatial ones
    for unknown in ((), *((axis,) for axis in axes), tuple(axes)):
        lengths = [None if axis in unknown else n for axis, n in enumerate((case.batch, *case.size))]
        name = "all but the channels" if len(unknown) > 1 else "axis %d" % unknown[0] if unknown else "nothing"
        yield name, layout(lengths, case.channels, case), layout(expected(case, lengths), case.filters, case)


def expected(case: Case, lengths: Sequence[int | None]) -> list[int | None]:
    """Return batch and spatial lengths of the output; an unknown length stays unknown (S6)."""
    given = case.output_padding or (None,) * case.rank
    axes = zip(lengths[1:], case.kernel_size, case.strides, given, case.dilation_rate)
    return [lengths[0], *(output_length(n, k, s, case.padding, o, d) for n, k, s, o, d in axes)]


def layout(lengths: Sequence[Any], channels: int, case: Case) -> list[int | None]:
    """Return batch and spatial lengths with the channels where the case's data_format puts them."""
    return list(in_layout(lengths[0], lengths[1:], channels, case.data_format))


def _computed(subject: Layered, layer: Any, shape: Shape, case: Case) -> dict[str, Any]:
    found = layer.compute_output_shape(tuple(shape))
    odd = odd_lengths(found)
    return {"shape": plain_shape(found), **({"lengths": odd} if odd else {})}


def _container(subject: Layered, layer: Any, shape: Shape, case: Case) -> dict[str, Any]:
    return {"type": type(layer.compute_output_shape(tuple(shape))).__name__}


def _symbolic(subject: Layered, layer: Any, shape: Shape, case: Case) -> dict[str, Any]:
    return {"shape": subject.symbolic_shape(layer, shape, case.compute_dtype)}


def _traced(subject: Layered, layer: Any, shape: Shape, case: Case) -> dict[str, Any]:
    return {"shape": subject.traced_shape(layer, shape, case.compute_dtype)}


VARIANTS: dict[str, Callable[..., dict[str, Any]]] = {
    "compute-output-shape": _computed,
    TYPE: _container,
    "symbolic": _symbolic,
    "traced": _traced,
}


def variants(case: Case) -> Sequence[str]:
    """Return the variants for a case: none if it is empty; the one for the container only if it is in ``TYPED``."""
    if min(case.batch, case.channels, *case.size) == 0:
        return ()
    return tuple(variant for variant in VARIANTS if variant != TYPE or case in TYPED)


def run(check: Check, subject: Layered, device: str) -> Verdict:
    """Check one variant for every pattern of unknown lengths, each on a layer of its own."""
    seen: tuple[dict[str, Any], dict[str, Any]] | None = None
    odd: Verdict | None = None  # right lengths of another type than int; reported if all lengths are right
    for unknown, fed, want in patterns(check.case):

        def act(stage: Stage, fed: Shape = fed) -> dict[str, Any]:
            layer = subject.construct(check.case)
            stage.name = "build"
            layer.build(tuple(fed))
            stage.name = "call"
            return VARIANTS[check.variant](subject, layer, fed, check.case)

        got = attempt(subject, device, act)
        due = {"type": " or ".join(subject.shape_types)} if check.variant == TYPE else {"shape": want}
        wanted = {**due, "input": fed, "unknown": unknown}
        if isinstance(got, Absent):
            return not_asked(got, CLAIM)
        if isinstance(got, Refused):
            return refused_wrongly(got, CLAIM, wanted)
        facts = {**got, "input": fed, "unknown": unknown}
        if got["type"] not in subject.shape_types if check.variant == TYPE else got["shape"] != want:
            return Verdict("mismatch", CLAIM, wanted, facts, (CLAIM,))
        if "lengths" in got:
            odd = odd or Verdict("mismatch", CLAIM, {**wanted, "lengths": "int"}, facts, (CLAIM,))
        seen = seen or (due, got)
    expected, observed = seen or ({}, {})
    return odd or Verdict("agree", CLAIM, expected, observed, (CLAIM,))
