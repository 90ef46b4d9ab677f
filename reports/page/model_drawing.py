"""The drawing of a model's chain of shapes: a row for each layer, with lines from the layers that feed it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from reports.facts.model_page import Step

ROW = 30  # pixels
_LANE = 11  # pixels
_LEAST = 2.0  # percent: the shortest bar


@dataclass(frozen=True)
class Line:
    """A line of the drawing, as the path of an SVG; ``tone`` is plain or conflict."""

    path: str
    tone: str


@dataclass(frozen=True)
class Drawing:
    """The lines beside the rows, the place of each row's dot, and the width of its bar in percent."""

    width: int
    height: int
    dot: float
    lines: tuple[Line, ...]
    bars: tuple[float, ...]


def draw_chain(steps: Sequence[Step]) -> Drawing:
    """Return the drawing: a line to the next layer is straight, any other line bends into a lane beside the rows."""
    long = [(source, number) for number, step in enumerate(steps) for source in step.sources if source != number - 1]
    lanes = _assign_lanes(long)
    width = (max(lanes.values(), default=-1) + 2) * _LANE
    dot = width - _LANE / 2
    lines = []
    for number, step in enumerate(steps):
        for source in step.sources:
            tone = "conflict" if step.conflicts else "plain"
            lines.append(Line(_draw_line(source, number, dot, lanes.get((source, number))), tone))
    longest = max((step.length for step in steps), default=0) or 1
    bars = tuple(max(100 * step.length / longest, _LEAST) if step.length else 0.0 for step in steps)
    lines.sort(key=lambda line: line.tone == "conflict")  # lines of conflicts are drawn last, on top
    return Drawing(width, len(steps) * ROW, dot, tuple(lines), bars)


def _assign_lanes(edges: Sequence[tuple[int, int]]) -> dict[tuple[int, int], int]:
    """Return a lane for each edge, the shortest edges nearest to the rows; edges in a lane do not overlap."""
    lanes: list[list[tuple[int, int]]] = []
    found = {}
    for start, end in sorted(dict.fromkeys(edges), key=lambda edge: edge[1] - edge[0]):
        free = (at for at, held in enumerate(lanes) if all(end <= first or start >= last for first, last in held))
        at = next(free, len(lanes))
        if at == len(lanes):
            lanes.append([])
        lanes[at].append((start, end))
        found[start, end] = at
    return found


def _draw_line(source: int, target: int, dot: float, lane: int | None) -> str:
    top, bottom = (source + 0.5) * ROW, (target + 0.5) * ROW
    if lane is None:
        return "M%g %gV%g" % (dot, top, bottom)
    left, turn = dot - (lane + 1) * _LANE, ROW / 3
    return "M%g %gQ%g %g %g %gV%gQ%g %g %g %g" % (
        *(dot, top, left, top, left, top + turn, bottom - turn),
        *(left, bottom, dot, bottom),
    )
