"""Ledgers in DuckDB: a table of answers that stays fast with a million rows, and access to single rows in full.

Only reports.ledger decides the category of an answer: once for every kind of answer and not once for every row. Both
category and cause are known before the rows are loaded (ledger_facts.py).
"""

from __future__ import annotations

import json
import tempfile
from collections import Counter
from dataclasses import dataclass
from functools import lru_cache
from itertools import count
from pathlib import Path
from typing import Any, Collection, Iterator, Sequence
from weakref import finalize

import duckdb

from reports.facts.ledger_facts import read_facts
from reports.ledger import CATEGORIES, FAILING, Ledger, LedgerError
from reports.ledger.reader import (
    LONGEST,
    check_totals,
    complete_lines,
    make_error_of_repeated_check,
)

_JSON = ("expected", "observed", "measured", "smallest", "history")
_FIELDS = {
    **dict.fromkeys(
        ("case", "suite", "variant", "property", "verdict", "known_deviation", "compared", "diagnosis"), "VARCHAR"
    ),
    **dict.fromkeys(("data", "snippet", "ended_deviation"), "VARCHAR"),
    "checked": "VARCHAR[]",
    "seconds": "DOUBLE",
    **dict.fromkeys(_JSON, "JSON"),
}


_TABLE = "create table answer (run INTEGER, number BIGINT, %s, category VARCHAR, cause VARCHAR)" % ", ".join(
    '"%s" %s' % field for field in _FIELDS.items()
)
# Categories and causes are joined from lists, because DuckDB inserts single rows slowly.
_LOAD = """
insert into answer select ?, line, %s, meaning.category, reason.cause
from (select *, row_number() over () as line from
      read_json(?, format='newline_delimited', maximum_object_size=%d, columns={kind: 'VARCHAR', %s})) as row
join (select unnest(?::VARCHAR[]) as verdict, unnest(?::VARCHAR[]) as property,
             unnest(?::VARCHAR[]) as known_deviation, unnest(?::VARCHAR[]) as category) as meaning
     on meaning.verdict = row.verdict and meaning.property = row.property
     and meaning.known_deviation = coalesce(row.known_deviation, '')
left join (select unnest(?::BIGINT[]) as number, unnest(?::VARCHAR[]) as cause) as reason on reason.number = row.line
where kind = 'verdict'""" % (
    ", ".join('row."%s"' % name for name in _FIELDS),
    LONGEST,
    ", ".join("\"%s\": '%s'" % field for field in _FIELDS.items()),
)

_numbers = count()


@lru_cache(maxsize=None)
def _start_duckdb() -> duckdb.DuckDBPyConnection:
    """Return the connection of this process, started once: its start takes 17 ms, and one more database 0.5 ms."""
    return duckdb.connect(config={"preserve_insertion_order": True})


def _drop_database(name: str) -> None:
    with _start_duckdb().cursor() as cursor:
        cursor.execute("detach %s" % name)


@dataclass(frozen=True)
class Run:
    """The first and the last line of one ledger.

    ``end`` is None if the run did not finish. ``number`` is the index of the run in the store, ``answers`` the number
    of its rows.
    """

    number: int
    path: str
    run: dict[str, Any]
    end: dict[str, Any] | None
    answers: int = 0

    @property
    def cell(self) -> str:
        """Return the name of the run's cell."""
        return str(self.run["cell"])


