"""The functions that judge statements, in plain Keras and NumPy; each returns a verdict and numbers that show it."""

from __future__ import annotations

from typing import Any, Sequence

import numpy as np

from fixtures.frameworks.tools import shape_as_list
from fixtures.oracle.shape import effective_kernel, forward_length
from suites.formula.plain_functions import (
    compare_lengths,
    compare_unknown_lengths,
    find_accepted_paddings,
    yield_points,
)
from suites.signature.check import REFERENCE

HOLDS, REFUTED, ONLY_IF = "holds", "refuted", "holds only if"
# Every argument is given, so that no statement depends on a default; the suite signature checks defaults.
PLAINEST = {
    "filters": 1,
    "kernel_size": (3, 3),
    "strides": (1, 1),
    "padding": "valid",
    "output_padding": None,
    "data_format": "channels_last",
    "dilation_rate": (1, 1),
    "activation": "linear",
    "use_bias": True,
    "dtype": "float32",
}


def judge_statement(tools: Any, predicted: str, find: Any, **facts: Any) -> Any:
    """Return the predicted verdict, and the observed one with the numbers that show it."""
    verdict, numbers = find(tools, **facts)
    return {"verdict": predicted}, {"verdict": verdict, "numbers": numbers}


def run_layer(tools: Any, x: np.ndarray, kernel: Any = None, **arguments: Any) -> np.ndarray:
    """Return the output of a layer with one filter and a kernel of 3x3, and other arguments."""
    layer = tools.make("Conv2DTranspose", {**PLAINEST, **arguments})
    if kernel is None:
        layer.build(x.shape)
    else:
        tools.build(layer, x.shape, [kernel], "float32")
    values: np.ndarray = tools.call(layer, x, "float32")[0]
    return values


def verdict_and_numbers(true: bool, numbers: str) -> tuple[str, str]:
    """Return the verdict of a statement that holds or does not, and the numbers."""
    return HOLDS if true else REFUTED, numbers


def format_lengths(lengths: Sequence[Any]) -> str:
    """Return lengths as text, such as 4x5."""
    return "x".join(str(length) for length in lengths)


def judge_output_shape(tools: Any, shape: Any, expected: Any, **arguments: Any) -> Any:
    """Judge whether an input of that shape gives an output of the expected shape, both without the batch."""
    found = run_layer(tools, np.ones((1, *shape)), **arguments).shape[1:]
    return verdict_and_numbers(
        found == tuple(expected), "%s becomes %s" % (format_lengths(shape), format_lengths(found))
    )


def judge_conv2d_length(tools: Any, length: int, expected: int) -> Any:
    """Judge whether Conv2D (kernel 3, strides 10, same) maps ``length`` cells to ``expected`` cells on each axis."""
    layer = tools.keras.layers.Conv2D(1, 3, strides=10, padding="same")
    found = tools.call(layer, np.ones((1, length, length, 1)), "float32")[0].shape
    return verdict_and_numbers(
        found[1:3] == (expected, expected), "%dx%d becomes %s" % (length, length, format_lengths(found[1:3]))
    )


def judge_positional_order(tools: Any) -> Any:
    """Judge the order of the argument names, and whether all nine may be given by position."""
    found = [name for name, _ in tools.signature("Conv2DTranspose")][:9]
    if found != list(REFERENCE)[:9]:
        return REFUTED, "(%s, ...)" % ", ".join(found)
    kind = tools.keras.layers.Conv2DTranspose
    try:
        kind(2, (3, 2), (1, 1), "valid", (0, 0), "channels_last", (1, 1), "relu", False)
    except TypeError as error:
        return ONLY_IF, "given by name; nine positions are refused: %s" % str(error)[:60]
    return HOLDS, "(%s, ...), nine positions are taken" % ", ".join(found)


def judge_inference_by_none(tools: Any) -> Any:
    """Judge whether None infers the shape from the other arguments, and list what every possible number gives."""
    x, same = np.ones((2, 4, 5, 3)), {"filters": 2, "strides": (3, 2), "padding": "same"}
    none = run_layer(tools, x, output_padding=None, **same).shape
    given = [run_layer(tools, x, output_padding=(o, 0), **same).shape[1] for o in range(3)]
    numbers = "same, strides 3: None gives %d; 0, 1, 2 give %s" % (none[1], ", ".join(map(str, given)))
    return verdict_and_numbers(none[1:3] == (12, 10), numbers)


