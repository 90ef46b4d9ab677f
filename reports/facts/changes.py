"""The changes since the previous run of the same cells. Plain values, no markup."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Mapping, Sequence

from reports.facts.run_difference import KINDS, Difference, compare_runs, match_rows_by_check
from reports.ledger import Ledger, LedgerError, Row, cause, read


@dataclass(frozen=True)
class ChangesSince:
    """The difference of each cell from its previous run, and the cells and causes that are new or gone."""

    differences: dict[str, Difference]
    appeared: list[str]
    gone: list[str]
    causes_new: frozenset[str] = frozenset()
    causes_gone: frozenset[str] = frozenset()
    causes_of_new_checks: frozenset[str] = frozenset()  # which only checks show that the previous runs do not have
    titles: Mapping[str, str] = field(default_factory=dict)  # of the causes that are known deviations, by name

    @property
    def titles_gone(self) -> list[str]:
        """Return the titles of the causes that show no more, for people; of others, their names."""
        return sorted({self.titles.get(name) or name for name in self.causes_gone})

    @property
    def kinds(self) -> list[tuple[str, str, int]]:
        """Return every kind of change that occurs: its name, its meaning and the number of checks."""
        changes = [change for found in self.differences.values() for change in found.changes]
        counted = [
            (name, meaning, sum(len(change.cases) for change in changes if change.kind == name))
            for name, meaning, _ in KINDS
        ]
        return [one for one in counted if one[2]]

    @property
    def same(self) -> int:
        """Return the number of checks with the same result as before."""
        return sum(found.same for found in self.differences.values())

    @property
    def only_before(self) -> int:
        """Return the number of checks that only the previous runs have."""
        return sum(found.only_before for found in self.differences.values())

    @property
    def only_after(self) -> int:
        """Return the number of checks that only the new runs have."""
        return sum(found.only_after for found in self.differences.values())


@dataclass(frozen=True)
class MatchedRuns:
    """The previous and the new run of each cell, and the cells that are new or gone."""

    pairs: dict[str, tuple[Ledger, Ledger]]
    appeared: list[str]
    gone: list[str]


def changes_since(before: Sequence[Path | str], after: Sequence[Path | str]) -> ChangesSince:
    """Return the changes from the runs ``before`` to the runs ``after``."""
    return differences_of_pairs(match_runs_by_cell(before, after))


def differences_of_pairs(found: MatchedRuns) -> ChangesSince:
    """Return the changes between the runs of every pair."""
    return ChangesSince(
        {cell: compare_runs(*pair) for cell, pair in found.pairs.items()},
        found.appeared,
        found.gone,
        causes_new=_causes_only_in(list(found.pairs.values()), 1),
        causes_gone=_causes_only_in(list(found.pairs.values()), 0) - _causes_of_checks_that_still_deviate(found),
        causes_of_new_checks=_causes_of_new_checks(list(found.pairs.values())),
        titles={
            entry["name"]: entry.get("title", "")
            for pair in found.pairs.values()
            for run in pair
            for entry in (*run.run.get("known_deviations", ()), *run.run.get("ended_deviations", ()))
        },
    )


def match_runs_by_cell(before: Sequence[Path | str], after: Sequence[Path | str]) -> MatchedRuns:
    """Match the runs by cell. If there is one run on each side, they match whatever their cells are called.

    Raises ``LedgerError`` if no cell is on both sides.
    """
    old, new = _ledgers_by_cell(before), _ledgers_by_cell(after)
    if len(old) == len(new) == 1:
        old = dict(zip(new, old.values()))
    both = [cell for cell in new if cell in old]
    if not both:
        raise LedgerError("no cell of %s is among those of %s" % (", ".join(new), ", ".join(old)))
    return MatchedRuns(
        {cell: (old[cell], new[cell]) for cell in both},
        [cell for cell in new if cell not in old],
        [cell for cell in old if cell not in new],
    )


def _causes_only_in(pairs: Sequence[tuple[Ledger, Ledger]], place: int) -> frozenset[str]:
    """Return the causes that one side shows in a check that both sides have, and the other side shows nowhere.

    ``place`` is the side: 0 for the previous runs, 1 for the new ones. A cause is not gone only because its checks do
    not run any more, and it is not new if only new checks show it.
    """
    here, elsewhere = set(), set()
    for pair in pairs:
        rows = match_rows_by_check(*pair)
        contract = [run.run.get("contract", ()) for run in pair]
        shared = (row for check, row in rows[place].items() if check in rows[1 - place])
        here |= {cause(row, contract[place]) for row in shared if _deviates(row)}
        elsewhere |= {cause(row, contract[1 - place]) for row in pair[1 - place].rows if _deviates(row)}
    return frozenset(here - elsewhere)


def _causes_of_checks_that_still_deviate(found: MatchedRuns) -> set[str]:
    """Return the causes of previous runs with a check that deviates in the new run too, by whatever name.

    A known deviation whose range of versions ends has another name in the next version, and is not gone.
    """
    causes = set()
    for pair in found.pairs.values():
        before, after = match_rows_by_check(*pair)
        contract = pair[0].run.get("contract", ())
        still = (row for check, row in before.items() if check in after and _deviates(after[check]))
        causes |= {cause(row, contract) for row in still if _deviates(row)}
    return causes


def _causes_of_new_checks(pairs: Sequence[tuple[Ledger, Ledger]]) -> frozenset[str]:
    """Return the causes that only checks show which the previous runs do not have, and that no previous run shows."""
    shown: set[str] = set()
    elsewhere: set[str] = set()
    for pair in pairs:
        before, after = match_rows_by_check(*pair)
        contracts = [run.run.get("contract", ()) for run in pair]
        elsewhere |= {cause(row, contracts[0]) for row in pair[0].rows if _deviates(row)}
        for check, row in after.items():
            if _deviates(row):
                (elsewhere if check in before else shown).add(cause(row, contracts[1]))
    return frozenset(shown - elsewhere)


def _deviates(row: Row) -> bool:
    return row["verdict"] not in ("agree", "not-run")


def _ledgers_by_cell(paths: Sequence[Path | str]) -> dict[str, Ledger]:
    runs: dict[str, Ledger] = {}
    for path in paths:
        run = read(path)
        if runs.setdefault(str(run.run["cell"]), run) is not run:
            raise LedgerError("more than one ledger is of the cell %s; give one each" % run.run["cell"])
    return runs
