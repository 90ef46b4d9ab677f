"""The grid that shows where two arrays differ, from the ``map`` of a row. Plain values, no markup.

A map is lines of "." (nothing differs) and digits from 1 to 9: the share of the entries that differ, in ninths.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Sequence

_NAMES = {1: ["steps"], 2: ["height", "width"], 3: ["depth", "height", "width"]}


@dataclass(frozen=True)
class Grid:
    """A grid of the cells of an array: a description of both sides, and rows of (share in ninths, words).

    The share is that of the entries of a cell that differ.
    """

    rows_in_words: str
    columns_in_words: str
    cells: list[list[tuple[int, str]]]


def make_difference_grid(rows: Sequence[str], shape: Sequence[int], first: bool) -> Grid | None:
    """Return the grid for a row's ``map``, or None if the map is empty or ``shape`` has no drawable rank.

    ``shape`` is the shape of the array, and ``first`` says whether its channels come first. On a long side one cell of
    the grid stands for several cells of the array, and shows the worst of them.
    """
    lengths = list(shape[2:] if first else shape[1:-1])
    names = _NAMES.get(len(lengths))
    if not rows or not names:
        return None
    tall, wide = math.prod(lengths[:-1]), lengths[-1]
    up, across = " and ".join(names[:-1]), names[-1]
    cells = [
        [
            (
                0 if level == "." else int(level),
                _place_in_words(((up, i, tall, len(rows)), (across, j, wide, len(row))), level),
            )
            for j, level in enumerate(row)
        ]
        for i, row in enumerate(rows)
    ]
    return Grid(_side_in_words(up, tall, len(rows)) if up else "", _side_in_words(across, wide, len(rows[0])), cells)


def _side_in_words(name: str, length: int, drawn: int) -> str:
    step = -(-length // drawn)
    return "%s, %s%s" % (
        name,
        "1 cell" if length == 1 else "%d cells" % length,
        ", drawn %d at a time" % step if step > 1 else "",
    )


def _place_in_words(sides: Sequence[tuple[str, int, int, int]], level: str) -> str:
    """Return in words where a cell of the map is, and how much of it differs."""
    words = []
    for name, index, length, drawn in sides:
        step = -(-length // drawn)
        last = min((index + 1) * step, length) - 1
        span = "%d" % last if last == index * step else "%d to %d" % (index * step, last)
        words += ["%s %s" % (name, span)] if name else []
    shares = {".": "no entry differs", "1": "less than 2/9 of the entries differ", "9": "all entries differ"}
    return "%s: %s" % (", ".join(words), shares.get(level) or "%s/9 of the entries differ, or more" % level)
