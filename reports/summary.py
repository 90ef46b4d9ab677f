"""From a ledger to what a page says: sentence, totals, groups by cause. Plain values, no markup."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import Any, Sequence

from reports.breakdown import Rounding, Support, Total, rounding, support, totals
from reports.contract import Contract, contract_of
from reports.exemplar import Exemplar, exemplar
from reports.ledger import FAILING, OUTCOMES, Ledger, Row, cause, outcome, tally

# Rows of a group that are listed by id; the rest are in the ledger.
LISTED = 200
_ENVIRONMENT = (
    "keras",
    "tensorflow",
    "backend",
    "device",
    "python",
    "numpy",
    "platform",
    "tier",
    "shard",
    "deviations",
    "started",
)
# Wrong values in silence first, what merely refuses last.
_GRAVITY = (
    *("suite-bug", "mismatch", "crashed", "hanged", "wrongly-accepted", "wrongly-rejected"),
    *("unclear-rejection", "not-run"),
)


@dataclass(frozen=True)
class Group:
    """Rows with one cause."""

    title: str
    outcome: str
    verdict: str
    claim: str
    count: int
    known: bool
    because: str
    link: str
    diagnosis: str
    exemplar: Exemplar
    cases: list[str]
    questions: list[str]
    distinct: int
    unlisted: int


@dataclass(frozen=True)
class Summary:
    """One run, ready to be rendered."""

    cell: str
    title: str
    sentence: str
    good: bool
    environment: list[tuple[str, str]]
    totals: list[tuple[str, str, int]]
    asked: int
    planned: int
    counted: str
    claims: list[tuple[str, int, int]]
    by_suite: list[Total]
    support: dict[str, dict[str, Support]]
    rounding: list[Rounding]
    coverage: list[dict[str, Any]]  # as the ledger's end has it
    groups: list[Group]
    contract: Contract


def summarise(ledger: Ledger) -> Summary:
    """The run of one ledger."""
    counts = tally(ledger.rows)
    planned = int(ledger.run.get("planned", len(ledger.rows)))
    return Summary(
        cell=str(ledger.run["cell"]),
        title="%s: %s on %s, %s" % tuple(ledger.run.get(name, "") for name in ("cell", "subject", "backend", "device")),
        sentence=_sentence(ledger, counts, planned),
        good=ledger.end is not None and not any(counts[key] for key in FAILING),
        environment=_environment(ledger.run),
        totals=[(key, name, counts[key]) for key, name in OUTCOMES.items()],
        asked=len(ledger.rows),
        planned=planned,
        counted=_counted(ledger.rows)[0],
        claims=claims_of(ledger.rows),
        by_suite=totals(ledger.rows, ledger.run.get("thinned", {}), ledger.run.get("contract", ())),
        support=support(ledger.rows, ledger.run["axes"]),
        rounding=rounding(ledger.rows, ledger.run["axes"]),
        coverage=(ledger.end or {}).get("coverage", []),
        groups=_groups(ledger),
        contract=contract_of(ledger),
    )


def _sentence(ledger: Ledger, counts: dict[str, int], planned: int) -> str:
    run = ledger.run
    backend = " ".join(str(run[name]) for name in ("backend", run["backend"]) if name in run)
    layer = "Keras %s on %s" % (run["keras"], backend) if "keras" in run else "The subject %s" % run["subject"]
    as_it_should = counts["agree"] + counts["refused as expected"]
    numbers = (layer, f"{as_it_should:,}", f"{planned:,}", " about ".join(_counted(ledger.rows)))
    text = "%s does what the definition says in %s of %s %s" % numbers
    new = sum(counts[key] for key in FAILING)
    parts = []
    if counts["excused"]:
        parts.append("%s deviate in ways already known" % f"{counts['excused']:,}")
    unlisted = "deviate in new ways"
    if run.get("deviations") is None:
        unlisted = "deviate (no list of known deviations was used)"
    parts.append("%s %s" % (f"{new:,}", unlisted) if new else "none deviates in a new way")
    if counts["not-run"]:
        parts.append("%s could not be asked" % f"{counts['not-run']:,}")
    if ledger.end is None:
        parts.append("the run is incomplete: %s have no answer" % f"{planned - len(ledger.rows):,}")
    return "%s; %s." % (text, ", ".join(parts))


def _counted(rows: Sequence[Row]) -> list[str]:
    """What the totals count: configurations, or questions about so many of them where each was asked several."""
    cases = len({row["case"] for row in rows})
    return ["configurations"] if cases == len(rows) else ["questions", f"{cases:,} configurations"]


def _environment(run: dict[str, Any]) -> list[tuple[str, str]]:
    shown = [(name, str(run[name])) for name in _ENVIRONMENT if name in run]
    shown += [("subject", str(run["subject"])), ("modes", ", ".join(run.get("modes", [])))]
    return shown + [("switch " + name, str(value)) for name, value in run.get("switches", {}).items()]


def claims_of(rows: Sequence[Row]) -> list[tuple[str, int, int]]:
    """(claim, rows that checked it, rows in which it failed), in the order of checking."""
    checked: dict[str, int] = {}
    failed: dict[str, int] = {}
    for row in rows:
        for claim in row["checked"]:
            checked[claim] = checked.get(claim, 0) + 1
        if row["verdict"] not in ("agree", "not-run"):
            failed[row["claim"]] = failed.get(row["claim"], 0) + 1
    return [(claim, count, failed.get(claim, 0)) for claim, count in checked.items()]


def _groups(ledger: Ledger) -> list[Group]:
    """New causes before known ones, what was not asked last; graver verdicts before lighter, larger before smaller."""
    sorted_rows: dict[tuple[str, str, str], list[dict[str, Any]]] = {}
    contract = ledger.run.get("contract", ())
    for row in ledger.rows:
        if row["verdict"] != "agree":
            sorted_rows.setdefault((outcome(row), cause(row, contract), row["claim"]), []).append(row)
    known = {entry["name"]: entry for entry in ledger.run.get("known", [])}
    groups = [_group(rows, known, ledger.run) for rows in sorted_rows.values()]
    return sorted(
        groups,
        key=lambda group: (
            group.verdict == "not-run",
            group.known,
            _GRAVITY.index(group.verdict),
            -group.count,
            group.title,
        ),
    )


def _group(rows: list[dict[str, Any]], known: dict[str, Any], run: dict[str, Any]) -> Group:
    smallest = min(_shown(rows), key=lambda row: (_cells(row["case"]), row["case"]))
    entry = known.get(smallest["excused"], {})
    ids = sorted({row["case"] for row in rows})
    contract = run.get("contract", ())
    return Group(
        title=cause(smallest, contract),
        outcome=OUTCOMES[outcome(smallest)],
        verdict=smallest["verdict"],
        claim=smallest["claim"],
        count=len(rows),
        known=smallest["excused"] is not None,
        because=" ".join(str(entry.get("because", "")).split()),
        link=str(entry.get("link", "")),
        diagnosis=_meaning(smallest["diagnosis"], run["faults"]),
        exemplar=exemplar(smallest, run),
        cases=ids[:LISTED],
        questions=sorted({row["mode"] for row in rows if row["suite"] in contract}),
        distinct=len(ids),
        unlisted=max(len(ids) - LISTED, 0),
    )


def _shown(rows: Sequence[Row]) -> list[Row]:
    """The rows, and as further ones the smaller neighbours that were asked for some of them."""
    neighbours = [{**row, **row["smallest"]} for row in rows if "observed" in (row.get("smallest") or {})]
    return [*rows, *neighbours]


def _meaning(diagnosis: str | None, faults: dict[str, str]) -> str:
    """The sentences of the named faults: "the bias is not added (bias-missing)"; of two at once joined by and.

    What landed where has a sentence of its own: see the exemplar.
    """
    names = diagnosis.split(" or ") if diagnosis and not diagnosis.startswith("landings: ") else []
    return ", or ".join(_told(name, faults) for name in names)


def _told(name: str, faults: dict[str, str]) -> str:
    parts = name.split(" + ")
    if len(parts) == 1 and " " in name and name not in faults:
        return name  # that there are further ones
    return "%s (%s)" % (", and ".join(faults.get(part, part) for part in parts), name)


def _cells(case: str) -> int:
    """A size to sort by: the product of all numbers of an id."""
    return math.prod(max(int(number), 1) for number in re.findall(r"[0-9]+", case.rsplit("-", 1)[0]))
