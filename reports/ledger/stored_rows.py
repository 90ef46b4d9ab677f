"""What a run remembers of the rows that it wrote: numbers, and the file from which it reads them again. Python 3.7."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Iterator

from reports.ledger.categories import CATEGORIES, Row, category
from reports.ledger.digests import DigestSet


class StoredRows:
    """The rows of a ledger, read from its file each time, so that a run of millions of checks does not hold them.

    ``counts`` is the number of rows by category, ``suites`` by suite.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self.counts = dict.fromkeys(CATEGORIES, 0)
        self.suites: dict[str, int] = {}

    def count(self, row: Row) -> None:
        """Count a row that the file has got."""
        self.counts[category(row)] += 1
        self.suites[row["suite"]] = self.suites.get(row["suite"], 0) + 1

    def __len__(self) -> int:
        """Return the number of rows."""
        return sum(self.suites.values())

    def __iter__(self) -> Iterator[dict[str, Any]]:
        """Yield the rows that were counted, in the order of the file."""
        left = len(self)
        if not left:
            return
        with open(str(self._path), encoding="utf-8") as file:
            next(file)  # the header
            for line in file:
                row = json.loads(line)
                if row["kind"] == "verdict":
                    yield row
                    left -= 1
                if not left:
                    return

    def __contains__(self, row: object) -> bool:
        """Return whether the file has the row."""
        return any(row == one for one in self)


class AnsweredChecks:
    """The checks that a ledger answers, as (case, suite, variant), and their variants by suite."""

    def __init__(self, checks: DigestSet | None = None, variants: set[tuple[str, str]] | None = None) -> None:
        self._checks, self.variants = checks or DigestSet(), variants or set()

    def add(self, case: str, suite: str, variant: str) -> None:
        """Add a check."""
        self._checks.add(case, suite, variant)
        self.variants.add((suite, variant))

    def __contains__(self, check: object) -> bool:
        """Return whether the check has an answer."""
        return check in self._checks

    def __len__(self) -> int:
        """Return the number of answers."""
        return len(self._checks)

    def pack(self) -> tuple[bytes, list[tuple[str, str]]]:
        """Return the checks in plain types, for a worker of xdist."""
        return self._checks.pack(), sorted(self.variants)

    @classmethod
    def unpack(cls, packed: bytes, variants: list[tuple[str, str]]) -> AnsweredChecks:
        """Return the checks that ``pack`` packed."""
        return cls(DigestSet.unpack(packed), {(suite, variant) for suite, variant in variants})