class Store:
    """The answers of one or several runs, for queries in SQL.

    The table ``answer`` has the rows of the ledgers, with the category of each answer and, if it does not agree, its
    cause. Both are columns, because a join in each query takes longer than the query.
    """

    def __init__(self, paths: Sequence[Path | str]) -> None:
        name = "store_%d" % next(_numbers)
        self._enter = "use %s" % name
        self._db = _start_duckdb().cursor()
        self._db.execute("attach ':memory:' as %s" % name)
        finalize(self, _drop_database, name)
        self._db.execute(self._enter).execute(_TABLE)
        loaded = [self._load(number, path) for number, path in enumerate(paths)]
        self.runs, counted = [run for run, _ in loaded], [counts for _, counts in loaded]
        cells = [run.cell for run in self.runs]
        twice = sorted({cell for cell in cells if cells.count(cell) > 1})
        if twice:
            raise LedgerError("more than one ledger is of the cell %s; give one each" % ", ".join(twice))
        other = next((run for run in self.runs if run.run["axes"] != self.runs[0].run["axes"]), None)
        if other:
            raise LedgerError("%s has other parameters in its case ids than %s" % (other.path, self.runs[0].path))
        for run, counts in zip(self.runs, counted):
            check_totals(run.path, run.run, run.end, run.answers, counts)

    def query(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        """Return the rows of a query."""
        return self._db.execute(query, values).fetchall()

    def iterate_query(self, query: str, *values: Any) -> Iterator[tuple[Any, ...]]:
        """Yield the rows of a query, fetched in batches."""
        with self._db.cursor() as cursor:
            found = cursor.execute(self._enter).execute(query, values)
            for batch in iter(lambda: found.fetchmany(10000), []):
                yield from batch

    def arrays(self, query: str, *values: Any) -> dict[str, Any]:
        """Return the columns of a query as NumPy arrays."""
        return dict(self._db.execute(query, values).fetchnumpy())

    def rows(self, condition: str, *values: Any) -> Iterator[dict[str, Any]]:
        """Yield rows in full, as in the ledger, with ``run`` and ``number`` added, in the order of the ledgers."""
        names = ["run", "number", *_FIELDS]
        columns = ", ".join('"%s"' % name for name in names)
        for record in self.iterate_query(
            "select %s from answer where %s order by run, number" % (columns, condition), *values
        ):
            row = dict(zip(names, record))
            row.update({name: json.loads(row[name]) for name in _JSON if row[name] is not None})
            yield row

    def part(self, run: Run, suites: Collection[str]) -> Ledger:
        """Return the run as a ledger with only the rows of these suites."""
        rows = list(self.rows("run = ? and list_contains(?, suite)", run.number, list(suites)))
        return Ledger(run.path, run.run, rows, run.end)

    def _load(self, number: int, path: Path | str) -> tuple[Run, Counter[str]]:
        """Load a ledger; return its run and the number of answers of each category."""
        facts = read_facts(path)
        kinds = {(verdict, property, name or "", key) for (verdict, property, name), key in facts.categories.items()}
        meaning = [*_make_columns(list(kinds), 4), *_make_columns(facts.causes, 2)]
        with tempfile.TemporaryDirectory() as folder:
            try:
                whole = _path_without_broken_end(Path(path), Path(folder))
                loaded = self.query(_LOAD, number, str(whole), *meaning)[0][0]
            except duckdb.Error as error:
                raise LedgerError("%s is not a ledger: %s" % (path, str(error).splitlines()[0])) from None
        if loaded != facts.answers:
            raise LedgerError("%s has %d answers, and DuckDB reads %d" % (path, facts.answers, loaded))
        repeated = self.query(
            'select max(number) from answer where run = ? group by "case", suite, variant having count(*) > 1 limit 1',
            number,
        )
        if repeated:
            raise make_error_of_repeated_check(repeated[0][0], path)
        if facts.unknown:
            raise facts.unknown
        return Run(number, str(path), facts.run, facts.end, facts.answers), facts.count_categories()


def _make_columns(rows: Sequence[tuple[Any, ...]], width: int) -> list[list[Any]]:
    """Return the columns of rows, also of no rows."""
    return [list(column) for column in zip(*rows)] or [[] for _ in range(width)]


def failing_categories_in_sql() -> str:
    """Return the categories that make a run fail, as a list in SQL."""
    return ", ".join("'%s'" % key for key in CATEGORIES if key in FAILING)


def _path_without_broken_end(path: Path, folder: Path) -> Path:
    """Return the path, or that of a copy without the last line if that line was cut off during the write."""
    with open(path, "rb") as source:
        source.seek(-1, 2)
        if source.read() == b"\n":
            return path
    copy = folder / "complete.jsonl"
    with open(copy, "wb") as target:
        target.writelines(line for _, line in complete_lines(path))
    return copy
