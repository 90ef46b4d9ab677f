"""The functions that judge statements: they make real calls, and return the numbers that show the result."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Callable, Sequence

import numpy as np

from fixtures.case import Case
from fixtures.cases.contract import PLAIN
from fixtures.cases.data_sets import dense_integers
from fixtures.frameworks.keras_interface import Layered
from fixtures.frameworks.probe import in_format
from fixtures.oracle.shape import effective_kernel, forward_length
from suites.formula.check import VARIANTS as LENGTHS
from suites.formula.check import points
from suites.signature.check import REFERENCE

HOLDS, REFUTED, ONLY_IF = "holds", "refuted", "holds only if"


@dataclass(frozen=True)
class Finding:
    """The result for a statement, and the numbers that show it."""

    verdict: str
    numbers: str


def _shape(subject: Layered, case: Case) -> tuple[int, ...]:
    """Return the shape of the output of a real call."""
    data = dense_integers(case)
    layer = subject.construct(case)
    layer.build(case.input_shape)
    return subject.output(layer, in_format(data.x, case.data_format), case).shape


def _values(subject: Layered, case: Case, x: np.ndarray, kernel: np.ndarray) -> np.ndarray:
    layer = subject.construct(case)
    subject.build(layer, case, [kernel])
    return subject.output(layer, x, case).values


def _finding(true: bool, numbers: str) -> Finding:
    return Finding(HOLDS if true else REFUTED, numbers)


def becomes(case: Case, *want: int) -> Callable[[Layered], Finding]:
    """Return a function that judges whether a real call gives an output of shape (batch, *want), in channels_last."""

    def asked(subject: Layered) -> Finding:
        got = _shape(subject, case)
        return _finding(got[1:] == want, "%s becomes %s" % (_x(case.input_shape[1:]), _x(got[1:])))

    return asked


def _x(lengths: Sequence[Any]) -> str:
    return "x".join(str(length) for length in lengths)


def convolved(n: int, want: int) -> Callable[[Layered], Finding]:
    """Return a function that judges whether Conv2D (kernel 3, strides 10, same) maps ``n`` cells to ``want`` cells."""

    def asked(subject: Layered) -> Finding:
        layer = subject.keras.layers.Conv2D(1, 3, strides=10, padding="same")
        got = subject.output(
            layer, np.ones((1, n, n, 1)), Case(1, (n, n), 1, 1, (3, 3), (10, 10), (1, 1), "same")
        ).shape
        return _finding(got[1:3] == (want, want), "%dx%d becomes %s" % (n, n, _x(got[1:3])))

    return asked


def signature(subject: Layered) -> Finding:
    """Judge the names in order, and whether all nine may be given by position."""
    found = [name for name, _ in subject.signature(PLAIN)][:9]
    if found != list(REFERENCE)[:9]:
        return Finding(REFUTED, "(%s, ...)" % ", ".join(found))
    try:
        subject.layer_type(PLAIN)(2, (3, 2), (1, 1), "valid", (0, 0), "channels_last", (1, 1), "relu", False)
    except TypeError as error:
        return Finding(ONLY_IF, "given by name; nine positions are refused: %s" % str(error)[:60])
    return Finding(HOLDS, "(%s, ...), nine positions are taken" % ", ".join(found))


def inferred(subject: Layered) -> Finding:
    """Judge whether None infers the shape from the other arguments, and list what every possible number gives."""
    case = replace(PLAIN, strides=(3, 2), kernel_size=(3, 3))
    none = _shape(subject, replace(case, padding="same"))
    given = [_shape(subject, replace(case, padding="same", output_padding=(o, 0)))[1] for o in range(3)]
    true = none[1:3] == (case.size[0] * 3, case.size[1] * 2)
    return _finding(true, "same, strides 3: None gives %d; 0, 1, 2 give %s" % (none[1], ", ".join(map(str, given))))


def positions(subject: Layered) -> Finding:
    """Judge the inferred shape in both data formats."""
    last = tuple(subject.construct(PLAIN).compute_output_shape(PLAIN.input_shape))
    first = replace(PLAIN, data_format="channels_first")
    moved = tuple(subject.construct(first).compute_output_shape(first.input_shape))
    plain = [None if n is None else int(getattr(n, "value", n)) for n in last]
    other = [None if n is None else int(getattr(n, "value", n)) for n in moved]
    true = plain == [2, 9, 6, 2] and other == [2, 2, 9, 6]
    return _finding(true, "channels_last %s, channels_first %s" % (_x(plain), _x(other)))


def formula(subject: Layered) -> Finding:
    """Judge the version's own length function on every check of the suite ``formula``."""
    function = subject.formula("full")
    found = {name: LENGTHS[name](function) for name in LENGTHS}
    wrong = [name for name, verdict in found.items() if verdict.verdict != "agree"]
    count = sum(1 for padding in ("valid", "same", "full") for _ in points(padding))
    return _finding(not wrong, "%d points, wrong in: %s" % (count, ", ".join(wrong) or "none"))


def several_lengths(subject: Layered) -> Finding:
    """Judge whether every output_padding gives another length, and whether Conv2D maps each of them back."""
    lengths = []
    for o in range(10):
        case = Case(1, (20, 20), 1, 1, (3, 3), (10, 10), (1, 1), "same", (o, o))
        m = _shape(subject, case)[1]
        back = subject.keras.layers.Conv2D(1, 3, strides=10, padding="same")
        if subject.output(back, np.ones((1, m, m, 1)), case).shape[1] != 20:
            return Finding(REFUTED, "output_padding %d gives %d, which Conv2D does not map to 20" % (o, m))
        lengths.append(m)
    return _finding(lengths == list(range(191, 201)), "output_padding 0 to 9 gives %s" % ", ".join(map(str, lengths)))


