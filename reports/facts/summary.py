"""The content of a page: the sentence, the cells, the causes, the contract. Plain values, no markup."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Mapping, Sequence

from reports.facts.bisections import BisectionRecord
from reports.facts.breakdown import properties_in_order
from reports.facts.cause_groups import CauseGroup, group_by_cause
from reports.facts.cells import Cell, make_cell, make_missing_cell
from reports.facts.changes import ChangesSince
from reports.facts.coming import ComingRelease
from reports.facts.contract import (
    MIGRATION,
    STATEMENTS,
    TRIPS,
    Contract,
    ContractOverview,
    results_of_contract,
    results_of_contract_in_runs,
)
from reports.facts.fault_matrix import Subject
from reports.facts.refusals import SUITES as REFUSING
from reports.facts.release_lines import runs_by_line
from reports.facts.severity import Severity, count_causes_by_severity
from reports.facts.shapes import CALLED_BY, INFERRED_BY
from reports.facts.store import Run, Store
from reports.ledger import CATEGORIES, Ledger


@dataclass(frozen=True)
class Summary:
    """One or several runs, ready to be rendered."""

    title: str
    sentence: str
    good: bool
    cells: list[Cell]
    properties: list[str]
    groups: list[CauseGroup]
    contracts: dict[str, Contract]  # the contract of each cell; empty for several runs, which ``along`` describes
    along: ContractOverview | None  # set if there are several cells
    since: ChangesSince | None = None
    bisections: Sequence[BisectionRecord] = ()
    coming: Sequence[ComingRelease] = ()
    strength: Sequence[Subject] = ()  # which named faults the suites detect, on the NumPy layer and on real layers

    @property
    def totals(self) -> dict[str, int]:
        """Return the number of rows of all cells by category."""
        return {key: sum(one.counts[key] for one in self.cells) for key in CATEGORIES}

    @property
    def severities(self) -> list[Severity]:
        """Return the known causes by severity and owner."""
        return count_causes_by_severity(self.groups)

    @property
    def checks(self) -> int:
        """Return the number of checks with an answer."""
        return sum(one.checks for one in self.cells)

    @property
    def planned(self) -> int:
        """Return the number of checks that were planned."""
        return sum(one.planned for one in self.cells)


def summarise(
    store: Store,
    declared: Sequence[str] = (),
    since: ChangesSince | None = None,
    strength: Sequence[Subject] = (),
    reasons: Mapping[str, str] | None = None,
    bisections: Sequence[BisectionRecord] = (),
    coming: Sequence[ComingRelease] = (),
) -> Summary:
    """Return the summary of the runs in a store.

    The cells come in the declared order, then the others by release. A declared cell without a ledger is shown as not
    run; ``reasons`` says why, by cell.
    """
    by_name = {run.cell: run for run in store.runs}
    released = [run.cell for runs in runs_by_line(store.runs).values() for run in runs]
    order = [*declared, *(name for name in released if name not in declared)]
    cells = [
        make_cell(store, by_name[name]) if name in by_name else make_missing_cell(name, (reasons or {}).get(name, ""))
        for name in order
    ]
    runs = [by_name[name] for name in order if name in by_name]
    parts = [_contract_part(store, run) for run in runs]
    several = len(order) > 1
    return Summary(
        title=", ".join(order) if len(order) < 4 else "%d cells" % len(order),
        sentence=_summarise_cells(cells) if several else cells[0].sentence,
        good=all(one.good for one in cells),
        cells=cells,
        properties=properties_in_order({property for one in cells for property in one.properties}),
        groups=group_by_cause(store, since.causes_new if since else ()),
        contracts={} if several else {run.cell: results_of_contract(part) for run, part in zip(runs, parts)},
        along=results_of_contract_in_runs(parts) if several else None,
        since=since,
        bisections=bisections,
        coming=coming,
        strength=strength,
    )


def _contract_part(store: Store, run: Run) -> Ledger:
    """Return the rows about the contract, with those of computed outputs if the run inferred shapes to compare."""
    suites = {STATEMENTS, TRIPS, MIGRATION, *REFUSING, *run.run.get("contract", ())}
    inferred = store.query("select count(*) from answer where run = ? and suite = ?", run.number, INFERRED_BY)[0][0]
    return store.part(run, suites | ({CALLED_BY} if inferred else set()))


def _summarise_cells(cells: Sequence[Cell]) -> str:
    """Return the sentence about several cells."""
    complete = [one for one in cells if one.state == "complete"]
    new = [one for one in cells if one.new]
    checks = sum(one.checks for one in cells)
    right = sum(one.counts["agree"] + one.counts["refused as expected"] for one in cells)
    known_deviations = sum(one.counts["known-deviation"] for one in cells)
    parts = [
        "%s of %s checks in %d cells are answered as the definition says"
        % (f"{right:,}", f"{checks:,}", sum(one.state != "not run" for one in cells))
    ]
    parts.append(
        "%s %s in ways already known" % (f"{known_deviations:,}", "deviates" if known_deviations == 1 else "deviate")
    )
    if new:
        named = ", ".join(one.name for one in new[:3]) + (" and others" if len(new) > 3 else "")
        parts.append("%s in ways that are not listed, in %s" % (f"{sum(one.new for one in new):,}", named))
    else:
        parts.append("none in another way")
    parts.append("%d of %d cells are complete" % (len(complete), len(cells)))
    return "; ".join(parts) + "."
