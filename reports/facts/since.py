"""What changed since the previous run of the same cells. Plain values, no markup."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Sequence

from reports.facts.compare import KINDS, Difference, compare, questions
from reports.ledger import Ledger, LedgerError, Row, cause, read


@dataclass(frozen=True)
class Since:
    """By cell the difference from its previous run; cells and causes that are new, and those that are gone."""

    differences: dict[str, Difference]
    appeared: list[str]
    gone: list[str]
    causes_new: frozenset[str] = frozenset()
    causes_gone: frozenset[str] = frozenset()

    @property
    def kinds(self) -> list[tuple[str, str, int]]:
        """Every kind of change there is: its name, what it means, and of how many questions."""
        changes = [change for found in self.differences.values() for change in found.changes]
        counted = [
            (name, told, sum(len(change.cases) for change in changes if change.kind == name)) for name, told, _ in KINDS
        ]
        return [one for one in counted if one[2]]

    @property
    def same(self) -> int:
        """Questions that are answered as before."""
        return sum(found.same for found in self.differences.values())

    @property
    def only_before(self) -> int:
        """Questions that are asked no more."""
        return sum(found.only_before for found in self.differences.values())

    @property
    def only_after(self) -> int:
        """Questions that were not asked before."""
        return sum(found.only_after for found in self.differences.values())


@dataclass(frozen=True)
class Matched:
    """By cell a run and its previous one; cells that are new, and those that are gone."""

    pairs: dict[str, tuple[Ledger, Ledger]]
    appeared: list[str]
    gone: list[str]


def since(before: Sequence[Path | str], after: Sequence[Path | str]) -> Since:
    """What changed from the one runs to the others."""
    return differences(match(before, after))


def differences(found: Matched) -> Since:
    """Every pair compared."""
    return Since(
        {cell: compare(*pair) for cell, pair in found.pairs.items()},
        found.appeared,
        found.gone,
        *(_only_in(list(found.pairs.values()), place) for place in (1, 0)),
    )


def match(before: Sequence[Path | str], after: Sequence[Path | str]) -> Matched:
    """Runs are matched by their cells; one run is compared with one, whatever the two are called."""
    old, new = _by_cell(before), _by_cell(after)
    if len(old) == len(new) == 1:
        old = dict(zip(new, old.values()))
    both = [cell for cell in new if cell in old]
    if not both:
        raise LedgerError("no cell of %s is among those of %s" % (", ".join(new), ", ".join(old)))
    return Matched(
        {cell: (old[cell], new[cell]) for cell in both},
        [cell for cell in new if cell not in old],
        [cell for cell in old if cell not in new],
    )


def _only_in(pairs: Sequence[tuple[Ledger, Ledger]], place: int) -> frozenset[str]:
    """Causes that the previous runs (0) or these (1) show in a question that both asked, and the others nowhere.

    A cause whose questions are not asked any more is not gone, and one of new questions not new.
    """
    here, elsewhere = set(), set()
    for pair in pairs:
        rows = questions(*pair)
        contract = [run.run.get("contract", ()) for run in pair]
        shared = (row for question, row in rows[place].items() if question in rows[1 - place])
        here |= {cause(row, contract[place]) for row in shared if _deviates(row)}
        elsewhere |= {cause(row, contract[1 - place]) for row in pair[1 - place].rows if _deviates(row)}
    return frozenset(here - elsewhere)


def _deviates(row: Row) -> bool:
    return row["verdict"] not in ("agree", "not-run")


def _by_cell(paths: Sequence[Path | str]) -> dict[str, Ledger]:
    runs: dict[str, Ledger] = {}
    for path in paths:
        run = read(path)
        if runs.setdefault(str(run.run["cell"]), run) is not run:
            raise LedgerError("more than one ledger is of the cell %s; give one each" % run.run["cell"])
    return runs