def spaced(subject: Layered) -> Finding:
    """Judge whether neighbouring cells reach places that are two cells apart.

    One cell at a time is 1, and all values of the kernel differ.
    """
    case = Case(1, (2, 2), 1, 1, (3, 3), (2, 2), (1, 1), use_bias=False)
    kernel = np.arange(1.0, 10.0).reshape(3, 3, 1, 1)
    starts = []
    for at in np.ndindex(2, 2):
        x = np.zeros((1, 2, 2, 1))
        x[(0, *at, 0)] = 1.0
        y = _values(subject, case, x, kernel)[0, :, :, 0]
        rows, columns = np.nonzero(y)
        starts.append((int(rows.min()), int(columns.min())) if len(rows) else None)
    true = starts == [(0, 0), (0, 2), (2, 0), (2, 2)] and y.shape == (5, 5)
    return _finding(true, "output %s, the four cells land at %s" % (_x(y.shape), ", ".join(map(str, starts))))


def filters(subject: Layered) -> Finding:
    """Judge the last length of the output, for three numbers of filters."""
    found = [_shape(subject, replace(PLAIN, filters=filters))[-1] for filters in (1, 2, 5)]
    return _finding(found == [1, 2, 5], "filters 1, 2, 5 give %s channels" % ", ".join(map(str, found)))


def disregarded(subject: Layered) -> Finding:
    """Judge which cells of a 6x6 input change the output, forward and transposed, with valid and strides 2."""
    case = Case(1, (6, 6), 1, 1, (3, 3), (2, 2), (1, 1), use_bias=False)
    forward = subject.keras.layers.Conv2D(1, 3, strides=2, padding="valid", use_bias=False, kernel_initializer="ones")
    seen = {"Conv2D": 0, "Conv2DTranspose": 0}
    cells = np.eye(36).reshape(36, 1, 6, 6, 1)
    for x in cells:
        seen["Conv2D"] += bool(subject.output(forward, x, case).values.any())
    for x in cells:  # a new layer for each cell; standalone Keras forgets all older ones with every new one
        seen["Conv2DTranspose"] += int(_values(subject, case, x, np.ones((3, 3, 1, 1))).sum()) == 9
    numbers = "of 36 cells %d take part in Conv2D, %d in the transpose with every tap" % tuple(seen.values())
    if seen == {"Conv2D": 25, "Conv2DTranspose": 36}:
        return Finding(REFUTED, numbers)
    return Finding(HOLDS if seen["Conv2DTranspose"] < 36 else "unclear", numbers)


def added_around(subject: Layered) -> Finding:
    """Judge whether output_padding is a margin: then the map without it would be inside, surrounded by zeros."""
    case = Case(1, (3, 3), 1, 1, (3, 3), (2, 2), (1, 1), "same", (0, 0), use_bias=False)
    x, kernel = np.ones((1, 3, 3, 1)), np.arange(1.0, 10.0).reshape(3, 3, 1, 1)
    without = _values(subject, case, x, kernel)[0, :, :, 0]
    more = _values(subject, replace(case, output_padding=(1, 1)), x, kernel)[0, :, :, 0]
    rows, columns = without.shape
    inside = [np.array_equal(more[i : i + rows, j : j + columns], without) for i in (0, 1) for j in (0, 1)]
    last = more[-1]
    margin = any(inside) and not last.any()
    numbers = "%s becomes %s; the last row is %s" % (_x(without.shape), _x(more.shape), last.astype(int).tolist())
    return _finding(margin, numbers)


def formula_of_rows(subject: Layered) -> Finding:
    """Judge (rows - 1) stride + kernel - 2 padding + output_padding, where kernel is ke and padding of same ke // 2."""
    right, without = [], []
    for padding, n, k, s, d in (
        *(("valid", 4, 3, 2, 1), ("same", 4, 3, 2, 1), ("same", 4, 5, 3, 1), ("same", 4, 4, 2, 1)),
        *(("valid", 4, 2, 1, 3), ("same", 4, 3, 1, 2), ("valid", 4, 1, 3, 1)),
    ):
        case = Case(1, (n, n), 1, 1, (k, k), (s, s), (d, d), padding)
        ke = effective_kernel(k, d)
        cut = 2 * (ke // 2) if padding == "same" else 0
        for o in range(s):
            asked = replace(case, output_padding=(o, o))
            m = (n - 1) * s + ke - cut + o
            if n == forward_length(m, ke, s, padding):  # otherwise no convolution has that shape
                right.append(_shape(subject, asked)[1] == m)
        without.append(_shape(subject, case)[1] == (n - 1) * s + ke - cut)
    numbers = "output_padding given: right in %d of %d; None, read as 0: right in %d of %d"
    numbers %= (sum(right), len(right), sum(without), len(without))
    if all(right) and not all(without):
        return Finding(ONLY_IF, numbers)
    return Finding(HOLDS if all(right) else REFUTED, numbers)


def twelve(subject: Layered) -> Finding:
    """Judge whether 4x4x3 becomes 12x12x3, and list what other arguments give."""
    case = Case(1, (4, 4), 3, 3, (5, 5), (2, 2), (1, 1), "same")
    got = _shape(subject, case)[1:]
    three = _shape(subject, replace(case, strides=(3, 3)))[1]
    valid = _shape(subject, replace(case, padding="valid", output_padding=(1, 1)))[1]
    return _finding(
        got == (12, 12, 3),
        "becomes %s; strides 3 gives %d, valid with output_padding 1 gives %d" % (_x(got), three, valid),
    )
