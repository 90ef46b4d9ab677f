"""Draws layers, writes them as people do, and derives the output from a closed formula of each framework.

The formulas are those of the frameworks' documentation, written here once more: nothing of ``fixtures/explain`` is
used.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Callable, Mapping, Sequence

from fixtures.case import Case
from fixtures.oracle.expectation import Accepts, expected_result

PREFIXES = ("", "layers.", "keras.layers.", "tf.keras.layers.", "tensorflow.keras.layers.")
DTYPES = ("float32", "float64", "float16", "bfloat16", "mixed_float16", "int8")
ACTIVATIONS = ("'relu'", "'tanh'", "tf.nn.relu", "None", "LeakyReLU(0.2)")


@dataclass(frozen=True)
class Drawn:
    """A layer as text: the words of the command line, and the spatial output; None if it must be refused."""

    words: tuple[str, ...]
    expected: tuple[int, ...] | None
    case: Case | None = None  # where Keras' rules decide


@dataclass(frozen=True)
class Numbers:
    """The lengths of a drawn layer, one per axis."""

    rank: int
    n: tuple[int, ...]
    k: tuple[int, ...]
    s: tuple[int, ...]
    d: tuple[int, ...]
    filters: int
    channels: int

    @property
    def axes(self) -> list[tuple[int, int, int, int]]:
        """Return n, k, s, d of every axis."""
        return list(zip(self.n, self.k, self.s, self.d))


def draw_numbers(draw: random.Random) -> Numbers:
    """Return lengths; often equal along the axes, rarely dilated."""
    rank = draw.choice((1, 2, 2, 2, 2, 3))

    def lengths(values: Sequence[int]) -> tuple[int, ...]:
        first = draw.choice(values)
        return (first,) * rank if draw.random() < 0.5 else tuple(draw.choice(values) for _ in range(rank))

    dilation = (1,) * rank if draw.random() < 0.7 else lengths((1, 2, 3))
    size = lengths((1, 2, 3, 4, 5, 7, 8, 16, 28, 44, 100, 358, 16384))
    return Numbers(
        rank,
        size,
        lengths((1, 2, 3, 4, 5, 6, 7, 64)),
        lengths((1, 2, 2, 3, 4, 5, 32)),
        dilation,
        *draw.choices(range(1, 99), k=2),
    )


def write_shape(draw: random.Random, numbers: Sequence[int], channels: int, first: bool = False) -> str:
    """Return a shape as people write it: with or without channels and batch."""
    batch = draw.choice(("1", "None", "256", "?"))
    shape = [str(n) for n in numbers]
    kind = draw.choice(("spatial", "channels", "batch"))
    if kind != "spatial":
        shape = [str(channels), *shape] if first else [*shape, str(channels)]
    if kind == "batch":
        shape = [batch, *shape]
    joined: Callable[[str], str] = lambda between: between.join(shape)  # noqa: E731  # read once
    text = draw.choice(
        (joined("x"), joined(","), joined(", "), joined(" "), "(%s)" % joined(", "), "[%s]" % joined(", "))
    )
    return text if draw.random() < 0.9 else "TensorShape([%s])" % joined(", ")


def write_tuple(draw: random.Random, numbers: Sequence[int]) -> str:
    """Return numbers as an argument: one number if all are equal, else a tuple or a list."""
    if len(set(numbers)) == 1 and draw.random() < 0.6:
        return str(numbers[0])
    text = ", ".join(map(str, numbers))
    return draw.choice(("(%s,)" if len(numbers) == 1 else "(%s)", "[%s]")) % text


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


def draw_torch_call(draw: random.Random) -> Drawn:
    """Return a call of torch; H_out = (H_in - 1) stride - 2 padding + dilation (kernel - 1) + output_padding + 1."""
    drawn = draw_numbers(draw)
    padding = tuple(draw.choice((0, 1, 2)) for _ in drawn.n)
    extra = tuple(draw.choice((0, 0, 1, draw.randint(0, 4))) for _ in drawn.n)
    size = tuple((n - 1) * s - 2 * p + d * (k - 1) + o + 1 for (n, k, s, d), p, o in zip(drawn.axes, padding, extra))
    refused = any(o >= max(s, d) for o, s, d in zip(extra, drawn.s, drawn.d)) or min(size) < 0
    named = [
        "stride=" + write_tuple(draw, drawn.s),
        "padding=" + write_tuple(draw, padding),
        "output_padding=" + write_tuple(draw, extra),
        "dilation=" + write_tuple(draw, drawn.d),
    ]
    draw.shuffle(named)
    counts = "%d, %d, %s" % (drawn.channels, drawn.filters, write_tuple(draw, drawn.k))
    prefix = draw.choice(("nn.", "torch.nn.", ""))
    call = "%sConvTranspose%dd(%s, %s)" % (prefix, drawn.rank, counts, ", ".join(named))
    first = drawn.channels in drawn.n or draw.random() < 0.8  # the other order is found by the number of channels
    shape = write_shape(draw, drawn.n, drawn.channels, first)
    return Drawn((call, "--input", shape), None if refused else size)


def draw_onnx_node(draw: random.Random) -> Drawn:
    """Return an ONNX node; out = stride (in - 1) + output_padding + (kernel - 1) dilation + 1 - pads."""
    drawn = draw_numbers(draw)
    extra = tuple(draw.randrange(max(s, d)) for s, d in zip(drawn.s, drawn.d))
    auto = draw.choice(("NOTSET", "NOTSET", "SAME_UPPER", "SAME_LOWER", "VALID"))
    front, end = (tuple(draw.choice((0, 1, 2)) for _ in drawn.n) for _ in range(2))
    sums = [a + b if auto == "NOTSET" else 0 for a, b in zip(front, end)]
    size = tuple(s * (n - 1) + o + (k - 1) * d + 1 - p for (n, k, s, d), o, p in zip(drawn.axes, extra, sums))
    if auto.startswith("SAME"):
        size = tuple(n * s for n, s in zip(drawn.n, drawn.s))
    attributes = [
        "kernel_shape=%s" % list(drawn.k),
        "strides=%s" % list(drawn.s),
        "dilations=%s" % list(drawn.d),
        "output_padding=%s" % list(extra),
        "pads=%s" % [*front, *end] if auto == "NOTSET" else 'auto_pad="%s"' % auto,
    ]
    text = ", ".join(attributes)
    call = draw.choice(
        ("ConvTranspose(%s)", "ConvTranspose <%s> (X, W)", 'onnx.helper.make_node("ConvTranspose", ["X"], ["Y"], %s)')
    )
    shape = ["1", "3", *map(str, drawn.n)]
    return Drawn((call % text, "--input", "x".join(shape)), size if min(size) >= 0 else None)


def draw_jax_call(draw: random.Random) -> Drawn:
    """Return a call of JAX or Flax.

    SAME gives n s cells, VALID n s + max(ke - s, 0), and pairs of numbers add to the spread input.
    """
    drawn = draw_numbers(draw)
    spans = [(k - 1) * d + 1 for k, d in zip(drawn.k, drawn.d)]
    padding = draw.choice(("'SAME'", "'VALID'", "pairs"))
    pairs = [(draw.randint(0, 4), draw.randint(0, 4)) for _ in drawn.n]
    if padding == "pairs":
        size = tuple((n - 1) * s + 1 + a + b - ke + 1 for n, s, (a, b), ke in zip(drawn.n, drawn.s, pairs, spans))
        padding = str(pairs)
    else:
        more = [max(ke - s, 0) if "VALID" in padding else 0 for ke, s in zip(spans, drawn.s)]
        size = tuple(n * s + one for n, s, one in zip(drawn.n, drawn.s, more))
    strides, dilation = (tuple(one) for one in (drawn.s, drawn.d))
    rank = ("--rank", str(drawn.rank))
    shape = write_shape(draw, drawn.n, drawn.channels)
    if draw.random() < 0.5:
        call = "nn.ConvTranspose(features=%d, kernel_size=%s, strides=%s, padding=%s, kernel_dilation=%s)" % (
            *(drawn.filters, drawn.k, strides, padding, dilation),
        )
        return Drawn((call, *rank, "--input", shape), size if min(size) >= 0 else None)
    call = "jax.lax.conv_transpose(x, w, %s, %s, rhs_dilation=%s)" % (strides, padding, dilation)
    kernel = "x".join(map(str, drawn.k))
    return Drawn((call, *rank, "--kernel", kernel, "--input", shape), size if min(size) >= 0 else None)


def draw_tensorflow_call(draw: random.Random) -> Drawn:
    """Return a call of tf.nn; its output_shape is right if the forward convolution maps it to the input."""
    drawn = draw_numbers(draw)
    padding = draw.choice(("SAME", "VALID"))
    size = []
    for n, k, s, d in drawn.axes:
        least = (n - 1) * s + (1 if padding == "SAME" else (k - 1) * d + 1)
        size.append(max(least + draw.choice((0, s - 1, draw.randint(-1, s))), 1))
    back = [
        -(-m // s) if padding == "SAME" else max((m - (k - 1) * d - 1) // s + 1, 0)
        for m, (_, k, s, d) in zip(size, drawn.axes)
    ]
    strides = draw.choice((list(drawn.s), [1, *drawn.s, 1]))
    call = "tf.nn.conv%dd_transpose(x, w, output_shape=[1, %s, %d], strides=%s, padding=%r, dilations=%s)" % (
        *(drawn.rank, ", ".join(map(str, size)), drawn.filters, strides, padding, list(drawn.d)),
    )
    words = (call, "--kernel", "x".join(map(str, drawn.k)), "--input", write_shape(draw, drawn.n, drawn.channels))
    return Drawn(words, tuple(size) if tuple(back) == drawn.n else None)


KINDS: Mapping[str, Callable[[random.Random], Drawn]] = {
    "Keras call": draw_keras_call,
    "options": draw_options,
    "case id": draw_case_id,
    "torch call": draw_torch_call,
    "ONNX node": draw_onnx_node,
    "JAX or Flax call": draw_jax_call,
    "TensorFlow call": draw_tensorflow_call,
}
