"""The checks of a function of lengths, length(n, k, s, padding, o, d), as plain functions."""

from __future__ import annotations

from itertools import product
from typing import Any, Iterator

from fixtures.oracle.shape import output_length


def yield_points() -> Iterator[tuple[int, int, int, Any, int]]:
    """Yield (n, k, s, o, d) for small numbers."""
    for n, k, s, d in product((1, 2, 3, 4, 5, 7, 20, 64), range(1, 8), range(1, 6), range(1, 4)):
        for o in (None, *range(s)):
            yield n, k, s, o, d


def compare_lengths(length: Any, paddings: Any) -> Any:
    """Return the points at which the function differs from the formula, and the number of points."""
    arguments = [(n, k, s, padding, o, d) for padding in paddings for n, k, s, o, d in yield_points()]
    found = [(*point, output_length(*point), length(*point)) for point in arguments]
    return [point for point in found if point[-2] != point[-1]], len(arguments)


def compare_unknown_lengths(length: Any, paddings: Any) -> Any:
    """Return the points at which an unknown length does not stay unknown, and the number of points."""
    arguments = [(None, k, s, padding, o, 1) for padding in paddings for k in (1, 4) for s in (1, 3) for o in (None, 0)]
    found = [(*point, None, length(*point)) for point in arguments]
    return [point for point in found if point[-1] is not None], len(arguments)


def find_accepted_paddings(length: Any, paddings: Any) -> Any:
    """Return the points at which an unknown padding is not refused, and the number of points; any answer is wrong."""
    wrong = []
    for padding in paddings:
        try:
            wrong.append((4, 3, 2, padding, None, 1, "an error", length(4, 3, 2, padding, None, 1)))
        except (ValueError, TypeError, AssertionError, KeyError):
            continue
    return wrong, len(paddings)


def make_length_facts(tools: Any, known: str, compare: Any, paddings: Any) -> Any:
    """Return expected and observed facts: the number of points, and the first one that differs.

    ``known`` is a padding that the function must know.
    """
    name, length = tools.length_function(known)
    wrong, count = compare(length, paddings)
    observed = {"function": name, "points": count, "differ": len(wrong)}
    if not wrong:
        return {"points": count}, observed
    *point, expected, found = wrong[0]
    first = dict(zip(("n", "k", "s", "padding", "o", "d"), point))
    return {**first, "length": expected}, {"length": str(found), **observed}
