"""Read a ledger, and refuse a file that is not one, with the line and what is wrong with it. Runs on Python 3.7."""

from __future__ import annotations

import gc
import json
import os
import re
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, Iterator, Mapping

from reports.ledger.categories import ACCEPTED, CATEGORIES, SCHEMA, VERDICTS, Row, category
from reports.ledger.compiled_schema import Check, compile_schema, read_definitions
from reports.ledger.digests import DigestSet
from reports.ledger.files import LedgerError

LONGEST = 2**24  # bytes of a line; the first and the last one list much
LONGEST_ROW = 2**20  # bytes of a line with an answer; a run writes at most a quarter of it
_DEEPEST = 64  # levels of lists and objects
_DAMAGED = "; the file is damaged: take a copy of it, or repeat the run"


@dataclass
class Ledger:
    """One run, read from a file. ``end`` is None if the run did not finish.

    ``size`` is the number of bytes up to a last line that was cut off during the write, if there is one.
    """

    path: str
    run: dict[str, Any]
    rows: list[dict[str, Any]] = field(default_factory=list)
    end: dict[str, Any] | None = None
    size: int = 0


def read(path: Path | str) -> Ledger:
    """Return the ledger in a file.

    Raises ``LedgerError`` if the file is not a ledger, has another schema, or is broken before its last line.
    """
    collects = gc.isenabled()
    gc.disable()  # rows have no cycles, and looking for some takes a third of the time
    try:
        return _read(path)
    finally:
        if collects:
            gc.enable()


def _read(path: Path | str) -> Ledger:
    reading = LedgerReader(path)
    rows = list(reading.rows())
    return Ledger(str(path), reading.run, rows, reading.end, reading.size)


class LedgerReader:
    """A ledger that is read row by row, so that a large one does not fill the memory.

    ``run`` is known at once. ``end`` and ``size`` are those of ``Ledger``, when ``rows`` has yielded all rows.
    """

    def __init__(self, path: Path | str) -> None:
        """Read the first line; raise ``LedgerError`` if the file is not a ledger, or has another schema."""
        self.path = str(path)
        self._lines = complete_lines(path)
        number, line = next(self._lines, (1, b""))
        self.run: dict[str, Any] = parse(line, number, path) if line else {}
        check_run(self.run or None, path)
        self.end: dict[str, Any] | None = None
        self.size = len(line)

    def rows(self) -> Iterator[dict[str, Any]]:
        """Yield every row once; raise ``LedgerError`` where the file is broken before its last line."""
        for row, _ in self.rows_and_lines():
            yield row

    def rows_and_lines(self) -> Iterator[tuple[dict[str, Any], bytes]]:
        """Yield every row once, with its line in the file."""
        seen, names = DigestSet(), allowed_deviation_names(self.run)
        counts = dict.fromkeys(CATEGORIES, 0)
        for number, line in self._lines:
            row = parse(line, number, self.path)
            self.size += len(line)
            check_line(row, number, self.path, self.end is not None)
            if row["kind"] == "end":
                self.end = row
                continue
            if not seen.add(row["case"], row["suite"], row["variant"]):
                raise make_error_of_repeated_check(number, self.path)
            if row["known_deviation"] not in names:
                raise make_error_of_unknown_deviation(row["known_deviation"], number, self.path)
            counts[category(row)] += 1
            yield row, line
        check_totals(self.path, self.run, self.end, len(seen), counts)


def complete_lines(path: Path | str) -> Iterator[tuple[int, bytes]]:
    """Yield the number and the bytes of every line that was written whole: a last line without its end is left out.

    Raises ``LedgerError`` if the file cannot be read or a line is longer than any run writes.
    """
    try:
        if os.path.exists(str(path)) and not os.path.isfile(str(path)):
            raise LedgerError("%s cannot be read: it is not a regular file; give the path of a ledger" % path)
        with open(str(path), "rb") as file:
            number = 1
            for line in iter(lambda: file.readline(LONGEST + 1), b""):
                if len(line) > LONGEST:
                    raise LedgerError("%s, line %d is longer than %d MiB%s" % (path, number, LONGEST >> 20, _DAMAGED))
                if not line.endswith(b"\n"):
                    return
                yield number, line
                number += 1
    except (OSError, ValueError) as error:
        if isinstance(error, LedgerError):
            raise
        raise LedgerError("%s cannot be read: %s" % (path, getattr(error, "strerror", None) or error)) from None


def parse(line: bytes, number: int, path: Path | str) -> dict[str, Any]:
    """Return the object that a line holds; raise ``LedgerError`` if it is not strict JSON of bounded depth."""
    try:
        row = _DECODER.decode(line.decode("utf-8"))
        if is_plain(line):
            return _as_row(row, number, path)
        if _SURROGATE.search(line):
            json.dumps(row, ensure_ascii=False).encode("utf-8")  # half of a surrogate pair is no character
        if _measure_depth(row) > _DEEPEST:
            raise ValueError("it is nested more than %d levels deep" % _DEEPEST)
    except RecursionError:
        raise LedgerError("%s, line %d is not JSON: it is nested too deeply%s" % (path, number, _DAMAGED)) from None
    except ValueError as error:
        raise LedgerError("%s, line %d is not JSON: %s%s" % (path, number, str(error)[:200], _DAMAGED)) from None
    found = _as_row(row, number, path)
    if len(line) > LONGEST_ROW and found.get("kind") == "verdict":
        raise LedgerError("%s, line %d is longer than %d MiB%s" % (path, number, LONGEST_ROW >> 20, _DAMAGED))
    return found


