"""A cause along the lines of releases: which cells ran its checks, and which show it. No markup."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Collection, Mapping, Sequence

from reports.facts.store import Run, Store

Key = tuple[str, str, str]  # category, cause, property


@dataclass(frozen=True)
class SpanOfReleases:
    """A cause along one line of releases: the cells of the line in order, each with its count.

    The count is 0 if a cell ran such checks and none showed the cause, and None if it ran none of them. ``after`` is
    the first later cell that ran such checks and did not show the cause.
    """

    line: str
    cells: list[tuple[str, int | None]]
    first: str
    last: str
    after: str

    @property
    def shown(self) -> int:
        """Return the number of cells that show the cause."""
        return sum(bool(count) for _, count in self.cells)


def make_spans(
    counts: Mapping[int, int], runs_with_checks: Collection[int], lines: Mapping[str, Sequence[Run]]
) -> list[SpanOfReleases]:
    """Return the lines of releases that show a cause; ``counts`` has its checks by run."""
    spans = []
    for line, runs in lines.items():
        along = [(run.cell, counts.get(run.number, 0 if run.number in runs_with_checks else None)) for run in runs]
        seen = [place for place, (_, count) in enumerate(along) if count]
        if seen:
            after = next((cell for cell, count in along[seen[-1] :] if count == 0), "")
            spans.append(SpanOfReleases(line, along, along[seen[0]][0], along[seen[-1]][0], after))
    return spans


def find_runs_that_checked(store: Store) -> dict[Key, set[int]]:
    """Return, by cause, the numbers of the runs that ran a check in which some run shows it; empty for a single run."""
    if len(store.runs) == 1:
        return {}
    found: dict[Key, set[int]] = {}
    query = """select distinct shown.category, shown.cause, shown.property, other.run from answer shown
        join answer other on other."case" = shown."case" and other.suite = shown.suite and other.variant = shown.variant
        where shown.cause is not null and other.verdict <> 'not-run'"""
    for end, cause, property, run in store.query(query):
        found.setdefault((end, cause, property), set()).add(run)
    return found
