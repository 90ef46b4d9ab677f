"""Each cause over the runs of all cells: how many checks show it, and which cells still do. No markup."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import TYPE_CHECKING

from reports.facts.start_times import parse_time

if TYPE_CHECKING:
    from reports.facts.history import CellHistory

MOST_BARS = 60  # of a trend; more runs share a bar, which shows the highest of them


@dataclass(frozen=True)
class CauseTrend:
    """A cause along time.

    ``bars`` has (start of the first run, failing checks) for each bar; the checks are the sum over all cells, each
    with its last run until then. ``cells`` are the numbers of checks of the cells whose last run shows the cause, by
    cell; ``of`` is the number of all cells. ``first`` and ``last`` say when the cause was seen.
    """

    cause: str
    title: str
    category: str
    new: bool
    first: str
    last: str
    bars: list[tuple[str, int]]
    cells: dict[str, int]
    of: int


def find_trends(lines: Sequence[CellHistory]) -> list[CauseTrend]:
    """Return the trend of every cause, those of most cells first, and of these those with most checks."""
    found: dict[tuple[str, str], dict[str, list[tuple[str, int | None]]]] = {}
    new: dict[tuple[str, str], bool] = {}
    titles: dict[tuple[str, str], str] = {}
    for line in lines:
        for cause in line.causes:
            key = (cause.category, cause.cause)
            new[key], titles[key] = cause.new, cause.title
            counts = [(point.started, count) for point, count in zip(line.points, cause.counts)]
            found.setdefault(key, {})[line.cell] = counts
    trends = [_make_trend(key, titles[key], new[key], by_cell, len(lines)) for key, by_cell in found.items()]
    return sorted(trends, key=lambda one: (not one.new, -len(one.cells), -sum(one.cells.values()), one.cause))


def _make_trend(
    key: tuple[str, str], title: str, new: bool, by_cell: dict[str, list[tuple[str, int | None]]], cells: int
) -> CauseTrend:
    events = [(when, cell, count) for cell, runs in by_cell.items() for when, count in runs if count is not None]
    events.sort(key=lambda event: _to_time(event[0]))  # stable: runs of one minute stay in the order of their cell
    latest: dict[str, int] = {}
    totals = []
    for when, cell, count in events:
        latest[cell] = count
        totals.append((when, sum(latest.values())))
    shown = [when for when, _, count in events if count]
    return CauseTrend(
        cause=key[1],
        title=title,
        category=key[0],
        new=new,
        first=shown[0],
        last=shown[-1],
        bars=_join_bars(totals),
        cells={cell: count for cell, count in sorted(latest.items()) if count},
        of=cells,
    )


def _to_time(started: str) -> datetime:
    """Return the start of a run; a run without a known start comes first, as in the history of its cell."""
    return parse_time(started) or datetime.min.replace(tzinfo=timezone.utc)


def _join_bars(totals: Sequence[tuple[str, int]]) -> list[tuple[str, int]]:
    """Return at most MOST_BARS bars: neighbouring runs share one, with the highest number."""
    size = -(-len(totals) // MOST_BARS)
    parts = [totals[place : place + size] for place in range(0, len(totals), size)]
    return [(part[0][0], max(total for _, total in part)) for part in parts]