def judge_shape_in_both_formats(tools: Any) -> Any:
    """Judge the inferred shape in both data formats."""
    arguments = {**PLAINEST, "filters": 2, "kernel_size": (3, 2), "strides": (2, 1)}
    layer = tools.make("Conv2DTranspose", arguments)
    last = shape_as_list(layer.compute_output_shape((2, 4, 5, 3)))
    layer = tools.make("Conv2DTranspose", {**arguments, "data_format": "channels_first"})
    first = shape_as_list(layer.compute_output_shape((2, 3, 4, 5)))
    true = last == [2, 9, 6, 2] and first == [2, 2, 9, 6]
    return verdict_and_numbers(
        true, "channels_last %s, channels_first %s" % (format_lengths(last), format_lengths(first))
    )


def judge_length_function(tools: Any) -> Any:
    """Judge the version's own length function: every padding, unknown lengths and unknown paddings."""
    _, length = tools.length_function("full")
    wrong = {
        "lengths.valid": compare_lengths(length, ("valid",))[0],
        "lengths.same": compare_lengths(length, ("same",))[0],
        "lengths.full": compare_lengths(length, ("full",))[0],
        "lengths.unknown": compare_unknown_lengths(length, ("valid", "same"))[0],
        "lengths.refused": find_accepted_paddings(length, ("causal", "explicit", ""))[0],
    }
    names = [name for name, found in wrong.items() if found]
    return verdict_and_numbers(
        not names, "%d points, wrong in: %s" % (3 * len(list(yield_points())), ", ".join(names) or "none")
    )


def judge_several_lengths(tools: Any) -> Any:
    """Judge whether every output_padding gives another length, and whether Conv2D maps each of them back."""
    lengths = []
    for o in range(10):
        arguments = {"strides": (10, 10), "padding": "same", "output_padding": (o, o)}
        m = run_layer(tools, np.ones((1, 20, 20, 1)), **arguments).shape[1]
        back = tools.keras.layers.Conv2D(1, 3, strides=10, padding="same")
        if tools.call(back, np.ones((1, m, m, 1)), "float32")[0].shape[1] != 20:
            return REFUTED, "output_padding %d gives %d, which Conv2D does not map to 20" % (o, m)
        lengths.append(m)
    return verdict_and_numbers(
        lengths == list(range(191, 201)), "output_padding 0 to 9 gives %s" % ", ".join(map(str, lengths))
    )


def judge_spacing(tools: Any) -> Any:
    """Judge whether neighbouring cells reach places that are two cells apart.

    One cell at a time is 1, and all values of the kernel differ.
    """
    kernel = np.arange(1.0, 10.0).reshape(3, 3, 1, 1)
    starts = []
    for at in np.ndindex(2, 2):
        x = np.zeros((1, 2, 2, 1))
        x[(0, *at, 0)] = 1.0
        y = run_layer(tools, x, kernel, strides=(2, 2), use_bias=False)[0, :, :, 0]
        rows, columns = np.nonzero(y)
        starts.append((int(rows.min()), int(columns.min())) if len(rows) else None)
    true = starts == [(0, 0), (0, 2), (2, 0), (2, 2)] and y.shape == (5, 5)
    return verdict_and_numbers(
        true, "output %s, the four cells land at %s" % (format_lengths(y.shape), ", ".join(map(str, starts)))
    )


def judge_output_channels(tools: Any) -> Any:
    """Judge the last length of the output, for three numbers of filters."""
    arguments = {"kernel_size": (3, 2), "strides": (2, 1)}
    found = [run_layer(tools, np.ones((2, 4, 5, 3)), filters=n, **arguments).shape[-1] for n in (1, 2, 5)]
    return verdict_and_numbers(found == [1, 2, 5], "filters 1, 2, 5 give %s channels" % ", ".join(map(str, found)))


