"""The contract in one run and in many: claims, shapes, refusals, round trips. Plain values, no markup."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Sequence

from reports.facts.lines import Stretch, Tracks, in_lines, named, track
from reports.facts.refusals import Refusals, along_lines, refusals
from reports.facts.shapes import Disagreement, disagreement
from reports.ledger import Ledger, Row, headline, standing

CLAIMS, TRIPS, MIGRATION = "claims", "roundtrip", "migration"
_LOST = {"not-run": "not run", "crashed": "process died", "hanged": "no answer in time", "suite-bug": "suite bug"}


@dataclass(frozen=True)
class FieldClaim:
    """A statement from the field: what the subject shows of it, and what the semantics predict."""

    way: str
    statement: str
    shown: str
    why: str
    predicted: str
    because: str
    numbers: str
    tag: str


@dataclass(frozen=True)
class Trip:
    """One way there and back: how many cases behave as before, and what became of the others."""

    way: str
    agree: int
    known: int
    new: int
    lost: int
    reason: str


@dataclass(frozen=True)
class Contract:
    """What one run says of the contract; empty or None where it was not asked."""

    claims: list[FieldClaim]
    shapes: Disagreement | None
    refusals: Refusals | None
    trips: list[Trip]
    migrations: list[Trip]


@dataclass(frozen=True)
class ContractOverview:
    """The same questions along the lines of releases."""

    claims: Tracks
    refusals: Tracks
    trips: Tracks
    migrations: Tracks


def contract_of(ledger: Ledger) -> Contract:
    """The contract in one run."""
    rows = ledger.rows
    claims = sorted((field_claim(row) for row in rows if row["suite"] == CLAIMS), key=lambda claim: _place(claim.way))
    return Contract(claims, disagreement(rows), refusals(rows), _trips(rows, TRIPS), _trips(rows, MIGRATION))


def contract_overview(ledgers: Sequence[Ledger]) -> ContractOverview:
    """The contract in many runs."""
    trips, migrations = _trips_along(ledgers, TRIPS), _trips_along(ledgers, MIGRATION)
    return ContractOverview(_claims_along(ledgers), along_lines(ledgers), trips, migrations)


def _place(way: str) -> tuple[bool, str]:
    """Questions before answers."""
    return not way.startswith("q"), way


def field_claim(row: Row) -> FieldClaim:
    """A row of the suite of claims; one whose process died does not tell its statement."""
    expected, observed = row["expected"], row["observed"]
    shown, why = observed.get("verdict"), ""
    if shown is None and "error" in observed:
        shown = "refused"
        why = "%s at %s: %s" % (observed["error"], observed["stage"], headline(str(observed.get("message", ""))))
    elif shown is None:
        shown, why = _LOST.get(row["verdict"], row["verdict"]), str(observed.get("reason", ""))
    return FieldClaim(
        way=row["mode"],
        statement=expected.get("statement", "(the statement is not in the ledger)"),
        shown=str(shown),
        why=why,
        predicted=expected.get("verdict", ""),
        because=expected.get("because", ""),
        numbers=str(observed.get("numbers", "")),
        tag=standing(row),
    )


def trip(way: str, rows: Sequence[Row]) -> Trip:
    """One way in one run; ``reason`` is the first of why it is not offered or does not come back."""
    tags = [standing(row) for row in rows]
    reasons = [_reason(row) for row in rows if row["verdict"] != "agree"]
    lost = sum(row["verdict"] == "not-run" for row in rows)
    agree = sum(row["verdict"] == "agree" for row in rows)
    return Trip(
        way,
        agree,
        tags.count("known") + tags.count("as before"),
        tags.count("new") + tags.count("not listed"),
        lost,
        reasons[0] if reasons else "",
    )


def _reason(row: Row) -> str:
    observed = row["observed"]
    if "error" in observed:
        return "%s at %s: %s" % (observed["error"], observed["stage"], headline(str(observed.get("message", ""))))
    return str(observed.get("reason", "it behaves otherwise"))


def _trips(rows: Sequence[Row], suite: str) -> list[Trip]:
    found = _by_way(rows, suite)
    return [trip(way, found[way]) for way in sorted(found)]


def _by_way(rows: Sequence[Row], suite: str, writers: bool = False) -> dict[str, list[Row]]:
    """Rows of a suite by way; models of other releases by ``writers`` alone, without the format."""
    found: dict[str, list[Row]] = {}
    for row in rows:
        if row["suite"] == suite:
            way = row["mode"].rpartition(".keras-")[0].rpartition(".")[0] if writers else row["mode"]
            found.setdefault(way, []).append(row)
    return found


def _claims_along(ledgers: Sequence[Ledger]) -> Tracks:
    lines = in_lines(ledgers)
    found: dict[str, dict[str, FieldClaim]] = {}
    statements: dict[str, str] = {}
    for ledger in ledgers:
        for row in ledger.rows:
            if row["suite"] == CLAIMS:
                found.setdefault(row["mode"], {})[str(ledger.run["cell"])] = claim = field_claim(row)
                if "statement" in row["expected"]:
                    statements[row["mode"]] = claim.statement
    rows = []
    for way in sorted(found, key=_place):
        cells = [[found[way].get(str(run.run["cell"])) for run in runs] for runs in lines.values()]
        predicted = next((claim.predicted for claim in found[way].values() if claim.predicted), "")
        rows.append(track(statements.get(way, way), "predicted: %s" % predicted, cells, _claim_stretch))
    return Tracks(named(lines), rows)


def _claim_stretch(claim: FieldClaim) -> Stretch:
    return Stretch(claim.shown, claim.why or claim.numbers, claim.tag)


def _trips_along(ledgers: Sequence[Ledger], suite: str) -> Tracks:
    lines = in_lines(ledgers)
    found: dict[str, dict[str, Trip]] = {}
    for ledger in ledgers:
        for way, rows in _by_way(ledger.rows, suite, suite == MIGRATION).items():
            found.setdefault(way, {})[str(ledger.run["cell"])] = trip(way, rows)
    tracks = []
    for way in sorted(found):
        cells = [[found[way].get(str(run.run["cell"])) for run in runs] for runs in lines.values()]
        tracks.append(track(way, "", cells, _trip_stretch))
    return Tracks(named(lines), tracks)


def _trip_stretch(found: Trip) -> Stretch:
    asked = found.agree + found.known + found.new
    parts = ["%d of %d" % (found.agree, asked)] if asked else []
    parts += ["%s not offered" % (found.lost if asked else "")] if found.lost else []
    return Stretch(", ".join(part.strip() for part in parts), found.reason, _worst(found))


def _worst(found: Trip) -> str:
    return "new" if found.new else "known" if found.known else ""
