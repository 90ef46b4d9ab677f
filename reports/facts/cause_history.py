"""The causes of one cell from run to run: when each was first seen, and how it ended. No markup."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any, Mapping

from reports.facts.run_difference import match_rows_by_check
from reports.facts.titles import title_of_row
from reports.ledger import CATEGORIES, EXPLAINED, FAILING, Ledger, Row, category, cause

Key = tuple[str, str]  # category in words, cause
FIXED, UNASKED = "fixed", "not checked any more"


@dataclass(frozen=True)
class CauseInRuns:
    """A cause along the runs of a cell: the number of checks in each run, or None if none of them ran again.

    ``title`` says for people what goes wrong. ``then`` says how the cause ended after the last run that shows it, and
    ``run_index`` is the index of the run that shows this end.
    """

    cause: str
    title: str
    category: str
    new: bool
    counts: list[int | None]
    then: str
    run_index: int

    @property
    def first(self) -> int:
        """Return the index of the first run that shows the cause."""
        return next(place for place, count in enumerate(self.counts) if count)

    @property
    def stretches(self) -> list[tuple[int | None, int, int]]:
        """Return runs with the same number of checks that follow each other: (number, runs, index of the first)."""
        found: list[tuple[int | None, int, int]] = []
        for place, count in enumerate(self.counts):
            if found and found[-1][0] == count:
                found[-1] = (count, found[-1][1] + 1, found[-1][2])
            else:
                found.append((count, 1, place))
        return found

    @property
    def last(self) -> int:
        """Return the index of the last run that shows the cause."""
        return len(self.counts) - 1 - next(place for place, count in enumerate(reversed(self.counts)) if count)


@dataclass
class CauseTrack:
    """The number of checks with a cause by the index of the run, and how the cause ended in runs without it."""

    counts: dict[int, int] = field(default_factory=dict)
    ends: dict[int, str] = field(default_factory=dict)
    title: str = ""
    waiting: Ledger | None = None  # the last run that showed it, with these rows only, until they run again


def follow_causes(tracks: dict[Key, CauseTrack], ledger: Ledger, place: int) -> None:
    """Add the causes that a run shows to ``tracks``, and how the causes that it no longer shows ended.

    ``place`` is the index of the run.
    """
    shown = _deviating_rows(ledger)
    for key, rows in shown.items():
        track = tracks.setdefault(key, CauseTrack())
        track.counts[place], track.waiting = len(rows), Ledger(ledger.path, ledger.run, rows)
        track.title = track.title or _title_of_cause(key[1], rows[0], ledger.run)
    for key, track in tracks.items():
        if key not in shown and track.waiting:
            track.ends[place] = _how_cause_ended(track.waiting, ledger)
            track.waiting = track.waiting if track.ends[place] == UNASKED else None


def _deviating_rows(ledger: Ledger) -> dict[Key, list[dict[str, Any]]]:
    """Return the deviating rows by category and cause, without the checks that could not run."""
    contract = ledger.run.get("contract", ())
    found: dict[Key, list[dict[str, Any]]] = {}
    for row in ledger.rows:
        if category(row) in FAILING or category(row) in EXPLAINED:
            found.setdefault((CATEGORIES[category(row)], cause(row, contract)), []).append(row)
    return found


def _title_of_cause(cause: str, row: Row, run: Mapping[str, Any]) -> str:
    """Return the title of a known deviation's cause, or what the row shows."""
    entries = [*run.get("known_deviations", ()), *run.get("ended_deviations", ())]
    titles = {entry["name"]: entry.get("title") for entry in entries}
    contract = row["suite"] in run.get("contract", ())
    return str(titles.get(cause) or title_of_row(row, run.get("faults", {}), contract))


def _how_cause_ended(before: Ledger, after: Ledger) -> str:
    """Return how a cause ended: its checks agree now, show another cause, or did not run again."""
    old, new = match_rows_by_check(before, after)
    after_rows = [new[check] for check in old.keys() & new.keys() if new[check]["verdict"] != "not-run"]
    if not after_rows:
        return UNASKED
    other = Counter(cause(row, after.run.get("contract", ())) for row in after_rows if row["verdict"] != "agree")
    if not other:
        return FIXED
    most = "another cause: %s" % other.most_common(1)[0][0]
    agree = len(after_rows) - sum(other.values())
    return "%s; %d of %d agree" % (most, agree, len(after_rows)) if agree else most


def summarise_track(key: Key, track: CauseTrack, runs: int) -> CauseInRuns:
    """Return a cause with its counts, after ``follow_causes`` has seen all ``runs`` runs."""
    counts = [None if track.ends.get(place) == UNASKED else track.counts.get(place, 0) for place in range(runs)]
    run_index = max(track.ends, default=0)
    then = track.ends[run_index] if run_index > max(track.counts) else ""
    return CauseInRuns(key[1], track.title, key[0], key[0] != CATEGORIES["known-deviation"], counts, then, run_index)
