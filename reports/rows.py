"""Every question of the runs as a row of columns, for the explorer; and those that are told in full. No markup."""

from __future__ import annotations

from typing import Any, Sequence

import numpy as np

from reports.breakdown import axis_in_sql
from reports.columns import HASH, Column, Numbers
from reports.ledger import case_hash
from reports.store import Store

# The order in which rows stand in the columns: what is alike lies together, which packs well.
_ORDER = 'told.run, suite, mode, "case", told.number'
# Told in full, questions with one cause in one cell at most, and of all of them.
EACH, MOST = 40, 2000


def columns(store: Store) -> list[Column | Numbers]:
    """The columns of the explorer: the cell, what was asked, the axes of the case, what came of it."""
    axes = store.runs[0].run["axes"]
    expressions = {
        "cell": "list_extract(?::VARCHAR[], told.run + 1)",
        "suite": "suite",
        "mode": "mode",
        **{name: axis_in_sql(axes, name) for name, _ in axes},
        **{name: "coalesce(%s, '')" % name for name in ("outcome", "verdict", "claim", "cause", "diagnosis")},
        "deviation": "coalesce(excused, '')",
    }
    cells = [run.cell for run in store.runs]
    made: list[Column | Numbers] = [
        _column(store, name, expression, [cells] if name == "cell" else []) for name, expression in expressions.items()
    ]
    seconds = store.arrays("select seconds::FLOAT as v from told order by %s" % _ORDER)["v"]
    made.append(Numbers("seconds", np.ma.filled(seconds, np.nan).astype(np.float32)))
    return [*made, _hashes(store)]


def _column(store: Store, name: str, expression: str, values: Sequence[Any]) -> Column:
    """Codes by first appearance in the order of the values."""
    dictionary = [str(v) for (v,) in store.ask("select distinct %s as v from told order by v" % expression, *values)]
    codes = store.arrays(
        "select (dense_rank() over (order by %s) - 1)::UINTEGER as code from told order by %s" % (expression, _ORDER),
        *values,
    )["code"]
    return Column(name, dictionary, np.asarray(codes))


def _hashes(store: Store) -> Column:
    """Of the case; the shortest stable name a question's case has."""
    cases = _column(store, HASH, '"case"', [])
    hashes = [case_hash(case) for case in cases.values]
    if len(set(hashes)) == len(hashes):
        return Column(HASH, hashes, cases.codes)
    distinct = sorted(set(hashes))  # two cases with one hash are told apart by their parameters
    places = np.array([distinct.index(one) for one in hashes], np.uint32)
    return Column(HASH, distinct, places[cases.codes])


def told_in_full(store: Store) -> dict[int, dict[str, Any]]:
    """By its place in the columns the rows that get a view of their own: of every cause in every cell the smallest."""
    places = store.ask(
        """with placed as (select told.run, told.number, told.cause, length("case") as size,
                                  row_number() over (order by %s) - 1 as place from told),
             ranked as (select *, row_number() over (partition by run, cause order by size, number) as rank
                        from placed where cause is not null)
        select run, number, place from ranked where rank <= ? order by rank, size, run, number limit ?"""
        % _ORDER,
        *(EACH, MOST),
    )
    by_row = {(run, number): place for run, number, place in places}
    rows = store.rows("verdict <> 'agree'")
    return {by_row[row["run"], row["number"]]: row for row in rows if (row["run"], row["number"]) in by_row}
