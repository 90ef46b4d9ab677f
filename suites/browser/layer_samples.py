"""Samples of layers for the form of the page, with the answers of the oracle."""

from __future__ import annotations

import random
from dataclasses import asdict
from typing import Any, Iterator, Sequence

from fixtures.case import ACTIVATIONS, DATA_FORMATS, DTYPES, PADDINGS, POLICIES, Case
from fixtures.check import Check
from fixtures.deviations.expression import ExpressionError, evaluate_when
from fixtures.deviations.reader import KNOWN_DEVIATIONS, read_deviations
from fixtures.explain.geometry import Axis, axes_of_case
from fixtures.oracle.expectation import Accepts, expected_result, output_size
from fixtures.oracle.rules import CONTRACT_KERAS_2, broken_rules
from reports.facts.predicate_tree import parse_predicate

SUBJECT = "keras3"
PREDICATES = 4  # predicates of known deviations that each layer is compared with
Layer = dict[str, Any]


def draw_cases(count: int, seed: int) -> list[Case]:
    """Return different cases of rank 1 to 3, valid and invalid ones."""
    rng = random.Random(seed)
    found: dict[str, Case] = {}
    while len(found) < count:
        case = _draw_case(rng)
        found[case.id] = case
    return list(found.values())


def _draw_case(rng: random.Random) -> Case:
    rank = rng.choice((1, 2, 3))

    def draw(values: Sequence[int], odd: Sequence[int]) -> tuple[int, ...]:
        """Return a value for each axis; one of a few calls also draws from values that are refused."""
        chosen = [*values, *odd] if rng.random() < 0.07 else list(values)
        return tuple(rng.choice(chosen) for _ in range(rank))

    plain = (1,) * rank
    strides = draw((1, 2, 2, 3, 4, 5), (0, -1))
    dilation = draw((1, 2, 3), (0, -2)) if rng.random() < 0.3 else plain
    if max(dilation) > 1 and rng.random() < 0.8:
        strides = plain
    greatest = max(*strides, 1)
    return Case(
        batch=rng.choice((0, 1, 2, 7)),
        size=draw((1, 2, 3, 4, 5, 8, 13, 28), (0,)),
        channels=rng.choice((1, 3, 64)),
        filters=rng.choice((1, 2, 3, 64, 64, 0) if rng.random() < 0.1 else (1, 2, 3, 5, 64)),
        kernel_size=draw((1, 2, 3, 4, 5, 6, 7), (0, -1)),
        strides=strides,
        dilation_rate=dilation,
        padding=rng.choice(PADDINGS),
        output_padding=None if rng.random() < 0.4 else draw(range(greatest), (greatest, greatest + 1, -1)),
        data_format=rng.choice(DATA_FORMATS),
        use_bias=rng.random() < 0.5,
        activation=rng.choice(ACTIVATIONS),
        dtype=rng.choice((*DTYPES, *POLICIES)),
    )


def make_samples(cases: Sequence[Case], seed: int) -> list[dict[str, Any]]:
    """Return a sample for each case: the layer, a pasted call, a target size, and predicates with their truth."""
    rng = random.Random(seed)
    trees = [(entry, parse_predicate(entry.when)) for entry in read_deviations(KNOWN_DEVIATIONS)]
    made = []
    for case in cases:
        chosen = [_evaluate_predicate(case, *rng.choice(trees), rng) for _ in range(PREDICATES)]
        made.append(
            {
                "layer": layer_of_case(case),
                "call": write_call(case, rng),
                "written": {
                    "input": _write_input(case, rng),
                    "rank": "%d" % case.rank,
                    "data_format": case.data_format,
                },
                "target": _draw_target(case, rng),
                "predicates": [one for one in chosen if one["truth"] != "no output size"],
            }
        )
    return made


def _evaluate_predicate(case: Case, entry: Any, tree: Any, rng: random.Random) -> dict[str, Any]:
    suite = rng.choice(("forward", "gradients", "special", "large", "shapes"))
    variant = rng.choice(("eager", "xla", "dynamic", "predict"))
    truth: bool | str = "no output size"
    if min(case.kernel_size + case.strides + case.dilation_rate) >= 1:
        try:
            truth = bool(evaluate_when(entry.when, Check(suite, case, variant), SUBJECT))
        except ExpressionError:
            truth = "error"
    return {"tree": tree, "suite": suite, "variant": variant, "truth": truth, "when": entry.when}


def layer_of_case(case: Case) -> Layer:
    """Return a case as the page's modules have it."""
    return {name: list(value) if isinstance(value, tuple) else value for name, value in asdict(case).items()}


def case_of_layer(layer: Layer) -> Case:
    """Return the case of a layer of the page's modules."""
    values: dict[str, Any] = {name: tuple(part) if isinstance(part, list) else part for name, part in layer.items()}
    return Case(**values)


def _draw_target(case: Case, rng: random.Random) -> list[int]:
    """Return lengths near the output's, or multiples of the input's."""
    if min(case.kernel_size + case.strides + case.dilation_rate) < 1 or rng.random() < 0.2:
        factor = rng.choice((1, 2, 3))
        return [max(n * factor, 1) for n in case.size]
    step = rng.choice((-2, -1, 0, 1, 2, 5)) if rng.random() < 0.6 else None
    return [max(m + (rng.choice((-1, 0, 1, 3)) if step is None else step), 1) for m in output_size(case)]


def _write_input(case: Case, rng: random.Random) -> str:
    numbers = ["%d" % number for number in case.input_shape]
    return rng.choice(("%s", "(%s)", "[%s]")) % rng.choice((", ", " ", ",")).join(numbers)


