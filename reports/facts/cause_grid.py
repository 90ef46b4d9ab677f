"""The causes of several runs along the releases: which cells show each, which check it and are fine. No markup."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Sequence

from reports.facts.cause_groups import CauseGroup
from reports.facts.release_lines import runs_by_line
from reports.facts.store import Run, Store


@dataclass(frozen=True)
class TrackCell:
    """One cell of a track: how many checks failed of the cause, and how many of the same checks ran.

    ``unlisted`` says whether some of the failing checks are not listed, and ``ended`` whether some are listed for
    earlier releases only. ``complete`` says whether the run ended.
    """

    name: str
    failing: int
    ran: int
    unlisted: bool
    ended: bool
    complete: bool

    @property
    def state(self) -> str:
        """Return "unlisted", "ended", "known", "fine" or "unchecked"."""
        if self.failing:
            return "unlisted" if self.unlisted else "ended" if self.ended else "known"
        return "fine" if self.ran else "unchecked"


@dataclass(frozen=True)
class TrackLine:
    """One line of releases, with its cells in order."""

    name: str
    cells: list[TrackCell]


@dataclass(frozen=True)
class CauseTrack:
    """A cause along all lines of releases."""

    lines: list[TrackLine] = field(default_factory=list)

    @property
    def cells(self) -> list[TrackCell]:
        """Return the cells of all lines."""
        return [cell for line in self.lines for cell in line.cells]


def count_along_releases(store: Store, causes: Sequence[Sequence[CauseGroup]]) -> list[CauseTrack]:
    """Return the track of each cause, whose groups are given."""
    _make_table_of_failing_checks(store, causes)
    failing, ran = _count_failing(store), _count_ran(store)
    lines = runs_by_line(store.runs)
    return [
        CauseTrack(
            [
                TrackLine(
                    line,
                    [
                        _make_cell(run, failing.get((place, run.number)), ran.get((place, run.number), 0))
                        for run in runs
                    ],
                )
                for line, runs in lines.items()
            ]
        )
        for place in range(len(causes))
    ]


def _make_table_of_failing_checks(store: Store, causes: Sequence[Sequence[CauseGroup]]) -> None:
    """Make the table ``shown``: the failing checks of each cause, with the number of the cause as ``place``."""
    keys = [
        (number, group.title, group.verdict, group.property) for number, groups in enumerate(causes) for group in groups
    ]
    store.query(
        "create or replace temp table grouped (place INTEGER, cause VARCHAR, verdict VARCHAR, property VARCHAR)"
    )
    if keys:
        store.query(
            "insert into grouped select unnest(?::INTEGER[]), unnest(?::VARCHAR[]), unnest(?::VARCHAR[]), "
            "unnest(?::VARCHAR[])",
            *[list(column) for column in zip(*keys)],
        )
    store.query(
        """create or replace temp table shown as
        select distinct grouped.place, answer.run, "case", suite, variant, category,
            category not in ('known-deviation', 'as-before') as failed, ended_deviation
        from answer join grouped on grouped.cause = answer.cause and grouped.property = answer.property
        and (grouped.verdict = answer.verdict or answer.known_deviation is not null)"""
    )


def _count_failing(store: Store) -> dict[tuple[int, int], tuple[int, bool, bool]]:
    """Return by cause and run how many checks fail, and whether some are not listed, or listed for earlier releases."""
    return {
        (place, run): (count, unlisted, ended)
        for place, run, count, unlisted, ended in store.query(
            "select place, run, count(*), bool_or(failed and ended_deviation is null), "
            "bool_or(failed and ended_deviation is not null) from shown group by all"
        )
    }


def _count_ran(store: Store) -> dict[tuple[int, int], int]:
    """Return by cause and run how many of the checks that fail in some run have an answer."""
    return {
        (place, run): count
        for place, run, count in store.query(
            """select shown.place, answer.run, count(distinct (answer."case", answer.suite, answer.variant))
            from shown join answer on answer."case" = shown."case" and answer.suite = shown.suite
            and answer.variant = shown.variant where answer.verdict <> 'not-run' group by all"""
        )
    }


def _make_cell(run: Run, failing: tuple[int, bool, bool] | None, ran: int) -> TrackCell:
    count, unlisted, ended = failing or (0, False, False)
    return TrackCell(run.cell, count, ran, unlisted, ended, run.end is not None)
