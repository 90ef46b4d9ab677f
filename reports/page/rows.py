"""Every question of the runs as a row of columns, for the explorer; and those that are told in full. No markup."""

from __future__ import annotations

from typing import Any

import numpy as np

from reports.facts.breakdown import fields_in_sql
from reports.facts.store import Store, failing
from reports.ledger import case_hash
from reports.page.columns import HASH, Column, Numbers

# The order in which rows stand in the columns: what deviates first; what is alike lies together, which packs well.
_STANDING = (
    "case when outcome in (%s) then 0 when outcome = 'excused' then 1 when verdict = 'not-run' then 2 else 3 end"
)
_ORDER = _STANDING % failing() + ', told.run, suite, mode, "case", told.number'
# Told in full, questions with one cause in one cell at most, and of all of them.
EACH, MOST = 40, 2000


def columns(store: Store) -> list[Column | Numbers]:
    """The columns of the explorer: the cell, what was asked, the axes of the case, what came of it."""
    names = _placed(store)
    made: list[Column | Numbers] = [_column(store, name, named) for name, named in names.items() if name != HASH]
    seconds = store.arrays("select seconds from placed")["seconds"]
    made.append(Numbers("seconds", np.ma.filled(seconds, np.nan).astype(np.float32)))
    return [*made, _hashes(_column(store, HASH, names[HASH]))]


def _placed(store: Store) -> dict[str, str]:
    """A table of the answers in the order of the columns, sorted once; what it calls each column."""
    told = fields_in_sql(store.runs[0].run["axes"])
    expressions = {
        "cell": "list_extract(?::VARCHAR[], told.run + 1)",
        **{name: "coalesce(%s, '')" % expression for name, expression in told.items()},
        HASH: '"case"',
    }
    names = {name: "v%d" % place for place, name in enumerate(expressions)}
    further = ", ".join("%s as %s" % (expression, names[name]) for name, expression in expressions.items())
    store.ask(
        "create temp table if not exists placed as select told.run, told.number, told.cause, "
        'seconds::FLOAT as seconds, length("case") as size, %s from told order by %s' % (further, _ORDER),
        [run.cell for run in store.runs],
    )
    return names


def _column(store: Store, name: str, named: str) -> Column:
    """A dictionary in alphabetical order, and the place of every row's value in it."""
    store.ask("create or replace temp table words as select distinct %s as v from placed order by v" % named)
    store.ask("drop type if exists word")
    store.ask("create type word as enum (select v from words order by v)")
    codes = store.arrays("select enum_code(%s::word)::UINTEGER as code from placed" % named)["code"]
    return Column(name, [str(v) for (v,) in store.ask("select v from words order by v")], np.asarray(codes))


def _hashes(cases: Column) -> Column:
    """Of the case; the shortest stable name a question's case has."""
    hashes = [case_hash(case) for case in cases.values]
    distinct, places = np.unique(hashes, return_inverse=True)  # two cases may share one
    return Column(HASH, distinct.tolist(), places.astype(np.uint32)[cases.codes])


def told_in_full(store: Store) -> dict[int, dict[str, Any]]:
    """By its place in the columns the rows that get a view of their own: of every cause in every cell the smallest."""
    _placed(store)
    store.ask(
        """create or replace table in_full as
        with numbered as (select run, number, cause, size, row_number() over () - 1 as place from placed),
             ranked as (select *, row_number() over (partition by run, cause order by size, number) as rank
                        from numbered where cause is not null)
        select run, number, place from ranked where rank <= ? order by rank, size, run, number limit ?""",
        *(EACH, MOST),
    )
    places = {(run, number): place for run, number, place in store.ask("select run, number, place from in_full")}
    rows = store.rows("(run, number) in (select (run, number) from in_full)")
    return {places[row["run"], row["number"]]: row for row in rows}
