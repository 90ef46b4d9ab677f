"""What bisections found: since which release a check fails, with every release that was checked. No markup.

``python -m reports bisect`` writes these records as JSON, and ``build --bisections`` reads them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from reports.ledger import LedgerError

GOOD, UNCHECKED = "good", "cannot be checked"


@dataclass(frozen=True)
class CheckedRelease:
    """A release and the result of the check in it: GOOD, verdict and property of a mismatch, or UNCHECKED.

    ``date`` is the day of its publication, such as 2024-11-26, or empty. ``reason`` says why it is UNCHECKED.
    """

    version: str
    date: str
    result: str
    reason: str = ""


@dataclass(frozen=True)
class ChangeOfResult:
    """Two releases with different results. ``link`` shows the changes of the code, if it is known.

    ``between`` are the releases between them, none of which could be checked.
    """

    before: str
    after: str
    link: str
    between: list[str]


@dataclass(frozen=True)
class BisectionRecord:
    """What was found about one check, SUITE/VARIANT/CASE, along the releases of a package.

    ``cause``, ``title`` and ``severity`` are those of the ledger that the check is from, or empty. ``since`` is the
    first release of the last stretch of bad ones, ``fixed_in`` that of the last stretch of good ones; either is empty.
    """

    package: str
    check: str
    cause: str
    title: str
    severity: str
    sentence: str
    since: str
    fixed_in: str
    releases: list[CheckedRelease]
    changes: list[ChangeOfResult]

    @property
    def good_before(self) -> str:
        """Return the release before ``since``, or an empty text."""
        return next((change.before for change in self.changes if change.after == self.since), "")


@dataclass(frozen=True)
class BisectionFile:
    """The bisections of one call and its costs: environments made, and seconds."""

    bisections: list[BisectionRecord]
    environments: int
    install_seconds: float
    check_seconds: float
    wall_seconds: float


def read_bisections(paths: Iterable[Path | str]) -> list[BisectionRecord]:
    """Return the bisections that ``python -m reports bisect`` wrote; raise ``LedgerError`` for another file."""
    found: list[BisectionRecord] = []
    for path in paths:
        try:
            found += msgspec.json.decode(Path(path).read_bytes(), type=BisectionFile).bisections
        except (OSError, msgspec.MsgspecError) as error:
            raise LedgerError(
                "%s has no bisections; write it with python -m reports bisect: %s" % (path, error)
            ) from None
    return found


def to_json(file: BisectionFile) -> str:
    """Return the text of a file of bisections."""
    text: Any = msgspec.json.format(msgspec.json.encode(file), indent=1)
    return str(text.decode("utf-8")) + "\n"
