"""Ledgers in DuckDB: a table of answers that stays fast with a million rows, and access to single rows in full.

Only reports.ledger decides the category of an answer: once for every kind of answer and not once for every row.
"""

from __future__ import annotations

import json
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Collection, Iterator, Sequence

import duckdb

from reports.ledger import ACCEPTED, CATEGORIES, FAILING, VERDICTS, Ledger, LedgerError, category, cause, check_run

_JSON = ("expected", "observed", "measured", "smallest", "history")
_FIELDS = {
    **dict.fromkeys(
        ("case", "suite", "variant", "property", "verdict", "known_deviation", "compared", "diagnosis"), "VARCHAR"
    ),
    **dict.fromkeys(("data", "snippet"), "VARCHAR"),
    "checked": "VARCHAR[]",
    "seconds": "DOUBLE",
    **dict.fromkeys(_JSON, "JSON"),
}
_NEEDED = ("case", "suite", "variant", "property", "verdict", "expected", "observed", "checked", "measured")


def _deviation_kind(column: str) -> str:
    """Return SQL that gives '', 'baseline', or 'entry' for the name of any known deviation."""
    return f"case when coalesce({column}, '') in ('', '{ACCEPTED}') then coalesce({column}, '') else 'entry' end"


_TABLES = """
create table answer (run INTEGER, number BIGINT, %s);
create table meaning (verdict VARCHAR, property VARCHAR, known_deviation VARCHAR, category VARCHAR, place INTEGER);
create table reason (run INTEGER, number BIGINT, cause VARCHAR);
create view result as select answer.*, meaning.category, meaning.place, reason.cause from answer
    join meaning on meaning.verdict = answer.verdict and meaning.property = answer.property
                and meaning.known_deviation = %s
    left join reason on reason.run = answer.run and reason.number = answer.number;
""" % (", ".join('"%s" %s' % field for field in _FIELDS.items()), _deviation_kind("answer.known_deviation"))
# A message may be long, and by default DuckDB refuses objects over 16 MiB.
_LONGEST = 256 * 1024 * 1024
_LOAD = """
insert into answer select ?, line, %s
from (select *, row_number() over () as line from
      read_json(?, format='newline_delimited', maximum_object_size=%d, columns={kind: 'VARCHAR', %s}))
where line > 1 and kind is distinct from 'end'""" % (
    ", ".join('"%s"' % name for name in _FIELDS),
    _LONGEST,
    ", ".join("\"%s\": '%s'" % field for field in _FIELDS.items()),
)


@dataclass(frozen=True)
class Run:
    """The first and the last line of one ledger.

    ``end`` is None if the run did not finish. ``number`` is the index of the run in the store.
    """

    number: int
    path: str
    run: dict[str, Any]
    end: dict[str, Any] | None

    @property
    def cell(self) -> str:
        """Return the name of the run's cell."""
        return str(self.run["cell"])