def judge_disregarded_cells(tools: Any) -> Any:
    """Judge which cells of a 6x6 input change the output, with valid and strides 2, forward and transposed."""
    forward = tools.keras.layers.Conv2D(1, 3, strides=2, padding="valid", use_bias=False, kernel_initializer="ones")
    cells = np.eye(36).reshape(36, 1, 6, 6, 1)
    seen = {"Conv2D": sum(bool(tools.call(forward, x, "float32")[0].any()) for x in cells), "Conv2DTranspose": 0}
    for x in cells:  # each cell gets a new layer: standalone Keras drops older layers when it makes one
        y = run_layer(tools, x, np.ones((3, 3, 1, 1)), strides=(2, 2), use_bias=False)
        seen["Conv2DTranspose"] += int(y.sum()) == 9
    numbers = "of 36 cells %d take part in Conv2D, %d in the transpose with every tap" % tuple(seen.values())
    if seen == {"Conv2D": 25, "Conv2DTranspose": 36}:
        return REFUTED, numbers
    return HOLDS if seen["Conv2DTranspose"] < 36 else "unclear", numbers


def judge_margin(tools: Any) -> Any:
    """Judge whether output_padding is a margin: then the map without it would be inside, surrounded by zeros."""
    x, kernel = np.ones((1, 3, 3, 1)), np.arange(1.0, 10.0).reshape(3, 3, 1, 1)
    same = {"strides": (2, 2), "padding": "same", "use_bias": False}
    without = run_layer(tools, x, kernel, output_padding=(0, 0), **same)[0, :, :, 0]
    more = run_layer(tools, x, kernel, output_padding=(1, 1), **same)[0, :, :, 0]
    rows, columns = without.shape
    inside = [np.array_equal(more[i : i + rows, j : j + columns], without) for i in (0, 1) for j in (0, 1)]
    last = more[-1]
    margin = any(inside) and not last.any()
    numbers = "%s becomes %s; the last row is %s" % (
        format_lengths(without.shape),
        format_lengths(more.shape),
        last.astype(int).tolist(),
    )
    return verdict_and_numbers(margin, numbers)


def judge_formula_of_rows(tools: Any) -> Any:
    """Judge (rows - 1) stride + kernel - 2 padding + output_padding, where kernel is ke and padding of same ke // 2."""
    right, without, x = [], [], np.ones((1, 4, 4, 1))
    for padding, n, k, s, d in (
        *(("valid", 4, 3, 2, 1), ("same", 4, 3, 2, 1), ("same", 4, 5, 3, 1), ("same", 4, 4, 2, 1)),
        *(("valid", 4, 2, 1, 3), ("same", 4, 3, 1, 2), ("valid", 4, 1, 3, 1)),
    ):
        arguments = {"kernel_size": (k, k), "strides": (s, s), "dilation_rate": (d, d), "padding": padding}
        ke = effective_kernel(k, d)
        rows = (n - 1) * s + ke - (2 * (ke // 2) if padding == "same" else 0)
        for o in range(s):
            if n == forward_length(rows + o, ke, s, padding):  # for other shapes no convolution exists
                right.append(run_layer(tools, x, output_padding=(o, o), **arguments).shape[1] == rows + o)
        without.append(run_layer(tools, x, **arguments).shape[1] == rows)
    numbers = "output_padding given: right in %d of %d; None, read as 0: right in %d of %d"
    numbers %= (sum(right), len(right), sum(without), len(without))
    if all(right) and not all(without):
        return ONLY_IF, numbers
    return HOLDS if all(right) else REFUTED, numbers


def judge_12x12x3(tools: Any) -> Any:
    """Judge whether 4x4x3 becomes 12x12x3, and list what other arguments give."""
    x, arguments = np.ones((1, 4, 4, 3)), {"filters": 3, "kernel_size": (5, 5)}
    found = run_layer(tools, x, strides=(2, 2), padding="same", **arguments).shape[1:]
    three = run_layer(tools, x, strides=(3, 3), padding="same", **arguments).shape[1]
    valid = run_layer(tools, x, strides=(2, 2), padding="valid", output_padding=(1, 1), **arguments).shape[1]
    numbers = "becomes %s; strides 3 gives %d, valid with output_padding 1 gives %d" % (
        format_lengths(found),
        three,
        valid,
    )
    return verdict_and_numbers(found == (12, 12, 3), numbers)
