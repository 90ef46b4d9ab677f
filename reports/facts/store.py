"""Ledgers in DuckDB: a table of answers that stays fast with a million rows, and access to single rows in full.

Only reports.ledger decides the category of an answer: once for every kind of answer and not once for every row.
"""

from __future__ import annotations

import json
import tempfile
from dataclasses import dataclass
from functools import lru_cache
from itertools import count
from pathlib import Path
from typing import Any, Collection, Iterator, Sequence
from weakref import finalize

import duckdb

from reports.facts.first_and_last_line import read_first_and_last_line
from reports.ledger import ACCEPTED, CATEGORIES, FAILING, Ledger, LedgerError, category, cause
from reports.ledger.reader import (
    LONGEST,
    allowed_deviation_names,
    check_totals,
    complete_lines,
    make_error_of_repeated_check,
    make_error_of_unknown_deviation,
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
_LOAD = """
insert into answer select ?, line, %s, null, null
from (select *, row_number() over () as line from
      read_json(?, format='newline_delimited', maximum_object_size=%d, columns={kind: 'VARCHAR', %s}))
where kind = 'verdict'""" % (
    ", ".join('"%s"' % name for name in _FIELDS),
    LONGEST,
    ", ".join("\"%s\": '%s'" % field for field in _FIELDS.items()),
)


# SQL that gives '', 'baseline', or 'entry' for the name of any known deviation.
_DEVIATION_KIND = (
    "case when coalesce(known_deviation, '') in ('', '%s') then coalesce(known_deviation, '') else 'entry' end"
)
_DEVIATION_KIND %= ACCEPTED
# Each takes the columns of a small table as lists, because DuckDB is slow row by row.
_SET_CATEGORY = (
    """
update answer set category = kind.category
from (select unnest(?::VARCHAR[]) as verdict, unnest(?::VARCHAR[]) as property, unnest(?::VARCHAR[]) as deviation_kind,
             unnest(?::VARCHAR[]) as category) as kind
where kind.verdict = answer.verdict and kind.property = answer.property and kind.deviation_kind = %s"""
    % _DEVIATION_KIND
)
_SET_CAUSE = """
update answer set cause = reason.cause
from (select unnest(?::INTEGER[]) as run, unnest(?::BIGINT[]) as number, unnest(?::VARCHAR[]) as cause) as reason
where reason.run = answer.run and reason.number = answer.number"""

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
        self.runs = [self._load(number, path) for number, path in enumerate(paths)]
        cells = [run.cell for run in self.runs]
        twice = sorted({cell for cell in cells if cells.count(cell) > 1})
        if twice:
            raise LedgerError("more than one ledger is of the cell %s; give one each" % ", ".join(twice))
        other = next((run for run in self.runs if run.run["axes"] != self.runs[0].run["axes"]), None)
        if other:
            raise LedgerError("%s has other parameters in its case ids than %s" % (other.path, self.runs[0].path))
        self._give_meaning()
        for run in self.runs:
            query = "select category, count(*) from answer where run = ? group by all"
            counts = dict(self.query(query, run.number)) if run.end else {}
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

    def _load(self, number: int, path: Path | str) -> Run:
        header, end, answers = read_first_and_last_line(path)
        with tempfile.TemporaryDirectory() as folder:
            try:
                loaded = self.query(_LOAD, number, str(_path_without_broken_end(Path(path), Path(folder))))[0][0]
            except duckdb.Error as error:
                raise LedgerError("%s is not a ledger: %s" % (path, str(error).splitlines()[0])) from None
        if loaded != answers:
            raise LedgerError("%s has %d answers, and DuckDB reads %d" % (path, answers, loaded))
        self._check(number, path, header)
        return Run(number, str(path), header, end, answers)

    def _check(self, run: int, path: Path | str, header: dict[str, Any]) -> None:
        """Raise ``LedgerError`` if rows do not fit together, in the words of ``reports.ledger.read``."""
        repeated = self.query(
            'select max(number) from answer where run = ? group by "case", suite, variant having count(*) > 1 limit 1',
            run,
        )
        if repeated:
            raise make_error_of_repeated_check(repeated[0][0], path)
        unknown = self.query(
            "select number, known_deviation from answer where run = ? and known_deviation is not null "
            "and not list_contains(?, known_deviation) order by number limit 1",
            *(run, [name for name in allowed_deviation_names(header) if name is not None]),
        )
        if unknown:
            raise make_error_of_unknown_deviation(unknown[0][1], unknown[0][0], path)

    def _give_meaning(self) -> None:
        """Set the category of every answer, and the cause of those that do not agree."""
        kinds = self.query("select distinct verdict, property, %s from answer" % _DEVIATION_KIND)
        names = ("verdict", "property", "known_deviation")
        self._update(_SET_CATEGORY, [(*kind, category(dict(zip(names, kind)))) for kind in kinds])
        reasons = [
            (row["run"], row["number"], cause(row, self.runs[row["run"]].run.get("contract", ())))
            for row in self.rows("verdict <> 'agree'")
        ]
        self._update(_SET_CAUSE, reasons)

    def _update(self, statement: str, rows: Sequence[tuple[Any, ...]]) -> None:
        if rows:
            self._db.execute(statement, [list(column) for column in zip(*rows)])


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
