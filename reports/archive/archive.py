"""An archive of runs: a small file for each run, and a Parquet file for each different set of answers.

``FOLDER/CELL/DATE-VERSIONS.json.gz`` has the first and the last line of a ledger and the name of its answers, and
``FOLDER/CELL/answers/DIGEST.parquet`` has its rows. Most runs of a cell answer alike, and share one file of answers.
The seconds that each check took are not kept.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import re
import tempfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any, List, Optional, Tuple

import duckdb
import msgspec

from reports.ledger import Ledger, LedgerError, read
from reports.ledger.reader import check_run

ENDING = ".json.gz"
_FORMAT = 1
_COLUMNS = ("suite", "variant", "case", "verdict", "property", "known_deviation")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}\Z")  # of a cell, which becomes a folder
_Line = Tuple[List[Optional[str]], str]
_VERSIONS = ("keras", "tensorflow", "torch", "jax")
_LONGEST = 150  # characters of a file's name, without its ending; a ledger may hold any text


class _RunFile(msgspec.Struct, frozen=True):
    """The content of a run's file. ``end`` is None if the run did not finish."""

    format: int
    answers: str
    run: dict[str, Any]
    end: dict[str, Any] | None


@dataclass(frozen=True)
class ArchivedRun:
    """A run in an archive. ``answers`` is the path of its rows, which other runs may share."""

    path: Path
    answers: Path
    run: dict[str, Any]
    end: dict[str, Any] | None

    def load(self, before: tuple[Path, Ledger] | None = None) -> Ledger:
        """Return the run as a ledger. The rows of the run before are used again if the answers are the same.

        ``before`` has the answers' path and the ledger of that run. Raises ``LedgerError`` if there are no answers.
        """
        rows = before[1].rows if before and before[0] == self.answers else _read_rows(self.answers)
        return Ledger(str(self.path), self.run, rows, self.end)


def add_run(ledger: Path | str, folder: Path) -> tuple[Path, bool]:
    """Add a run to the archive. Return its file, and whether its answers differ from all that the cell has.

    A run that is there already, with the same first line, is written again. Raises ``LedgerError`` if the ledger cannot
    be read.
    """
    run = read(ledger)
    cell = str(run.run["cell"])
    if not _NAME.match(cell):
        raise LedgerError("%s: the cell %.100r has no name that can be a folder" % (ledger, cell))
    lines = [_to_line(row) for row in sorted(run.rows, key=lambda row: (row["suite"], row["variant"], row["case"]))]
    digest = hashlib.sha256("\n".join(text for _, text in lines).encode("utf-8")).hexdigest()[:20]
    answers = folder / cell / "answers" / (digest + ".parquet")
    new = not answers.exists()
    if new:
        _write_rows(lines, answers)
    file = _choose_file(folder / cell, run.run)
    content = msgspec.json.encode(_RunFile(_FORMAT, digest, run.run, run.end))
    _replace(file, gzip.compress(content, mtime=0))
    return file, new


def _to_line(row: dict[str, Any]) -> _Line:
    """Return the values of _COLUMNS, and the row as JSON."""
    answer = {name: value for name, value in row.items() if name not in ("seconds", "kind")}
    return [row[name] for name in _COLUMNS], json.dumps(answer, sort_keys=True, separators=(",", ":"))


def _write_rows(lines: Sequence[_Line], path: Path) -> None:
    """Write a Parquet file with the columns of _COLUMNS as text and the whole row as JSON."""
    path.parent.mkdir(parents=True, exist_ok=True)
    columns = [[values[place] for values, _ in lines] for place in range(len(_COLUMNS))] + [[row for _, row in lines]]
    names = ", ".join('unnest(?::VARCHAR[]) as "%s"' % name for name in (*_COLUMNS, "row"))
    with tempfile.TemporaryDirectory(dir=path.parent) as made:
        file = Path(made, "rows.parquet")
        with duckdb.connect() as database:
            database.execute("create table rows as select " + names, columns)
            database.execute("copy rows to '%s' (format parquet, compression zstd)" % str(file).replace("'", "''"))
        os.replace(file, path)


def _read_rows(path: Path) -> list[dict[str, Any]]:
    try:
        # A damaged file may end the database that reads it, so each has its own.
        with duckdb.connect() as database:
            found = database.execute("select row from read_parquet(?)", (str(path),)).fetchall()
        decode = msgspec.json.Decoder(dict[str, Any]).decode
        return [{**decode(text), "kind": "verdict", "seconds": 0.0} for (text,) in found]
    except (duckdb.Error, msgspec.MsgspecError) as error:
        raise LedgerError("%s has no answers: %s" % (path, str(error).splitlines()[0])) from None


def identify_run(run: Mapping[str, Any]) -> str:
    """Return a digest of a run's first line, which tells runs apart that start in the same second."""
    return hashlib.sha256(msgspec.json.encode(run, order="sorted")).hexdigest()


def _choose_file(folder: Path, run: dict[str, Any]) -> Path:
    """Return the file that the run has already, else the first one that no other run has."""
    name = _name_of_run(run)
    for number in count(1):
        file = folder / ("%s%s%s" % (name, "-%d" % number if number > 1 else "", ENDING))
        if not file.exists():
            return file
        try:
            if identify_run(_read_run_file(file).run) == identify_run(run):
                return file
        except LedgerError:
            return file  # it is damaged, and is written again
    raise AssertionError("the numbers have no end")


def _name_of_run(run: dict[str, Any]) -> str:
    """Return the name of a run's file: when it started, its versions, and its shard if it is one of several."""
    started = re.sub(r"[^0-9T]", "", str(run.get("started", "")))[:15] or "unknown"
    versions = ["%s%s" % (name, run[name]) for name in _VERSIONS if name in run]
    shard = str(run.get("shard", "1/1"))
    parts = [started, *versions, *(["shard" + shard.replace("/", "of")] if shard != "1/1" else [])]
    return re.sub(r"[^A-Za-z0-9._-]", "_", "-".join(parts))[:_LONGEST]


def _replace(path: Path, content: bytes) -> None:
    made = path.with_name("%s.%d.part" % (path.name, os.getpid()))
    made.write_bytes(content)
    os.replace(made, path)


def find_runs(folder: Path) -> Iterator[ArchivedRun | tuple[Path, str]]:
    """Yield every run of an archive and its subfolders, and for a file that is not a run its path and the reason."""
    for path in sorted(folder.rglob("*" + ENDING)):
        try:
            found = _read_run_file(path)
        except LedgerError as error:
            yield path, str(error)
            continue
        answers = path.parent / "answers" / (Path(found.answers).name + ".parquet")
        yield ArchivedRun(path, answers, found.run, found.end)


def _read_run_file(path: Path) -> _RunFile:
    """Return the content of a run's file; raise ``LedgerError`` if it is no run of an archive."""
    try:
        found = msgspec.json.decode(gzip.decompress(path.read_bytes()), type=_RunFile)
        if found.format != _FORMAT:
            raise LedgerError("%s has format %d; this version reads %d" % (path, found.format, _FORMAT))
        check_run(found.run, path)
    except (OSError, EOFError, zlib.error, RecursionError, msgspec.MsgspecError, LedgerError) as error:
        raise LedgerError("it is no run of an archive: %s" % error) from None
    return found
