"""Checks as test results, for formats that have only passed, failed, error and skipped. No markup.

A known deviation counts as skipped, with its reason: it does not fail the run, and neither JUnit nor CTRF has a status
for an expected failure. A run that did not finish, or that has no ledger, is an additional error, because it must not
pass.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Iterator

from reports.facts.breakdown import CONTRACT
from reports.facts.cells import Cell
from reports.facts.check_details import make_check_details
from reports.facts.known_entries import ended_deviation_of, known_deviation_of
from reports.facts.store import Run, Store
from reports.facts.summary import Summary
from reports.formats.safe_text import shorten
from reports.ledger import FAILING, Row

PASSED, FAILED, ERROR, SKIPPED = "passed", "failed", "error", "skipped"
_LOST = frozenset(("crashed", "hanged", "suite-bug"))  # no result was observed that could be right or wrong
_LONGEST = 2000  # characters of an error message


@dataclass(frozen=True)
class Result:
    """The result of one check.

    ``kind`` is its category, ``message`` says why it did not pass, and ``text`` says what was expected and observed.
    ``seconds`` is how long it took.
    """

    name: str
    suite: str
    variant: str
    case: str
    seconds: float
    status: str
    kind: str
    message: str = ""
    text: str = ""


@dataclass(frozen=True)
class Suite:
    """The results of one suite in one mode of one cell, or all results of a contract suite."""

    cell: Cell
    names: tuple[str, ...]
    results: list[Result]

    def count(self, status: str) -> int:
        """Return the number of results with this status."""
        return sum(result.status == status for result in self.results)

    @property
    def seconds(self) -> float:
        """Return the sum of the times of all results, in seconds."""
        return sum(result.seconds for result in self.results)


def yield_suites(summary: Summary, store: Store) -> Iterator[Suite]:
    """Yield the suites one at a time, cell by cell in the order of the summary."""
    runs = {run.cell: run for run in store.runs}
    for cell in summary.cells:
        if cell.name in runs:
            yield from _suites_of_run(cell, store, runs[cell.name])
        if cell.state != "complete":
            yield Suite(cell, (cell.name,), [_result_for_unfinished_run(cell)])


def count_statuses(summary: Summary) -> dict[str, int]:
    """Return the number of results for each status, computed from the counts of the summary alone."""
    counts = summary.totals
    new = sum(counts[key] for key in FAILING)
    lost = sum(counts[key] for key in _LOST)
    return {
        PASSED: counts["agree"] + counts["refused as expected"],
        FAILED: new - lost,
        ERROR: lost + sum(cell.state != "complete" for cell in summary.cells),
        SKIPPED: counts["known-deviation"] + counts["as-before"] + counts["not-run"],
    }


def _suites_of_run(cell: Cell, store: Store, run: Run) -> Iterator[Suite]:
    rows = {row["number"]: row for row in store.rows("run = ? and verdict <> 'agree'", run.number)}
    contract = list(run.run.get("contract", ()))
    checks = store.iterate_query(
        """select suite, part, variant, "case", coalesce(seconds, 0), category, coalesce(cause, ''), number from
        (select *, case when list_contains(?::VARCHAR[], suite) then ? else variant end as part
         from answer where run = ?)
        order by min(number) over (partition by suite, part), number""",
        *(contract, CONTRACT, run.number),
    )
    names: tuple[str, ...] = ()
    found: list[Result] = []
    for suite, part, mode, case, seconds, category, cause, number in checks:
        if names != (cell.name, suite, part):
            if found:
                yield Suite(cell, names, found)
            names, found = (cell.name, suite, part), []
        name = "%s, %s" % (case, mode) if part == CONTRACT else case
        status = _status_of_category(category)
        reason = _explain_why_not_passed(rows[number], cause, run) if status != PASSED else ("", "")
        found.append(Result(name, suite, mode, case, seconds, status, category, *reason))
    if found:
        yield Suite(cell, names, found)


def _status_of_category(category: str) -> str:
    if category in FAILING:
        return ERROR if category in _LOST else FAILED
    return SKIPPED if category in ("known-deviation", "as-before", "not-run") else PASSED


def _explain_why_not_passed(row: Row, cause: str, run: Run) -> tuple[str, str]:
    """Return why a check did not pass, on one line, and the details.

    The details are what was expected and observed, and the command that repeats the check.
    """
    known = known_deviation_of(row["known_deviation"], [run])
    ended = ended_deviation_of(row.get("ended_deviation"), run)
    message = cause
    if known:
        message = "known deviation %s: %s %s" % (row["known_deviation"], known.because, known.link)
    elif ended:
        listed = (row["ended_deviation"], ended.listed_for, ended.because, ended.link)
        message = "known deviation %s, listed for %s only: %s %s" % listed
    shown = make_check_details(row, run.run)
    lines = ["expected: " + _facts_in_words(shown.expected), "observed: " + _facts_in_words(shown.observed)]
    lines += [shorten(shown.message, _LONGEST)] if shown.message else []
    return message.strip(), "\n".join([*lines, "ask it again: " + shown.again])


def _facts_in_words(facts: Any) -> str:
    return ", ".join("%s %s" % fact for fact in facts) or "nothing"


def _result_for_unfinished_run(cell: Cell) -> Result:
    name = "the run is complete" if cell.state == "incomplete" else "there is a ledger"
    return Result(name, "", "", "", 0.0, ERROR, cell.state, cell.sentence)
