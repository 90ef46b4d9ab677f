"""Draws calls of torch, ONNX, JAX, Flax and tf.nn, and derives the output from a closed formula of each framework.

The formulas are those of the frameworks' documentation, written here once more: nothing of ``fixtures/explain`` is
used.
"""

from __future__ import annotations

import random

from suites.fuzz.drawn_layer import Drawn, draw_numbers, write_shape, write_tuple


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