def is_plain(line: bytes) -> bool:
    """Return whether a line is short and flat and has no half of a surrogate pair, which most lines are."""
    brackets = line.count(b"[") + line.count(b"{")
    return len(line) <= LONGEST_ROW and brackets <= _DEEPEST and not (b"\\u" in line and _SURROGATE.search(line))


def _as_row(row: Any, number: int, path: Path | str) -> dict[str, Any]:
    if not isinstance(row, dict):
        raise LedgerError("%s, line %d is not an object%s" % (path, number, _DAMAGED))
    return row


def _refuse_constant(name: str) -> None:
    raise ValueError("it has the number %s" % name)


def _parse_finite_number(text: str) -> float:
    number = float(text)
    if number - number != 0:
        raise ValueError("it has the number %s" % text[:30])
    return number


_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")
_DECODER = json.JSONDecoder(parse_constant=_refuse_constant, parse_float=_parse_finite_number)


def _measure_depth(value: Any) -> int:
    """Return how many levels of lists and objects a value has."""
    levels, level = 0, [value]
    while level:
        levels += 1
        inner = [one for one in level if isinstance(one, (list, dict))]
        level = [item for one in inner for item in (one.values() if isinstance(one, dict) else one)]
    return levels - 1


def check_run(header: Any, path: Path | str) -> None:
    """Raise ``LedgerError`` unless ``header`` is the first line of a ledger and has this version's schema."""
    if not isinstance(header, dict) or header.get("kind") != "run":
        raise LedgerError("%s is not a ledger: its first line is not a run; give the file that --ledger wrote" % path)
    if header.get("schema") != SCHEMA:
        raise LedgerError(
            "%s has ledger schema %.20s, this version reads %d; use the reports of the version that wrote it"
            % (path, header.get("schema"), SCHEMA)
        )
    _check("run", header, 1, path)


def check_line(row: Row, number: int, path: Path | str, ended: bool) -> None:
    """Raise ``LedgerError`` unless a line after the first is an answer or an end row as the schema says.

    ``ended`` says whether an end row came before.
    """
    if ended:
        raise LedgerError("%s, line %d comes after the end row%s" % (path, number, _DAMAGED))
    kind = row.get("kind")
    if kind not in ("verdict", "end"):
        words = "lacks kind" if kind is None else "is of the unknown kind %.60r" % (kind,)
        words = "is a second first line; did two runs write to it?" if kind == "run" else words + _DAMAGED
        raise LedgerError("%s, line %d %s" % (path, number, words))
    verdict = row.get("verdict")
    if kind == "verdict" and isinstance(verdict, str) and verdict not in VERDICTS:
        raise LedgerError("%s, line %d has the unknown verdict %.60r%s" % (path, number, verdict, _DAMAGED))
    _check(str(kind), row, number, path)


@lru_cache(maxsize=None)  # not at the import, since most runs read no ledger
def _make_check(kind: str) -> Check:
    definitions = read_definitions()
    return compile_schema(definitions[kind], definitions)


def _check(kind: str, row: Row, number: int, path: Path | str) -> None:
    problem = _make_check(kind)(row)
    if problem:
        link = ": " if problem.path else " "
        raise LedgerError("%s, line %d%s%s%s" % (path, number, link, problem.to_text(), _DAMAGED))


def allowed_deviation_names(header: Mapping[str, Any]) -> set[str | None]:
    """Return what a row's ``known_deviation`` may be in a run with this header."""
    return {None, ACCEPTED, *(entry["name"] for entry in header["known_deviations"])}


def make_error_of_repeated_check(number: int, path: Path | str) -> LedgerError:
    """Return the error of a check that has two answers."""
    return LedgerError("%s, line %d repeats a check; did two runs write to it?" % (path, number))


def make_error_of_unknown_deviation(name: str, number: int, path: Path | str) -> LedgerError:
    """Return the error of a known deviation that the first line does not list."""
    words = "has the known deviation %.60r, which the first line does not list" % name
    return LedgerError("%s, line %d %s%s" % (path, number, words, _DAMAGED))


def check_totals(path: Path | str, header: Row, end: Row | None, answers: int, counts: Mapping[str, int]) -> None:
    """Raise ``LedgerError`` if there are more answers than were planned, or the end row has other totals.

    ``counts`` is the number of answers by category; it is only needed with an end row.
    """
    planned = header["planned"]
    if answers > planned:
        raise LedgerError("%s has %d answers of %d planned; did two runs write to it?" % (path, answers, planned))
    if end is None:
        return
    other = [name for name in {**CATEGORIES, **end["counts"]} if end["counts"].get(name, 0) != counts.get(name, 0)]
    if answers < planned or end["planned"] != planned or other:
        words = "%s of %s, and the file has %d of %d" % (sum(end["counts"].values()), end["planned"], answers, planned)
        where = "; other counts of: %s" % ", ".join(other)[:100] if other else ""
        raise LedgerError("%s ends with totals that are not its own: %s%s%s" % (path, words, where, _DAMAGED))
