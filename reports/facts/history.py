"""The runs of every cell in the order in which they started: deviations over time, and each cause from first to last.

A folder has ledgers, an archive of runs, or both. They are read one after the other. Memory holds two at a time, and of
older ones only the rows of causes whose checks did not run again. A cell whose runs are from processors of several
instruction set classes has a history for each class.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timezone
from pathlib import Path
from typing import Any, Iterator, Mapping, Sequence, Tuple, Union

from reports.archive import ArchivedRun, find_runs, identify_run
from reports.archive.archive import ENDING
from reports.facts.cause_history import CauseInRuns, CauseTrack, Key, follow_causes, summarise_track
from reports.facts.cause_trends import CauseTrend, find_trends
from reports.facts.cells import installed_versions
from reports.facts.run_difference import COMPLETENESS, Difference, compare_runs
from reports.facts.start_times import parse_time
from reports.ledger import FAILING, Ledger, LedgerError, check_run, read, tally
from reports.ledger.reader import complete_lines, parse

_Run = Union[ArchivedRun, Path]
_Line = Tuple[str, str]  # the cell, and the instruction set class of the processor


@dataclass(frozen=True)
class RunInHistory:
    """One run of a cell. ``change`` is the difference from the previous run, or None for the first."""

    path: str
    started: str
    versions: str
    complete: bool
    tier: str
    checks: int
    agree: int
    known: int
    new: int
    change: Difference | None

    @property
    def environment(self) -> list[tuple[str, str, str]]:
        """Return the facts of environment and options that differ, without the fact whether the run is complete."""
        return [fact for fact in self.change.environment if fact[0] != COMPLETENESS] if self.change else []

    @property
    def moved(self) -> dict[str, int]:
        """Return the number of changed checks by the kind of change."""
        counts: Counter[str] = Counter()
        for one in self.change.changes if self.change else ():
            counts[one.kind] += len(one.cases)
        return dict(counts)


@dataclass(frozen=True)
class CellHistory:
    """The runs of one cell, and its causes."""

    cell: str
    points: list[RunInHistory]
    causes: list[CauseInRuns]


@dataclass(frozen=True)
class History:
    """The runs of all cells, and the files that were not used, each with the reason."""

    folder: str
    lines: list[CellHistory]
    unread: list[tuple[str, str]]
    trends: list[CauseTrend] = field(default_factory=list)

    @property
    def runs(self) -> int:
        """Return the number of runs."""
        return sum(len(line.points) for line in self.lines)

    @property
    def good(self) -> bool:
        """Return whether the last run of every cell is complete and has no unexplained deviation."""
        return bool(self.lines) and all(line.points[-1].complete and not line.points[-1].new for line in self.lines)

    @property
    def sentence(self) -> str:
        """Return a few sentences about the last runs."""
        cells, new = len(self.lines), [line for line in self.lines if line.points[-1].new]
        text = "%d %s, %d %s." % (self.runs, _plural(self.runs, "run"), cells, _plural(cells, "cell"))
        if new:
            count = sum(line.points[-1].new for line in new)
            words = ("deviates", "its") if len(new) == 1 else ("deviate", "their")
            text += " %d %s in ways that are not listed in %s last run: %s %s." % (
                *(len(new), *words, f"{count:,}", _plural(count, "check")),
            )
        else:
            text += " None deviates in another way in its last run."
        cut = sum(not line.points[-1].complete for line in self.lines)
        return text + (" %d last %s not complete." % (cut, "run is" if cut == 1 else "runs are") if cut else "")


def make_history(folder: Path | str) -> History:
    """Return the history of every ledger and archived run in a folder and its subfolders.

    Raises ``LedgerError`` if there is no such folder, or no ledger in it can be read.
    """
    if not Path(folder).is_dir():
        raise LedgerError("%s is not a folder; give one with ledgers in it" % folder)
    unread: list[tuple[str, str]] = []
    runs: dict[_Line, list[tuple[datetime, str, _Run]]] = {}
    first: dict[str, Path] = {}
    for path, one in _find_runs(Path(folder)):
        if isinstance(one, str):
            unread.append((str(path), one))
            continue
        head = one.run if isinstance(one, ArchivedRun) else one
        started = str(head.get("started", ""))
        same = first.setdefault(identify_run(head), path)
        if same is path or not started:
            when = parse_time(started) or datetime.min.replace(tzinfo=timezone.utc)
            runs.setdefault(_line_of_run(head), []).append(
                (when, str(path), one if isinstance(one, ArchivedRun) else path)
            )
        else:
            unread.append((str(path), "it is of the same run as %s" % same))
    lines = [
        _make_history_of_cell(cell, [one for _, _, one in sorted(of_cell, key=lambda run: run[:2])], unread)
        for cell, of_cell in sorted(_name_lines(runs).items(), key=_natural_sort_key)
    ]
    shown = [line for line in lines if line.points]
    found = History(str(folder), shown, unread, find_trends(shown))
    if not found.lines:
        reasons = "; ".join(reason for _, reason in unread[:3]) or "no file ends in .jsonl or %s" % ENDING
        raise LedgerError("there is no ledger in %s that can be read: %s" % (folder, reasons))
    return found


def _find_runs(folder: Path) -> Iterator[tuple[Path, dict[str, Any] | ArchivedRun | str]]:
    """Yield the first line of every ledger, every archived run, and for a file that cannot be read the reason."""
    for path in sorted(folder.rglob("*.jsonl")):
        try:
            yield path, _read_first_line(path)
        except LedgerError as error:
            yield path, str(error)
    for found in find_runs(folder):
        yield (found.path, found) if isinstance(found, ArchivedRun) else found


def _line_of_run(head: Mapping[str, Any]) -> _Line:
    """Return what the runs share that are compared: the cell, and the instruction set class of the processor."""
    isa = head.get("isa") or (head.get("hardware") or {}).get("isa") or "an unknown processor"
    return str(head["cell"]), str(isa)


def _name_lines(runs: Mapping[_Line, list[Any]]) -> dict[str, list[Any]]:
    """Return the runs by cell; a cell whose runs are from several classes of processor has one entry for each."""
    classes = Counter(cell for cell, _ in runs)
    return {"%s on %s" % (cell, isa) if classes[cell] > 1 else cell: found for (cell, isa), found in runs.items()}


def _natural_sort_key(item: tuple[str, object]) -> list[tuple[int, str]]:
    """Return a sort key for cell names that compares numbers as numbers: 2.4 comes before 2.15."""
    return [(int(part), "") if part.isdecimal() else (-1, part) for part in re.split("([0-9]+)", item[0])]


def _read_first_line(path: Path) -> dict[str, Any]:
    """Return the first line of a ledger. Raises ``LedgerError`` if it cannot be read."""
    head: dict[str, Any] = {}
    for number, line in complete_lines(path):
        head = parse(line, number, path)
        break
    check_run(head or None, path)
    return head


def _make_history_of_cell(cell: str, runs: Sequence[_Run], unread: list[tuple[str, str]]) -> CellHistory:
    points: list[RunInHistory] = []
    tracks: dict[Key, CauseTrack] = {}
    before: Ledger | None = None
    answers: tuple[Path, Ledger] | None = None
    for run in runs:
        try:
            ledger = run.load(answers) if isinstance(run, ArchivedRun) else read(run)
        except LedgerError as error:
            unread.append((str(run.path if isinstance(run, ArchivedRun) else run), str(error)))
            continue
        answers = (run.answers, ledger) if isinstance(run, ArchivedRun) else None
        follow_causes(tracks, ledger, len(points))
        points.append(_make_run_in_history(ledger, compare_runs(before, ledger) if before else None))
        before = ledger
    causes = [summarise_track(key, track, len(points)) for key, track in tracks.items()]
    order = {True: 0, False: 1}
    causes.sort(key=lambda one: (one.last != len(points) - 1, order[one.new], -(one.counts[one.last] or 0), one.cause))
    return CellHistory(cell, points, causes)


def _make_run_in_history(ledger: Ledger, change: Difference | None) -> RunInHistory:
    counts = tally(ledger.rows)
    text = str(ledger.run.get("started", ""))
    began = parse_time(text)
    return RunInHistory(
        path=ledger.path,
        started=began.strftime("%Y-%m-%d %H:%M") if began else text or "at no known time",
        versions=installed_versions(ledger.run),
        complete=ledger.end is not None,
        tier=str(ledger.run.get("tier", "")),
        checks=len(ledger.rows),
        agree=counts["agree"] + counts["refused as expected"],
        known=counts["known-deviation"] + counts["as-before"],
        new=sum(counts[name] for name in FAILING),
        change=change,
    )


def _plural(count: int, word: str) -> str:
    return word if count == 1 else word + "s"
