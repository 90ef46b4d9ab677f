"""The runs of every cell in the order they began: new and known deviations over time, causes from first to last. No markup.

Ledgers are read one after the other, and no more than two are held at a time.
"""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timezone
from pathlib import Path
from typing import Any, Sequence

from reports.cells import versions
from reports.compare import Difference, compare, questions
from reports.ledger import FAILING, OUTCOMES, Ledger, LedgerError, cause, check_run, outcome, read, tally
from reports.moments import moment

Key = tuple[str, str]  # outcome in words, cause
FIXED, UNASKED = "fixed", "not asked any more"


@dataclass(frozen=True)
class Point:
    """One run; ``change`` is what is another thing than in the run before, None for the first."""

    path: str
    started: str
    versions: str
    complete: bool
    tier: str
    asked: int
    agree: int
    known: int
    new: int
    change: Difference | None

    @property
    def moved(self) -> dict[str, int]:
        """Questions by the kind of their change."""
        counts: Counter[str] = Counter()
        for one in self.change.changes if self.change else ():
            counts[one.kind] += len(one.cases)
        return dict(counts)


@dataclass(frozen=True)
class Seen:
    """A cause along the runs of a cell: how many questions a run, and what became of it after its last."""

    cause: str
    outcome: str
    new: bool
    counts: list[int]
    then: str

    @property
    def first(self) -> int:
        """The place of the run that shows it first."""
        return next(place for place, count in enumerate(self.counts) if count)

    @property
    def last(self) -> int:
        """The place of the run that shows it last."""
        return len(self.counts) - 1 - next(place for place, count in enumerate(reversed(self.counts)) if count)


@dataclass(frozen=True)
class Line:
    """The runs of one cell."""

    cell: str
    points: list[Point]
    causes: list[Seen]


@dataclass(frozen=True)
class History:
    """All cells, and the files that are no ledgers, each with the reason."""

    folder: str
    lines: list[Line]
    unread: list[tuple[str, str]]

    @property
    def runs(self) -> int:
        """How many there are."""
        return sum(len(line.points) for line in self.lines)

    @property
    def good(self) -> bool:
        """Whether the last run of every cell is complete and without a new deviation."""
        return bool(self.lines) and all(line.points[-1].complete and not line.points[-1].new for line in self.lines)

    @property
    def sentence(self) -> str:
        """What the last runs say."""
        cells, new = len(self.lines), [line for line in self.lines if line.points[-1].new]
        told = "%d %s, %d %s." % (self.runs, _many(self.runs, "run"), cells, _many(cells, "cell"))
        if new:
            count = sum(line.points[-1].new for line in new)
            told += " In its last run %d of them %s in new ways, in %s %s." % (
                *(len(new), "deviates" if len(new) == 1 else "deviate", f"{count:,}", _many(count, "question")),
            )
        else:
            told += " In its last run none deviates in a new way."
        cut = sum(not line.points[-1].complete for line in self.lines)
        return told + (" %d last %s not complete." % (cut, "run is" if cut == 1 else "runs are") if cut else "")


def history(folder: Path | str) -> History:
    """Every ledger of a folder, of any depth; ``LedgerError`` where there is no folder or none in it can be read."""
    if not Path(folder).is_dir():
        raise LedgerError("%s is no folder; give one with ledgers in it" % folder)
    unread: list[tuple[str, str]] = []
    runs: dict[str, list[tuple[datetime, str, Path]]] = {}
    seen: dict[tuple[str, str, str], Path] = {}
    for path in sorted(Path(folder).rglob("*.jsonl")):
        try:
            head = _head(path)
        except LedgerError as error:
            unread.append((str(path), str(error)))
            continue
        cell, started = str(head["cell"]), str(head.get("started", ""))
        twin = seen.setdefault((cell, started, str(head.get("shard", ""))), path)
        if twin is path or not started:
            when = moment(started) or datetime.min.replace(tzinfo=timezone.utc)
            runs.setdefault(cell, []).append((when, str(path), path))
        else:
            unread.append((str(path), "it is of the same run as %s" % twin))
    lines = [_line(cell, [path for _, _, path in sorted(of_cell)], unread) for cell, of_cell in sorted(runs.items())]
    found = History(str(folder), [line for line in lines if line.points], unread)
    if not found.lines:
        told = "; ".join(reason for _, reason in unread[:3]) or "no file ends in .jsonl"
        raise LedgerError("there is no ledger in %s that can be read: %s" % (folder, told))
    return found


