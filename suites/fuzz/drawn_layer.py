"""A drawn layer: its numbers, and how people write its shapes and tuples."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Callable, Sequence

from fixtures.case import Case


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
