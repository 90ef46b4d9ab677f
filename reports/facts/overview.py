"""What the first screen says: the verdict, the environment in one line, the causes and a small map. No markup."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Iterable, Sequence

from reports.facts.cause_grid import TrackLine
from reports.facts.causes import Cause, CauseList, count_by_severity, make_causes
from reports.facts.cells import Cell
from reports.facts.dtype_map import MapCell, map_dtypes
from reports.facts.grid_columns import GridColumn, make_grid_column
from reports.facts.issue_text import Issue, make_issue
from reports.facts.store import Run, Store
from reports.facts.summary import Summary
from reports.facts.titles import GRAVE


@dataclass(frozen=True)
class Overview:
    """The first screen. ``codes`` numbers the causes by anchor, ``issues`` has the text of an issue for each.

    ``lines`` and ``columns`` are those of the grid of cells and causes. ``no_owner`` stands for the owner of a cause
    that has none.
    """

    verdict: str
    environment: list[tuple[str, str]]
    causes: CauseList
    codes: dict[str, int]
    issues: dict[str, Issue]
    map: list[tuple[str, list[MapCell]]] = field(default_factory=list)
    lines: list[TrackLine] = field(default_factory=list)
    columns: dict[str, GridColumn] = field(default_factory=dict)
    no_owner: str = "no owner yet"

    @staticmethod
    def count(causes: Iterable[Cause]) -> str:
        """Return how many causes each severity has, in words."""
        return count_by_severity(causes)


def make_overview(summary: Summary, store: Store | None) -> Overview:
    """Return the overview of a page. Without a store it has no map, no issues and no tracks along the releases."""
    causes = make_causes(summary.groups, store, summary.since, summary.bisections)
    runs = {run.cell: run for run in store.runs} if store else {}
    single = len(summary.cells) == 1
    subject = str(store.runs[0].run["subject"]) if store and single else ""
    return Overview(
        verdict=describe_verdict(summary, causes, subject),
        no_owner="the named fault" if ":" in subject else "no owner yet",
        environment=describe_environment(summary.cells[0]) if single else [],
        causes=causes,
        codes={cause.anchor: number for number, cause in enumerate(causes.every)},
        issues={cause.anchor: issue for cause in causes.every for issue in _make_issues(cause, runs)},
        map=map_dtypes(store, store.runs[0]) if store and single and store.runs else [],
        columns={cell.name: make_grid_column(cell) for cell in summary.cells},
        lines=next((cause.track.lines for cause in causes.every), []),
    )


def _make_issues(cause: Cause, runs: dict[str, Run]) -> list[Issue]:
    """Return the issue of a cause; nothing for one that was not run, or whose run is not given or has a named fault."""
    group = cause.groups[0]
    if group.cell not in runs or cause.tag == "not run" or ":" in str(runs[group.cell].run["subject"]):
        return []
    details = group.exemplar
    run = runs[group.cell].run
    return [make_issue(cause.title, cause.because, cause.where, cause.owner, details, details.code, run)]


def describe_verdict(summary: Summary, causes: CauseList, subject: str = "") -> str:
    """Return the verdict: what is unexpected, or that nothing is, and how many known causes there are.

    ``subject`` is that of the run if there is only one; the verdict begins with a named fault in it.
    """
    parts = [_describe_fault(subject)] if ":" in subject else []
    cells = [cell for cell in summary.cells if cell.state != "not run"]
    cut = [cell for cell in cells if cell.state == "incomplete"]
    if cut and len(summary.cells) == 1:
        left = summary.planned - summary.checks
        missing = (
            "%s of %s checks have no answer" % (f"{left:,}", f"{summary.planned:,}") if left else "it has not ended"
        )
        parts.append("The run is incomplete: %s." % missing)
    unlisted, known = causes.unlisted, causes.known
    if unlisted:
        failing = sum(cause.failing for cause in unlisted)
        new = sum(cause.since.new for cause in unlisted)
        since = " (%s since the previous run)" % ("new" if new == len(unlisted) else "%d new" % new) if new else ""
        parts.append(
            "%s%s %s %s of %s checks: %s."
            % (
                _causes(len(unlisted), "unlisted "),
                since,
                "fails" if len(unlisted) == 1 else "fail",
                f"{failing:,}",
                f"{summary.checks:,}",
                count_by_severity(unlisted),
            )
        )
    if causes.ended:
        parts.append(_describe_ended(causes.ended, len(summary.cells) > 1))
    elif not unlisted:
        everything = "Nothing unexpected" if known or cut else "Everything agrees: %s checks" % f"{summary.checks:,}"
        parts.append(everything + (" in the checks that ran." if cut else "."))
    if known:
        grave = count_by_severity(cause for cause in known if cause.severity in GRAVE)
        parts.append("%s%s." % (_causes(len(known), "known "), grave and ", among them " + grave))
    if len(summary.cells) > 1:
        complete = sum(cell.state == "complete" for cell in cells)
        parts.append("%d of %d cells are complete." % (complete, len(summary.cells)))
    return " ".join(parts)


def _describe_ended(ended: Sequence[Cause], several: bool) -> str:
    """Return a sentence about the causes that are listed for earlier releases only, of one cell or several."""
    one = len(ended) == 1
    failing = sum(group.count for cause in ended for group in cause.groups if group.ended_deviation)
    return "%s listed for earlier releases only, and %s %s of %s release too: %s." % (
        "1 cause is" if one else "%d causes are" % len(ended),
        "fails" if one else "fail",
        "1 check" if failing == 1 else f"{failing:,} checks",
        "a later" if several else "this",
        count_by_severity(ended),
    )


def _describe_fault(subject: str) -> str:
    """Return a sentence about a subject with a named fault, which the suite put on to see whether it is detected."""
    layer, _, fault = subject.partition(":")
    return "The suite put the named fault %s on %s: what fails here is meant to fail." % (fault, layer)


def _causes(count: int, kind: str) -> str:
    return "1 %scause" % kind if count == 1 else "%d %scauses" % (count, kind)


def describe_environment(cell: Cell) -> list[tuple[str, str]]:
    """Return the environment of a run as few facts: versions, machine, tier, duration, start. A name may be empty."""
    facts = dict(cell.environment)
    processor = facts.get("processor", "").partition(" (GenuineIntel")[0].partition(" (AuthenticAMD")[0]
    isa = facts.get("instruction set class", "").partition(" (")[0]
    found = [
        ("", cell.versions or cell.title),
        ("Python", facts.get("python", "")),
        ("", facts.get("GPU", "") if "GPU" in facts.get("device", "") else processor),
        ("instruction set", isa),
        ("device", facts.get("device", "")),
        ("tier", facts.get("tier", "") + (", shard %s" % facts["shard"] if facts.get("shard", "1/1") != "1/1" else "")),
        ("took", facts.get("duration", "")),
        ("started", facts.get("started", "")),
    ]
    return [(name, value) for name, value in found if value]
