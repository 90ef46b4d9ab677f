"""The causes of a cell from run to run: since when each is seen, and what became of it. No markup."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from reports.facts.compare import questions
from reports.ledger import EXPLAINED, FAILING, OUTCOMES, Ledger, cause, outcome

Key = tuple[str, str]  # outcome in words, cause
FIXED, UNASKED = "fixed", "not asked any more"


@dataclass(frozen=True)
class Seen:
    """A cause along the runs of a cell: how many questions a run, None where none of them was asked again.

    ``then`` is what became of it after its last run, and ``told`` the place of the run that shows that.
    """

    cause: str
    outcome: str
    new: bool
    counts: list[int | None]
    then: str
    told: int

    @property
    def first(self) -> int:
        """The place of the run that shows it first."""
        return next(place for place, count in enumerate(self.counts) if count)

    @property
    def last(self) -> int:
        """The place of the run that shows it last."""
        return len(self.counts) - 1 - next(place for place, count in enumerate(reversed(self.counts)) if count)


@dataclass
class Track:
    """By the place of a run how many questions of a cause it shows, or what became of them."""

    counts: dict[int, int] = field(default_factory=dict)
    ends: dict[int, str] = field(default_factory=dict)
    waiting: Ledger | None = None  # its questions, as long as they are not asked again


def follow(tracks: dict[Key, Track], ledger: Ledger, place: int) -> None:
    """Enter what a run shows, and of what it does not show any more what became of it."""
    shown = _deviations(ledger)
    for key, rows in shown.items():
        track = tracks.setdefault(key, Track())
        track.counts[place], track.waiting = len(rows), Ledger(ledger.path, ledger.run, rows)
    for key, track in tracks.items():
        if key not in shown and track.waiting:
            track.ends[place] = _end(track.waiting, ledger)
            track.waiting = track.waiting if track.ends[place] == UNASKED else None


def _deviations(ledger: Ledger) -> dict[Key, list[dict[str, Any]]]:
    """Rows by outcome and cause, without those that could not be asked."""
    contract = ledger.run.get("contract", ())
    found: dict[Key, list[dict[str, Any]]] = {}
    for row in ledger.rows:
        if outcome(row) in FAILING or outcome(row) in EXPLAINED:
            found.setdefault((OUTCOMES[outcome(row)], cause(row, contract)), []).append(row)
    return found


def _end(before: Ledger, after: Ledger) -> str:
    """What became of questions that a run does not answer in their old way."""
    old, new = questions(before, after)
    asked = [new[question] for question in old.keys() & new.keys() if new[question]["verdict"] != "not-run"]
    if not asked:
        return UNASKED
    other = Counter(cause(row, after.run.get("contract", ())) for row in asked if row["verdict"] != "agree")
    if not other:
        return FIXED
    most = "another cause: %s" % other.most_common(1)[0][0]
    agree = len(asked) - sum(other.values())
    return "%s; %d of %d agree" % (most, agree, len(asked)) if agree else most


def seen(key: Key, track: Track, runs: int) -> Seen:
    """A cause, when all runs are entered."""
    counts = [None if track.ends.get(place) == UNASKED else track.counts.get(place, 0) for place in range(runs)]
    told = max(track.ends, default=0)
    then = track.ends[told] if told > max(track.counts) else ""
    return Seen(key[1], key[0], key[0] != OUTCOMES["excused"], counts, then, told)
