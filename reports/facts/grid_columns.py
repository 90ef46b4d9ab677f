"""The columns of the grid of cells and causes: what each cell installs, its tier, and how much of it ran. No markup."""

from __future__ import annotations

from dataclasses import dataclass

from reports.facts.cells import Cell


@dataclass(frozen=True)
class GridColumn:
    """The head of a column. ``share`` is the per cent of the planned checks that have an answer, rounded down."""

    name: str
    versions: list[str]
    tier: str
    complete: bool
    share: int

    @property
    def sentence(self) -> str:
        """Return all of it in one line, such as "keras3.15: Keras 3.15.1; tier quick, complete"."""
        state = "complete" if self.complete else "not complete, %d %% of its checks ran" % self.share
        versions = ", ".join(self.versions) or "versions not recorded"
        return "%s: %s; tier %s, %s" % (self.name, versions, self.tier, state)


def make_grid_column(cell: Cell) -> GridColumn:
    """Return the head of a cell's column; a selection of cases stands for the tier."""
    facts = dict(cell.environment)
    return GridColumn(
        name=cell.name,
        versions=[version for version in cell.versions.split(", ") if version],
        tier=facts.get("tier") or "not recorded",
        complete=cell.state == "complete",
        share=100 * cell.checks // cell.planned if cell.planned else 0,
    )
