"""The difference between two sets of runs, for a page: a sentence, the kinds of change, examples. No markup."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Sequence

from reports.facts.cells import installed_versions
from reports.facts.changes import ChangesSince, MatchedRuns, differences_of_pairs, match_runs_by_cell
from reports.facts.check_details import CheckDetails, make_check_details
from reports.facts.run_difference import (
    KINDS,
    describe_verdict,
    difference_as_text,
    kind_of_change,
    match_rows_by_check,
)
from reports.ledger import Ledger, LedgerError, Row

WORSE, BETTER = "regressed", "fixed"


@dataclass(frozen=True)
class Side:
    """The result of a check in one of the two runs, in a few words and in full."""

    answer: str
    shown: CheckDetails


@dataclass(frozen=True)
class Example:
    """The smallest check that changed in one way."""

    kind: str
    meaning: str
    cell: str
    check: str
    before: Side
    after: Side


@dataclass(frozen=True)
class Diff:
    """The changes between two sets of runs.

    ``environment`` has every fact that differs once, with the cells in which it differs.
    """

    title: str
    sentence: str
    worse: int
    since: ChangesSince
    environment: list[tuple[str, str, str, list[str]]]
    examples: list[Example]
    runs: list[tuple[str, str, str]]


def find_ledgers(path: Path | str) -> list[Path]:
    """Return the ledgers of a folder without its subfolders, or the path itself if it is a file."""
    if not Path(path).is_dir():
        return [Path(path)]
    found = sorted(Path(path).glob("*.jsonl"))
    if not found:
        raise LedgerError("there is no ledger in %s: no file that ends in .jsonl" % path)
    return found


def make_diff(before: Path | str, after: Path | str) -> Diff:
    """Return the difference between two ledgers, or between the cells of two folders."""
    matched = match_runs_by_cell(find_ledgers(before), find_ledgers(after))
    since = differences_of_pairs(matched)
    counts = {name: count for name, _, count in since.kinds}
    facts: dict[tuple[str, str, str], list[str]] = {}
    for cell, found in since.differences.items():
        for fact in found.environment:
            facts.setdefault(fact, []).append(cell)
    return Diff(
        title="%s to %s" % (before, after),
        sentence=_summarise_changes(counts, since),
        worse=counts.get(WORSE, 0),
        # The environment is shown once for all cells.
        since=replace(since, differences={c: replace(d, environment=[]) for c, d in since.differences.items()}),
        environment=[(*fact, cells) for fact, cells in facts.items()],
        examples=_find_examples(matched),
        runs=[(cell, _describe_run(one), _describe_run(other)) for cell, (one, other) in matched.pairs.items()],
    )


def diff_as_text(before: Path | str, after: Path | str) -> tuple[str, bool]:
    """Return the difference as text for a terminal, and whether anything regressed."""
    matched = match_runs_by_cell(find_ledgers(before), find_ledgers(after))
    since = differences_of_pairs(matched)
    parts = [
        difference_as_text(since.differences[cell], one.path, other.path)
        for cell, (one, other) in matched.pairs.items()
    ]
    for word, cells in (("only after", since.appeared), ("only before", since.gone)):
        parts += ["cells that are there %s: %s" % (word, ", ".join(cells))] if cells else []
    return "\n\n".join(parts), any(name == WORSE for name, _, _ in since.kinds)


def _summarise_changes(counts: dict[str, int], since: ChangesSince) -> str:
    other = sum(counts.values()) - counts.get(WORSE, 0) - counts.get(BETTER, 0)
    parts = [
        _count_in_words(counts.get(WORSE, 0), "agreed, and %s not any more", ("does", "do")),
        _count_in_words(counts.get(BETTER, 0), "did not agree, and %s now", ("does", "do")),
        _count_in_words(other, "changed in another way%s", ("", "")),
    ]
    parts.append("%s %s answered alike" % (f"{since.same:,}", "is" if since.same == 1 else "are"))
    if not since.kinds:
        return "Nothing changed: %s." % parts[-1]
    present = [part for part in parts if part]
    return "Of the checks of both runs, %s." % "; ".join(present)


def _count_in_words(count: int, words: str, verbs: Sequence[str]) -> str:
    return "%s %s" % (f"{count:,}", words % verbs[count > 1]) if count else ""


def _find_examples(matched: MatchedRuns) -> list[Example]:
    """Return the smallest changed check of all cells for every kind of change."""
    smallest: dict[str, tuple[str, Row, Row]] = {}
    for cell, (before, after) in matched.pairs.items():
        old, new = match_rows_by_check(before, after)
        for check in sorted(old.keys() & new.keys()):
            a, b = old[check], new[check]
            kind = kind_of_change(a, b)
            if kind and (kind not in smallest or len(a["case"]) < len(smallest[kind][1]["case"])):
                smallest[kind] = (cell, a, b)
    return [
        _make_example(name, meaning, cell, (a, b), matched.pairs[cell])
        for name, meaning, _ in KINDS
        for cell, a, b in ([smallest[name]] if name in smallest else [])
    ]


def _make_example(kind: str, meaning: str, cell: str, rows: tuple[Row, Row], runs: tuple[Ledger, Ledger]) -> Example:
    before, after = (
        Side(describe_verdict(row, run.run.get("contract", ())), make_check_details(row, run.run))
        for row, run in zip(rows, runs)
    )
    return Example(kind, meaning, cell, "%s, %s" % (rows[1]["suite"], rows[1]["variant"]), before, after)


def _describe_run(ledger: Ledger) -> str:
    """Return a description of a run on one line."""
    head = ledger.run
    facts = [
        ledger.path,
        "%s on %s" % (head["subject"], head["backend"]),
        installed_versions(head),
        "tier %s" % head["tier"],
    ]
    facts += ["started %s" % head.get("started", ""), "complete" if ledger.end is not None else "incomplete"]
    return "; ".join(filter(None, facts))
