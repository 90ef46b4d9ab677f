"""Many runs side by side: cells against claims, and since when each cause is seen. Plain values, no markup."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Sequence

from reports.breakdown import Support, support
from reports.contract import ContractOverview, contract_overview
from reports.ledger import FAILING, OUTCOMES, Ledger, cause, outcome, tally
from reports.lines import in_lines
from reports.summary import claims_of


@dataclass(frozen=True)
class CellRow:
    """One cell: what ran there, its counts and its claims; ``state`` is complete, incomplete or not run.

    ``died`` counts crashes and hangs, the known ones included.
    """

    name: str
    state: str
    versions: str
    counts: dict[str, int]
    new: int
    died: int
    claims: dict[str, tuple[int, int]]
    switches: str
    support: dict[str, dict[str, Support]]


@dataclass(frozen=True)
class Span:
    """A cause along one line of releases: the cells of that line in order, each with its count or None."""

    line: str
    cells: list[tuple[str, int | None]]
    first: str
    last: str
    after: str


@dataclass(frozen=True)
class CauseRow:
    """A cause of disagreement across cells."""

    title: str
    outcome: str
    known: bool
    count: int
    link: str
    spans: list[Span]


@dataclass(frozen=True)
class Overview:
    """All runs of a page."""

    claims: list[str]
    cells: list[CellRow]
    causes: list[CauseRow]
    contract: ContractOverview


def survey(ledgers: Sequence[Ledger], declared: Sequence[str] = ()) -> Overview:
    """Cells in the declared order, then the others; a declared cell without a ledger is shown as not run."""
    by_name = {str(ledger.run["cell"]): ledger for ledger in ledgers}
    order = [*declared, *(name for name in by_name if name not in declared)]
    cells = [_cell(name, by_name.get(name)) for name in order]
    claims = list(dict.fromkeys(claim for cell in cells for claim in cell.claims))
    runs = [by_name[name] for name in order if name in by_name]
    return Overview(claims, cells, _causes(runs), contract_overview(runs))


def _cell(name: str, ledger: Ledger | None) -> CellRow:
    if ledger is None:
        return CellRow(name, "not run", "", dict.fromkeys(OUTCOMES, 0), 0, 0, {}, "", {})
    counts = tally(ledger.rows)
    known = ("keras", "tensorflow", "jax", "torch", "openvino", "python")
    versions = ", ".join("%s %s" % (key, ledger.run[key]) for key in known if key in ledger.run)
    return CellRow(
        name=name,
        state="complete" if ledger.end is not None else "incomplete",
        versions=versions,
        counts=counts,
        new=sum(counts[key] for key in FAILING),
        died=sum(row["verdict"] in ("crashed", "hanged") for row in ledger.rows),
        claims={claim: (checked, failed) for claim, checked, failed in claims_of(ledger.rows)},
        switches=", ".join("%s %s" % item for item in ledger.run["asked"].get("switches", {}).items()),
        support=support(ledger.rows, ledger.run["axes"]),
    )


def _causes(ledgers: Sequence[Ledger]) -> list[CauseRow]:
    """By first appearance in the table of cells; new ones before known ones, larger before smaller."""
    counts: dict[tuple[str, str, bool], dict[str, int]] = {}
    links: dict[str, str] = {}
    for ledger in ledgers:
        links.update((entry["name"], entry["link"]) for entry in ledger.run["known"])
        for row in ledger.rows:
            if row["verdict"] != "agree":
                key = (cause(row, ledger.run.get("contract", ())), OUTCOMES[outcome(row)], row["excused"] is not None)
                by_cell = counts.setdefault(key, {})
                by_cell[ledger.run["cell"]] = by_cell.get(ledger.run["cell"], 0) + 1
    rows = [
        CauseRow(title, kind, known, sum(found.values()), links.get(title, ""), _spans(found, ledgers))
        for (title, kind, known), found in counts.items()
    ]
    return sorted(rows, key=lambda row: (row.known, -row.count, row.title))


def _spans(found: dict[str, int], ledgers: Sequence[Ledger]) -> list[Span]:
    spans = []
    for line, runs in in_lines(ledgers).items():
        cells = [(str(run.run["cell"]), found.get(run.run["cell"])) for run in runs]
        seen = [place for place, (_, count) in enumerate(cells) if count]
        if seen:
            after = cells[seen[-1] + 1][0] if seen[-1] + 1 < len(cells) else ""
            spans.append(Span(line, cells, cells[seen[0]][0], cells[seen[-1]][0], after))
    return spans


def as_markdown(overview: Overview) -> str:
    """The table of cells for a CI step's summary."""
    lines = ["| cell | state | agree | refused as expected | known | new |", "|---|---|---:|---:|---:|---:|"]
    for cell in overview.cells:
        numbers = [cell.counts[key] for key in ("agree", "refused as expected", "excused")] + [cell.new]
        shown = " | ".join("%d" % number if cell.state != "not run" else "" for number in numbers)
        lines.append("| %s | %s | %s |" % (cell.name, cell.state, shown))
    lines += [
        "",
        *("- new: %s, %d (%s)" % (row.title, row.count, row.outcome) for row in overview.causes if not row.known),
    ]
    return "\n".join(lines) + "\n"
