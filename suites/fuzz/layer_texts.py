"""Draws layers and writes them as people do: as calls of each framework, as options or as case ids.

The output of a Keras layer is the oracle's.
"""

from __future__ import annotations

import random
from typing import Callable, Mapping

from fixtures.case import Case
from fixtures.oracle.expectation import Accepts, expected_result
from suites.fuzz.drawn_layer import Drawn, draw_numbers, write_shape, write_tuple
from suites.fuzz.other_frameworks import draw_jax_call, draw_onnx_node, draw_tensorflow_call, draw_torch_call

PREFIXES = ("", "layers.", "keras.layers.", "tf.keras.layers.", "tensorflow.keras.layers.")
DTYPES = ("float32", "float64", "float16", "bfloat16", "mixed_float16", "int8")
ACTIVATIONS = ("'relu'", "'tanh'", "tf.nn.relu", "None", "LeakyReLU(0.2)")


def draw_keras_call(draw: random.Random) -> Drawn:
    """Return a call of a Keras layer; its output is the oracle's."""
    case = _draw_case(draw)
    first = [str(case.filters), write_tuple(draw, case.kernel_size)]
    if draw.random() < 0.3:
        first = ["filters=" + first[0], "kernel_size=" + first[1]]
    more = ["padding=" + draw.choice(("'%s'", '"%s"')) % draw.choice((case.padding, case.padding.upper()))]
    if set(case.strides) != {1} or draw.random() < 0.5:
        more.append("strides=" + write_tuple(draw, case.strides))
    if set(case.dilation_rate) != {1}:
        more.append("dilation_rate=" + write_tuple(draw, case.dilation_rate))
    if case.output_padding is not None:
        more.append("output_padding=" + write_tuple(draw, case.output_padding))
    if case.data_format != "channels_last":
        more.append("data_format='channels_first'")
    more += ["activation=" + draw.choice(ACTIVATIONS)] * (draw.random() < 0.3)
    more += ["name='up'", "kernel_initializer=init"] * (draw.random() < 0.3)
    draw.shuffle(more)
    call = "%sConv%dDTranspose(%s)" % (draw.choice(PREFIXES), case.rank, ", ".join(first + more))
    call = draw.choice(("%s", "%s", "x = %s(x)", "model.add(%s)", "%s,", ">>> %s")) % call
    shape = write_shape(draw, case.size, case.channels, case.data_format == "channels_first")
    return Drawn((call, "--input", *_split(draw, shape)), _expect(case), case)


def _split(draw: random.Random, shape: str) -> tuple[str, ...]:
    """Return a shape as one word, or as several as the shell splits it."""
    return tuple(shape.split()) if draw.random() < 0.3 else (shape,)


def _draw_case(draw: random.Random) -> Case:
    drawn = draw_numbers(draw)
    extra = None
    if draw.random() < 0.4:
        extra = tuple(draw.choice((0, 1, draw.randint(0, s))) for s in drawn.s)
    return Case(
        *(1, drawn.n, drawn.channels, drawn.filters, drawn.k, drawn.s, drawn.d),
        padding=draw.choice(("valid", "same")),
        output_padding=extra,
        data_format=draw.choice(("channels_last", "channels_last", "channels_first")),
    )


def _expect(case: Case) -> tuple[int, ...] | None:
    expected = expected_result(case)
    if not isinstance(expected, Accepts):
        return None
    return expected.shape[2:] if case.data_format == "channels_first" else expected.shape[1:-1]


def draw_options(draw: random.Random) -> Drawn:
    """Return the options of a Keras layer; its output is the oracle's."""
    case = _draw_case(draw)
    words = ["--rank", str(case.rank), "--input", *_split(draw, write_shape(draw, case.size, case.channels))]
    for flag, numbers in (
        ("--kernel", case.kernel_size),
        ("--strides", case.strides),
        ("--dilation", case.dilation_rate),
        ("--output-padding", case.output_padding or ()),
    ):
        text = draw.choice("x, ").join(map(str, numbers))
        words += [flag, *_split(draw, text)] if numbers else []
    words += ["--padding", case.padding, "--dtype", draw.choice(DTYPES), "--filters", str(case.filters)]
    return Drawn(tuple(words), _expect(case), case)


def draw_case_id(draw: random.Random) -> Drawn:
    """Return a case id."""
    case = _draw_case(draw)
    return Drawn((case.id,), _expect(case), case)


KINDS: Mapping[str, Callable[[random.Random], Drawn]] = {
    "Keras call": draw_keras_call,
    "options": draw_options,
    "case id": draw_case_id,
    "torch call": draw_torch_call,
    "ONNX node": draw_onnx_node,
    "JAX or Flax call": draw_jax_call,
    "TensorFlow call": draw_tensorflow_call,
}