def _head(path: Path) -> dict[str, Any]:
    """The first line of a ledger."""
    try:
        with open(path, encoding="utf-8") as lines:
            head = json.loads(next(lines, "null"))
    except (OSError, ValueError) as error:
        raise LedgerError("%s cannot be read: %s" % (path, error)) from None
    check_run(head, path)
    return dict(head)


@dataclass
class _Track:
    counts: dict[int, int] = field(default_factory=dict)
    ends: dict[int, str] = field(default_factory=dict)


def _line(cell: str, paths: Sequence[Path], unread: list[tuple[str, str]]) -> Line:
    points: list[Point] = []
    tracks: dict[Key, _Track] = {}
    before: tuple[Ledger, Counter[Key]] | None = None
    for path in paths:
        try:
            ledger = read(path)
        except LedgerError as error:
            unread.append((str(path), str(error)))
            continue
        counts = _deviations(ledger)
        if before:
            for key in before[1].keys() - counts.keys():
                tracks[key].ends[len(points) - 1] = _end(key, before[0], ledger)
        for key, count in counts.items():
            tracks.setdefault(key, _Track()).counts[len(points)] = count
        points.append(_point(ledger, compare(before[0], ledger) if before else None))
        before = ledger, counts
    seen = [_seen(key, track, points) for key, track in tracks.items()]
    order = {True: 0, False: 1}
    seen.sort(key=lambda one: (one.last != len(points) - 1, order[one.new], -one.counts[one.last], one.cause))
    return Line(cell, points, seen)


def _deviations(ledger: Ledger) -> Counter[Key]:
    """Questions by outcome and cause, without those that could not be asked."""
    contract = ledger.run.get("contract", ())
    return Counter((OUTCOMES[outcome(row)], cause(row, contract)) for row in ledger.rows if _deviates(row))


def _deviates(row: dict[str, Any]) -> bool:
    return outcome(row) in FAILING or outcome(row) == "excused"


def _end(key: Key, before: Ledger, after: Ledger) -> str:
    """What became of the questions of a cause that a run does not show any more."""
    old, new = questions(before, after)
    contract, told = before.run.get("contract", ()), after.run.get("contract", ())
    asked = [
        new[question]
        for question, row in old.items()
        if question in new and _deviates(dict(row)) and (OUTCOMES[outcome(row)], cause(row, contract)) == key
    ]
    asked = [row for row in asked if row["verdict"] != "not-run"]
    if not asked:
        return UNASKED
    other = Counter(cause(row, told) for row in asked if row["verdict"] != "agree")
    if not other:
        return FIXED
    most = "another cause: %s" % other.most_common(1)[0][0]
    agree = len(asked) - sum(other.values())
    return "%s; %d of %d agree" % (most, agree, len(asked)) if agree else most


def _seen(key: Key, track: _Track, points: Sequence[Point]) -> Seen:
    last = max(track.counts)
    return Seen(
        cause=key[1],
        outcome=key[0],
        new=key[0] != OUTCOMES["excused"],
        counts=[track.counts.get(place, 0) for place in range(len(points))],
        then=track.ends.get(last, ""),
    )


def _point(ledger: Ledger, change: Difference | None) -> Point:
    counts = tally(ledger.rows)
    text = str(ledger.run.get("started", ""))
    began = moment(text)
    return Point(
        path=ledger.path,
        started=began.strftime("%Y-%m-%d %H:%M") if began else text or "at no known time",
        versions=versions(ledger.run),
        complete=ledger.end is not None,
        tier=str(ledger.run.get("tier", "")),
        asked=len(ledger.rows),
        agree=counts["agree"] + counts["refused as expected"],
        known=counts["excused"],
        new=sum(counts[name] for name in FAILING),
        change=change,
    )


def _many(count: int, word: str) -> str:
    return word if count == 1 else word + "s"