def write_call(case: Case, rng: random.Random) -> str:
    """Return a Keras call of the case, in one of the forms that people write."""

    def spatial(values: tuple[int, ...] | None) -> str:
        if values is None:
            return "None"
        if len(set(values)) == 1 and rng.random() < 0.6:
            return "%d" % values[0]
        return repr(rng.choice((tuple, list))(values))

    padding = rng.choice((str.upper, str.lower, str.title))(case.padding)
    named = ["strides=%s" % spatial(case.strides), "padding=%s" % rng.choice(('"%s"', "'%s'")) % padding]
    named += ["data_format=%r" % case.data_format, "dilation_rate = %s" % spatial(case.dilation_rate)]
    named += ["use_bias=%r" % case.use_bias, "activation=%r" % case.activation, "dtype='%s'" % case.dtype]
    if case.output_padding is not None or rng.random() < 0.5:
        named.append("output_padding=%s" % spatial(case.output_padding))
    named.append("kernel_initializer=keras.initializers.Zeros()")
    rng.shuffle(named)
    prefix = rng.choice(("", "keras.layers.", "tf.keras.layers.", "x = layers.", "model.add("))
    text = "%sConv%dDTranspose(%d, %s, %s%s)(x)"
    return text % (prefix, case.rank, case.filters, spatial(case.kernel_size), ", ".join(named), rng.choice(("", ",")))


def expected_answer(case: Case) -> dict[str, Any]:
    """Return what the page must say about a case, without its changes and predicates."""
    expected = expected_result(case)
    has_axes = min(case.kernel_size + case.strides + case.dilation_rate) >= 1
    return {
        "read": layer_of_case(case),
        "rewritten": layer_of_case(case),
        "rules": [rule.id for rule in broken_rules(case)],
        "keras2": [rule.id for rule in broken_rules(case, CONTRACT_KERAS_2)],
        "shape": list(expected.shape) if isinstance(expected, Accepts) else None,
        "axes": [_describe_axis(axis) for axis in axes_of_case(case)] if has_axes else [],
    }


def _describe_axis(axis: Axis) -> dict[str, Any]:
    return {
        "ke": axis.ke,
        "full": axis.full,
        "m": axis.m,
        "front": axis.crop,
        "gained": list(axis.gained),
        "admissible": list(axis.admissible) if axis.n > 0 else None,
        "sentences": axis.rules,
        "choices": [[o, axis.length(o), _is_admissible(axis, o)] for o in (None, *range(min(axis.s, 12)))],
    }


def _is_admissible(axis: Axis, o: int | None) -> bool:
    """Return whether the oracle accepts this output_padding on the axis alone."""
    alone = Case(1, (axis.n,), 1, 1, (axis.k,), (axis.s,), (axis.d,), axis.padding, None if o is None else (o,))
    return "R8" not in [rule.id for rule in broken_rules(alone)]


def find_kinds_of_changes(case: Case, target: Sequence[int], most: int = 8) -> Iterator[str]:
    """Yield the arguments with a change that gives the target lengths, found by trying every value up to ``most``."""
    layer = layer_of_case(case)
    choices: list[tuple[str, list[Any]]] = [
        ("output_padding", [None]),
        ("padding", [one for one in PADDINGS if one != case.padding]),
        ("strides", list(range(1, most + 1))),
        ("kernel_size", list(range(1, most + 1))),
    ]
    for name, values in choices:
        if any(_reaches(layer, name, values, target, mode) for mode in ("own", "none", "fit")):
            yield name


def _reaches(layer: Layer, name: str, values: list[Any], target: Sequence[int], mode: str) -> bool:
    """Return whether some values of an argument give the target lengths, with output_padding as the mode says."""
    if name in ("strides", "kernel_size") and _combine(layer, "", [None], target, mode):
        return False  # the output_padding alone is enough
    if name == "padding":
        return any(_combine({**layer, "padding": value}, "", [None], target, mode) for value in values)
    return _combine(layer, "" if name == "output_padding" else name, values, target, mode)


def _combine(layer: Layer, name: str, values: list[Any], target: Sequence[int], mode: str) -> bool:
    """Return whether every axis has a value that gives its length, such that the oracle accepts the whole layer."""
    if name == "strides" and max(layer["dilation_rate"]) > 1:
        values = [1]  # any other breaks R7
    chosen = []
    for at, length in enumerate(target):
        fitting = (_fit_axis(layer, at, name, value, length, mode) for value in values)
        found = next((one for one in fitting if one is not None), None)
        if found is None:
            return False
        chosen.append(found)
    changed = {**layer, "output_padding": None if chosen[0][1] is None else [one[1] for one in chosen]}
    if name:
        changed[name] = [one[0] for one in chosen]
    return isinstance(expected_result(case_of_layer(changed)), Accepts)


def _fit_axis(layer: Layer, at: int, name: str, value: Any, length: int, mode: str) -> tuple[Any, int | None] | None:
    """Return the value and the output_padding of one axis if they give the length."""
    alone = {key: [part[at]] if isinstance(part, list) else part for key, part in layer.items()}
    if name:
        alone[name] = [value]
    if min(alone["kernel_size"] + alone["strides"] + alone["dilation_rate"]) < 1:
        return None
    own = None if alone["output_padding"] is None else alone["output_padding"][0]
    tried: dict[str, list[int | None]] = {"own": [own], "none": [None], "fit": list(range(alone["strides"][0]))}
    for o in tried[mode]:
        case = case_of_layer({**alone, "output_padding": None if o is None else [o]})
        if isinstance(expected_result(case), Accepts) and output_size(case) == (length,):
            return value, o
    return None
