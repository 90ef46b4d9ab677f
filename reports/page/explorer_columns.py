"""Every check as a row of columns, for the explorer (the page's table of every check), and the checks shown in full."""

from __future__ import annotations

from typing import Any, Mapping

import numpy as np

from reports.facts.breakdown import fields_in_sql
from reports.facts.store import Store, failing_categories_in_sql
from reports.ledger import case_hash
from reports.page.packed_columns import HASH, Column, Numbers

# The order of the rows in the columns. Deviations come first, and similar rows are adjacent, which packs well.
_LISTING = (
    "case when category in (%s) then 0 when category = 'known-deviation' then 1 "
    "when verdict = 'not-run' then 2 else 3 end"
)
_ORDER = _LISTING % failing_categories_in_sql() + ', answer.run, suite, variant, "case", answer.number'
# The most checks that are shown in full: for one cause in one cell, and in all.
EACH, MOST = 40, 2000


def make_columns(store: Store) -> list[Column | Numbers]:
    """Return the columns of the explorer: the cell, the suite and mode, the axes of the case, and the result."""
    names = _order_answers(store)
    columns = _make_columns_of_words(store, names)
    seconds = store.arrays("select seconds from placed")["seconds"]
    numbers = Numbers("seconds", np.ma.filled(seconds, np.nan).astype(np.float32))
    return [*(columns[name] for name in names if name != HASH), numbers, _make_hash_column(columns[HASH])]


def _order_answers(store: Store) -> dict[str, str]:
    """Create the table of the answers in the order of the rows, so that they are sorted once.

    Returns the table's own name for each column.
    """
    fields = fields_in_sql(store.runs[0].run["axes"])
    expressions = {
        "cell": "list_extract(?::VARCHAR[], answer.run + 1)",
        **{name: "coalesce(%s, '')" % expression for name, expression in fields.items()},
        HASH: '"case"',
    }
    names = {name: "v%d" % place for place, name in enumerate(expressions)}
    further = ", ".join("%s as %s" % (expression, names[name]) for name, expression in expressions.items())
    store.query(
        "create temp table if not exists placed as select answer.run, answer.number, answer.cause, "
        'seconds::FLOAT as seconds, length("case") as size, %s from answer order by %s' % (further, _ORDER),
        [run.cell for run in store.runs],
    )
    return names


def _make_columns_of_words(store: Store, names: Mapping[str, str]) -> dict[str, Column]:
    """Return each column: a dictionary in alphabetical order, and the index of every row's value in it.

    ``names`` has the name of the column in the table of the answers. All columns are read at once.
    """
    types = {own_name: "word_%s" % own_name for own_name in names.values()}
    for own_name, words in types.items():
        store.query("drop type if exists %s" % words)
        store.query("create type %s as enum (select distinct %s as v from placed order by v)" % (words, own_name))
    codes = store.arrays(
        "select %s from placed" % ", ".join("enum_code(%s::%s)::UINTEGER as %s" % (n, t, n) for n, t in types.items())
    )
    (found,) = store.query("select %s" % ", ".join("enum_range(null::%s)" % words for words in types.values()))
    return {
        name: Column(name, [str(one) for one in values], np.asarray(codes[own_name]))
        for (name, own_name), values in zip(names.items(), found)
    }


def _make_hash_column(cases: Column) -> Column:
    """Return the column of case hashes. A hash is the shortest stable name of a case."""
    hashes = [case_hash(case) for case in cases.values]
    distinct, places = np.unique(hashes, return_inverse=True)  # two cases may have the same hash
    return Column(HASH, distinct.tolist(), places.astype(np.uint32)[cases.codes])


def rows_in_full(store: Store) -> dict[int, dict[str, Any]]:
    """Return the rows that are shown in full, by their index in the columns: the smallest of every cause and cell."""
    _order_answers(store)
    store.query(
        """create or replace table in_full as
        with numbered as (select run, number, cause, size, row_number() over () - 1 as place from placed),
             ranked as (select *, row_number() over (partition by run, cause order by size, number) as rank
                        from numbered where cause is not null)
        select run, number, place from ranked where rank <= ? order by rank, size, run, number limit ?""",
        *(EACH, MOST),
    )
    places = {(run, number): place for run, number, place in store.query("select run, number, place from in_full")}
    rows = store.rows("(run, number) in (select (run, number) from in_full)")
    return {places[row["run"], row["number"]]: row for row in rows}
