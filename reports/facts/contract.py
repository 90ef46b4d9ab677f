"""The contract in one run and in many: statements, shapes, refusals, round trips. Plain values, no markup."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Sequence

from reports.facts.refusals import Refusals, find_refusals, refusals_along_releases
from reports.facts.release_lines import CheckTracks, Stretch, lines_with_cell_names, make_check_track, runs_by_line
from reports.facts.shapes import Disagreement, find_disagreement
from reports.ledger import UNEXPLAINED, Ledger, Row, headline, listing

STATEMENTS, TRIPS, MIGRATION = "statements", "roundtrip", "migration"
_LOST = {"not-run": "not run", "crashed": "process died", "hanged": "no answer in time", "suite-bug": "suite bug"}


@dataclass(frozen=True)
class Statement:
    """A statement that people make about the layer: what the subject shows, and what the semantics predict."""

    variant: str
    statement: str
    shown: str
    why: str
    predicted: str
    because: str
    numbers: str
    tag: str


@dataclass(frozen=True)
class RoundTrip:
    """One kind of round trip: how many cases behave as before it, and how the others ended."""

    variant: str
    agree: int
    known: int
    new: int
    lost: int
    reason: str


@dataclass(frozen=True)
class Contract:
    """The results of the contract suites in one run. A part that did not run is empty or None."""

    statements: list[Statement]
    shapes: Disagreement | None
    refusals: Refusals | None
    trips: list[RoundTrip]
    migrations: list[RoundTrip]


@dataclass(frozen=True)
class ContractOverview:
    """The results of the same checks in many runs, along the lines of releases."""

    statements: CheckTracks
    refusals: CheckTracks
    trips: CheckTracks
    migrations: CheckTracks


def results_of_contract(ledger: Ledger) -> Contract:
    """Return the results of the contract suites in one run."""
    rows = ledger.rows
    statements = sorted(
        (statement_of_row(row) for row in rows if row["suite"] == STATEMENTS),
        key=lambda statement: _statement_sort_key(statement.variant),
    )
    return Contract(
        statements,
        find_disagreement(rows),
        find_refusals(rows),
        _round_trips_of_suite(rows, TRIPS),
        _round_trips_of_suite(rows, MIGRATION),
    )


def results_of_contract_in_runs(ledgers: Sequence[Ledger]) -> ContractOverview:
    """Return the results of the contract suites in many runs."""
    trips, migrations = _round_trips_along_releases(ledgers, TRIPS), _round_trips_along_releases(ledgers, MIGRATION)
    return ContractOverview(_statements_along_releases(ledgers), refusals_along_releases(ledgers), trips, migrations)


def _statement_sort_key(variant: str) -> tuple[bool, str]:
    """Return a sort key that puts statements that people ask about (q1, ...) before those of answers (a1, ...)."""
    return not variant.startswith("q"), variant


def statement_of_row(row: Row) -> Statement:
    """Return the statement of a row; if the process died, the row does not have the statement itself."""
    expected, observed = row["expected"], row["observed"]
    shown, why = observed.get("verdict"), ""
    if shown is None and "error" in observed:
        shown = "refused"
        why = "%s at %s: %s" % (observed["error"], observed["stage"], headline(str(observed.get("message", ""))))
    elif shown is None:
        shown, why = _LOST.get(row["verdict"], row["verdict"]), str(observed.get("reason", ""))
    return Statement(
        variant=row["variant"],
        statement=expected.get("statement", "(the statement is not in the ledger)"),
        shown=str(shown),
        why=why,
        predicted=expected.get("verdict", ""),
        because=expected.get("because", ""),
        numbers=str(observed.get("numbers", "")),
        tag=listing(row),
    )


def count_round_trips(variant: str, rows: Sequence[Row]) -> RoundTrip:
    """Return the counts of one kind of round trip in one run.

    ``reason`` is that of the first row that does not agree: why the trip is not offered, or how it fails.
    """
    tags = [listing(row) for row in rows]
    reasons = [_explain_why_not_restored(row) for row in rows if row["verdict"] != "agree"]
    lost = sum(row["verdict"] == "not-run" for row in rows)
    agree = sum(row["verdict"] == "agree" for row in rows)
    return RoundTrip(
        variant,
        agree,
        tags.count("known") + tags.count("as before"),
        sum(tags.count(tag) for tag in UNEXPLAINED),
        lost,
        reasons[0] if reasons else "",
    )


def _explain_why_not_restored(row: Row) -> str:
    observed = row["observed"]
    if "error" in observed:
        return "%s at %s: %s" % (observed["error"], observed["stage"], headline(str(observed.get("message", ""))))
    return str(observed.get("reason", "it behaves otherwise"))


def _round_trips_of_suite(rows: Sequence[Row], suite: str) -> list[RoundTrip]:
    found = _rows_by_variant(rows, suite)
    return [count_round_trips(variant, found[variant]) for variant in sorted(found)]


def _rows_by_variant(rows: Sequence[Row], suite: str, writers: bool = False) -> dict[str, list[Row]]:
    """Return the rows of a suite by variant. With ``writers``, only the writer counts and not the stored format."""
    found: dict[str, list[Row]] = {}
    for row in rows:
        if row["suite"] == suite:
            variant = row["variant"].rpartition(".keras-")[0].rpartition(".")[0] if writers else row["variant"]
            found.setdefault(variant, []).append(row)
    return found


def _statements_along_releases(ledgers: Sequence[Ledger]) -> CheckTracks:
    """Return one track for each public statement: its result in every release, by release line."""
    lines = runs_by_line(ledgers)
    found: dict[str, dict[str, Statement]] = {}
    statements: dict[str, str] = {}
    for ledger in ledgers:
        for row in ledger.rows:
            if row["suite"] == STATEMENTS:
                found.setdefault(row["variant"], {})[str(ledger.run["cell"])] = statement = statement_of_row(row)
                if "statement" in row["expected"]:
                    statements[row["variant"]] = statement.statement
    rows = []
    for variant in sorted(found, key=_statement_sort_key):
        cells = [[found[variant].get(str(run.run["cell"])) for run in runs] for runs in lines.values()]
        predicted = next((statement.predicted for statement in found[variant].values() if statement.predicted), "")
        rows.append(
            make_check_track(
                statements.get(variant, variant), "predicted: %s" % predicted, cells, _stretch_of_statement
            )
        )
    return CheckTracks(lines_with_cell_names(lines), rows)


def _stretch_of_statement(statement: Statement) -> Stretch:
    return Stretch(statement.shown, statement.why or statement.numbers, statement.tag)


def _round_trips_along_releases(ledgers: Sequence[Ledger], suite: str) -> CheckTracks:
    lines = runs_by_line(ledgers)
    found: dict[str, dict[str, RoundTrip]] = {}
    for ledger in ledgers:
        for variant, rows in _rows_by_variant(ledger.rows, suite, suite == MIGRATION).items():
            found.setdefault(variant, {})[str(ledger.run["cell"])] = count_round_trips(variant, rows)
    tracks = []
    for variant in sorted(found):
        cells = [[found[variant].get(str(run.run["cell"])) for run in runs] for runs in lines.values()]
        tracks.append(make_check_track(variant, "", cells, _stretch_of_round_trip))
    return CheckTracks(lines_with_cell_names(lines), tracks)


def _stretch_of_round_trip(found: RoundTrip) -> Stretch:
    total = found.agree + found.known + found.new
    parts = ["%d of %d" % (found.agree, total)] if total else []
    parts += ["%s not offered" % (found.lost if total else "")] if found.lost else []
    return Stretch(", ".join(part.strip() for part in parts), found.reason, _worst_tag(found))


def _worst_tag(found: RoundTrip) -> str:
    return "new" if found.new else "known" if found.known else ""