class Store:
    """The answers of one or several runs, for queries in SQL.

    The table ``answer`` has the rows of the ledgers. The view ``result`` adds the category of each answer, its place
    among CATEGORIES and, if it does not agree, its cause.
    """

    def __init__(self, paths: Sequence[Path | str]) -> None:
        self._db = duckdb.connect()
        self._db.execute("set preserve_insertion_order = true")
        self._db.execute(_TABLES)
        self.runs = [self._load(number, path) for number, path in enumerate(paths)]
        cells = [run.cell for run in self.runs]
        twice = sorted({cell for cell in cells if cells.count(cell) > 1})
        if twice:
            raise LedgerError("more than one ledger is of the cell %s; give one each" % ", ".join(twice))
        other = next((run for run in self.runs if run.run["axes"] != self.runs[0].run["axes"]), None)
        if other:
            raise LedgerError("%s has other parameters in its case ids than %s" % (other.path, self.runs[0].path))
        self._give_meaning()

    def ask(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        """Return the rows of a query."""
        return self._db.execute(query, values).fetchall()

    def iterate_query(self, query: str, *values: Any) -> Iterator[tuple[Any, ...]]:
        """Yield the rows of a query, fetched in batches."""
        found = self._db.cursor().execute(query, values)
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
            "select %s from result where %s order by run, number" % (columns, condition), *values
        ):
            row = dict(zip(names, record))
            row.update({name: json.loads(row[name]) for name in _JSON if row[name] is not None})
            yield row

    def part(self, run: Run, suites: Collection[str]) -> Ledger:
        """Return the run as a ledger with only the rows of these suites."""
        rows = list(self.rows("run = ? and list_contains(?, suite)", run.number, list(suites)))
        return Ledger(run.path, run.run, rows, run.end)

    def _load(self, number: int, path: Path | str) -> Run:
        with tempfile.TemporaryDirectory() as folder:
            whole = _path_without_broken_end(Path(path), Path(folder))
            try:
                header, end = self._frame(whole, path)
                self._db.execute(_LOAD, (number, str(whole)))
            except duckdb.Error as error:
                raise LedgerError("%s is not a ledger: %s" % (path, str(error).splitlines()[0])) from None
        self._check(number, path)
        return Run(number, str(path), header, end)

    def _frame(self, whole: Path, path: Path | str) -> tuple[dict[str, Any], dict[str, Any] | None]:
        """Return the first line of a ledger, and its end row or None."""
        with open(whole, encoding="utf-8") as lines:
            try:
                header = json.loads(next(lines, "null"))
            except (json.JSONDecodeError, UnicodeDecodeError) as error:
                raise LedgerError("%s, line 1 is not JSON: %s" % (path, error)) from None
        check_run(header, path)
        found = self.ask(
            "select json from read_ndjson_objects(?, maximum_object_size=%d) "
            "where json_extract_string(json, '$.kind') = 'end'" % _LONGEST,
            str(whole),
        )
        return header, json.loads(found[-1][0]) if found else None

    def _check(self, run: int, path: Path | str) -> None:
        """Raise ``LedgerError`` if a row lacks a field, has an unknown verdict or repeats a check.

        The messages are the same as in reports.ledger.
        """
        for name in _NEEDED:
            lacking = self.ask('select min(number) from answer where run = ? and "%s" is null' % name, run)[0][0]
            if lacking is not None:
                raise LedgerError("%s, line %d lacks %s" % (path, lacking, name))
        unknown = self.ask(
            "select number, verdict from answer where run = ? and not list_contains(?, verdict) "
            "order by number limit 1",
            *(run, list(VERDICTS)),
        )
        repeated = self.ask(
            'select max(number) from answer where run = ? group by "case", suite, variant having count(*) > 1 limit 1',
            run,
        )
        for number, reason in [(n, "has the unknown verdict %r" % verdict) for n, verdict in unknown] + [
            (n, "repeats a check") for (n,) in repeated
        ]:
            raise LedgerError("%s, line %d %s; did two runs write to it?" % (path, number, reason))

    def _give_meaning(self) -> None:
        kinds = self.ask("select distinct verdict, property, %s from answer" % _deviation_kind("known_deviation"))
        order = list(CATEGORIES)
        for verdict, property, known_deviation in kinds:
            means = category({"verdict": verdict, "property": property, "known_deviation": known_deviation})
            self._db.execute(
                "insert into meaning values (?, ?, ?, ?, ?)",
                (verdict, property, known_deviation, means, order.index(means)),
            )
        reasons = [
            (row["run"], row["number"], cause(row, self.runs[row["run"]].run.get("contract", ())))
            for row in self.rows("verdict <> 'agree'")
        ]
        if reasons:
            self._insert(reasons)

    def _insert(self, reasons: Sequence[tuple[int, int, str]]) -> None:
        """Insert all reasons in one statement with three lists, because DuckDB is slow row by row."""
        self._db.execute(
            "insert into reason select unnest(?::INTEGER[]), unnest(?::BIGINT[]), unnest(?::VARCHAR[])",
            [list(column) for column in zip(*reasons)],
        )


def failing_categories_in_sql() -> str:
    """Return the categories that make a run fail, as a list in SQL."""
    return ", ".join("'%s'" % key for key in CATEGORIES if key in FAILING)


def _path_without_broken_end(path: Path, folder: Path) -> Path:
    """Return the path, or that of a copy without the last line if that line was cut off during the write.

    Raises ``LedgerError`` if the file is empty or cannot be read.
    """
    try:
        with open(path, "rb") as file:
            file.seek(0, 2)
            if not file.tell():
                raise LedgerError("%s is no ledger: it is empty" % path)
            file.seek(-1, 2)
            if file.read() == b"\n":
                return path
        copy = folder / "complete.jsonl"
        with open(path, "rb") as source, open(copy, "wb") as target:
            for line in source:
                target.write(line if line.endswith(b"\n") else b"")
        return copy
    except OSError as error:
        raise LedgerError("%s cannot be read: %s" % (path, error)) from None
