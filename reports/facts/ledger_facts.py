"""Reads the first and last line of a ledger and the category and cause of each answer, and checks every line.

This module decodes every line once, so that DuckDB need not return the rows for it.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec

from reports.ledger import LedgerError, category, cause
from reports.ledger.reader import (
    allowed_deviation_names,
    check_line,
    check_run,
    complete_lines,
    is_plain,
    make_error_of_unknown_deviation,
    parse,
)

Kind = tuple[str, str, str | None]  # verdict, property and known deviation, which decide the category


@dataclass
class LedgerFacts:
    """The first line of a ledger, its end row or None, and the categories and causes of its answers.

    ``causes`` has the number of the line and the cause of every answer that does not agree. ``unknown`` is the error of
    the first known deviation that the first line does not list; it is for the caller to raise, because a repeated check
    is refused before.
    """

    run: dict[str, Any]
    end: dict[str, Any] | None = None
    categories: dict[Kind, str] = field(default_factory=dict)
    causes: list[tuple[int, str]] = field(default_factory=list)
    unknown: LedgerError | None = None
    _counts: Counter[Kind] = field(default_factory=Counter)

    @property
    def answers(self) -> int:
        """Return the number of answers."""
        return self._counts.total()

    def count_categories(self) -> Counter[str]:
        """Return the number of answers of each category."""
        counts: Counter[str] = Counter()
        for kind, count in self._counts.items():
            counts[self.categories[kind]] += count
        return counts

    def add(self, row: dict[str, Any], number: int) -> None:
        """Add the category and the cause of the answer in the line of that number."""
        kind = (row["verdict"], row["property"], row["known_deviation"])
        if kind not in self.categories:
            self.categories[kind] = category(row)
        self._counts[kind] += 1
        if row["verdict"] != "agree":
            self.causes.append((number, cause(row, self.run.get("contract", ()))))


def read_facts(path: Path | str) -> LedgerFacts:
    """Return the facts of a ledger.

    Raises ``LedgerError``, in the words of ``reports.ledger.read``, if a line is not one of a ledger. Lines are checked
    one by one: whether two lines are of the same check is not.
    """
    lines = complete_lines(path)
    number, line = next(lines, (1, b""))
    header = _decode_or_parse(line, number, path) if line else None
    check_run(header, path)
    found = LedgerFacts(header or {})
    names = allowed_deviation_names(found.run)
    for number, line in lines:
        row = _decode_or_parse(line, number, path)
        check_line(row, number, path, found.end is not None)
        if row["kind"] == "end":
            found.end = row
            continue
        if row["known_deviation"] not in names and found.unknown is None:
            found.unknown = make_error_of_unknown_deviation(row["known_deviation"], number, path)
        found.add(row, number)
    return found


_DECODER = msgspec.json.Decoder(dict[str, Any])  # ten times as fast as json; a million lines take seconds


def _decode_or_parse(line: bytes, number: int, path: Path | str) -> dict[str, Any]:
    """Return the object that a line holds; raise ``LedgerError`` if it may not be one of a ledger."""
    if is_plain(line):
        try:
            return _DECODER.decode(line)
        except (ValueError, RecursionError):
            pass  # ``parse`` raises the error with its message
    return parse(line, number, path)
