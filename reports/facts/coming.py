"""Nightly builds compared with the newest release: what the next release changes. Plain values, no markup."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from reports.facts.cells import installed_versions
from reports.facts.changes import ChangesSince, MatchedRuns, differences_of_pairs
from reports.facts.known_entries import ended_deviation_of
from reports.facts.release_lines import release_sort_key
from reports.facts.store import Run
from reports.facts.titles import title_of_row
from reports.ledger import UNEXPLAINED, Ledger, LedgerError, listing, read
from reports.ledger.files import is_same_file


@dataclass(frozen=True)
class ComingRelease:
    """A run of a release that is not out yet, and what it changes from ``released``, the cell of the newest release.

    ``started`` is the time of the run. ``versions`` and ``released_versions`` are the installed frameworks. ``ended``
    has the causes that are listed for earlier releases only and show here too: title, those releases, checks.
    ``unlisted`` has the titles of failing checks that the list does not describe at all, with their numbers.
    """

    cell: str
    versions: str
    started: str
    released: str
    released_versions: str
    complete: bool
    since: ChangesSince
    ended: Sequence[tuple[str, str, int]] = ()
    unlisted: Sequence[tuple[str, int]] = ()

    @property
    def fixed(self) -> int:
        """Return the number of checks that did not agree in the release and do here."""
        return self._count("fixed")

    @property
    def broken(self) -> int:
        """Return the number of checks that agreed in the release and do not here."""
        return self._count("regressed")

    @property
    def sentence(self) -> str:
        """Return what the release changes in one sentence."""
        others = sum(count for name, _, count in self.since.kinds) - self.fixed - self.broken
        return "%d %s fixed, %d newly broken, %d otherwise changed, %s alike%s" % (
            self.fixed,
            "check" if self.fixed == 1 else "checks",
            self.broken,
            others,
            f"{self.since.same:,}",
            "" if self.complete else "; the run is incomplete",
        )

    def _count(self, kind: str) -> int:
        return sum(count for name, _, count in self.since.kinds if name == kind)


def compare_coming(released: Sequence[Path | str], coming: Sequence[Path | str]) -> list[ComingRelease]:
    """Return what each coming release changes from the newest released one with the same subject and backend.

    A coming release may be among the released ones too, for a column in the grid; it is compared with none of them.
    Raises ``LedgerError`` if no released run has the subject and backend of a coming one.
    """
    given = [path for path in released if not any(is_same_file(path, other) for other in coming)]
    known = [read(path) for path in given] if coming else []
    return [_compare(known, read(path)) for path in coming]


def _compare(known: Sequence[Ledger], run: Ledger) -> ComingRelease:
    alike = [one for one in known if _kind_of_run(one) == _kind_of_run(run)]
    if not alike:
        raise LedgerError(
            "%s has no run of a release to compare with: give a ledger of %s on %s too"
            % (run.path, run.run["subject"], run.run["backend"])
        )
    newest = max(alike, key=release_sort_key)
    cell = str(run.run["cell"])
    return ComingRelease(
        cell=cell,
        versions=installed_versions(run.run),
        started=str(run.run.get("started", "")),
        released=str(newest.run["cell"]),
        released_versions=installed_versions(newest.run),
        complete=run.end is not None,
        since=differences_of_pairs(MatchedRuns({cell: (newest, run)}, [], [])),
        ended=_count_ended_causes(run),
        unlisted=_count_unlisted_causes(run),
    )


def _count_ended_causes(run: Ledger) -> list[tuple[str, str, int]]:
    """Return the causes of a run that are listed for earlier releases only: title, those releases, checks."""
    found: dict[tuple[str, str], int] = {}
    as_run = Run(0, run.path, run.run, run.end)
    for row in run.rows:
        entry = ended_deviation_of(row.get("ended_deviation"), as_run)
        if entry:
            key = (entry.title or str(row["ended_deviation"]), entry.listed_for)
            found[key] = found.get(key, 0) + 1
    return [(title, listed_for, count) for (title, listed_for), count in sorted(found.items(), key=lambda one: -one[1])]


def _count_unlisted_causes(run: Ledger) -> list[tuple[str, int]]:
    """Return the titles of the failing checks that no known deviation describes, with the number of checks."""
    contract = run.run.get("contract", ())
    titles = Counter(
        title_of_row(row, run.run["faults"], row["suite"] in contract)
        for row in run.rows
        if listing(row) in UNEXPLAINED and not row.get("ended_deviation")
    )
    return titles.most_common()


def _kind_of_run(run: Ledger) -> tuple[str, str, str]:
    """Return what two runs must share to be compared: the subject, the backend and the process switches."""
    switches = sorted(run.run["options"].get("switches", {}).items())
    return str(run.run["subject"]), str(run.run["backend"]), str(switches)
