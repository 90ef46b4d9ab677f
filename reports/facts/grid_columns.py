"""The columns of the grid of cells and causes: what each cell installs, its tier, and how much of it ran. No markup."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Iterable

from packaging.version import InvalidVersion, Version

from reports.facts.cells import Cell

_COMING = "coming-"  # how matrix.toml names the cells of releases that are not published yet


@dataclass(frozen=True)
class GridColumn:
    """The head of a column. ``share`` is the per cent of the planned checks that have an answer, rounded down.

    ``coming`` says whether a package of the cell is a nightly build or another release before its publication.
    """

    name: str
    versions: list[str]
    tier: str
    complete: bool
    share: int
    coming: bool = False

    @property
    def sentence(self) -> str:
        """Return all of it in one line, such as "keras3.15: Keras 3.15.1; tier quick, complete"."""
        state = "complete" if self.complete else "not complete, %d %% of its checks ran" % self.share
        versions = ", ".join(self.versions) or "versions not recorded"
        coming = " (not released yet)" if self.coming else ""
        return "%s: %s%s; tier %s, %s" % (self.name, versions, coming, self.tier, state)


def make_grid_column(cell: Cell) -> GridColumn:
    """Return the head of a cell's column; a selection of cases stands for the tier."""
    facts = dict(cell.environment)
    versions = [version for version in cell.versions.split(", ") if version]
    return GridColumn(
        name=cell.name,
        versions=versions,
        tier=facts.get("tier") or "not recorded",
        complete=cell.state == "complete",
        share=100 * cell.checks // cell.planned if cell.planned else 0,
        coming=cell.name.startswith(_COMING) or _has_prerelease(versions),
    )


def _has_prerelease(versions: Iterable[str]) -> bool:
    """Return whether some text such as "Keras 3.16.0.dev2026113004" ends in the version of a pre-release."""
    for text in versions:
        try:
            if Version(text.split()[-1]).is_prerelease:
                return True
        except InvalidVersion:  # such as "1.15.0-custom build"
            continue
    return False
