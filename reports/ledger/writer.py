"""Write the ledger of a run, or continue the ledger of an incomplete run. Runs on Python 3.7."""

from __future__ import annotations

import json
import re
import time
from datetime import datetime, timezone
from pathlib import Path
from typing import Any, Mapping

from reports.ledger.reader import read
from reports.ledger.record import FAILING, SCHEMA, Row, category, tally

REASON = ".not-run.txt"


def reason_path(ledger: Path) -> Path:
    """Return the path of the file in which a run that could not do any check states its reason, for the matrix page."""
    return ledger.with_name(ledger.stem + REASON)


class Writer:
    """Appends rows to a ledger. The caller makes sure that each file has only one writer."""

    def __init__(self, path: Path | str, append: bool = False) -> None:
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        if append:
            _cut_broken_end(Path(path))
        self._file = open(path, "a" if append else "w", encoding="utf-8")  # noqa: SIM115  # open for the whole run

    def write(self, row: Row) -> None:
        """Write a row as one line, and flush it.

        Raises ``ValueError`` for NaN and infinities, and ``TypeError`` for a type that JSON does not have. A lone
        surrogate, which a Python string may contain but other JSON readers refuse, is written as its number.
        """
        line = json.dumps(row, allow_nan=False)
        if "\\ud" in line:
            whole = json.dumps(row, ensure_ascii=False)
            line = json.dumps(
                json.loads(re.sub("[\ud800-\udfff]", lambda half: "\\\\u%04x" % ord(half.group()), whole))
            )
        self._file.write(line + "\n")
        self._file.flush()

    def close(self) -> None:
        """Close the file. Without an end row it stays an incomplete run."""
        self._file.close()


def _cut_broken_end(path: Path) -> None:
    """Remove a partly written last line and the end row, so that the run can continue."""
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    if lines and not lines[-1].endswith("\n"):
        lines.pop()
    if lines and json.loads(lines[-1]).get("kind") == "end":
        lines.pop()
    path.write_text("".join(lines), encoding="utf-8")


class LedgerWriter:
    """The only writer of one ledger: it writes the header once, each row when it is known, and the end row."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.header: dict[str, Any] = {}
        self.rows: list[dict[str, Any]] = []
        self._writer: Writer | None = None
        self._began = time.monotonic()

    def resume(self, options: Mapping[str, Any]) -> list[str]:
        """Load the header and the rows of the existing ledger, and return the names of the options that differ.

        If any option differs from ``options``, nothing is loaded.
        """
        before = read(self.path)
        earlier = before.run["options"]
        differing = [key for key, value in options.items() if (earlier.get(key) or "") != (value or "")]
        if not differing:
            self.rows, self.header = before.rows, before.run
        return differing

    @property
    def done(self) -> set[tuple[str, str, str]]:
        """Return the checks that have an answer, as (case, suite, mode)."""
        return {(row["case"], row["suite"], row["variant"]) for row in self.rows}

    @property
    def complete(self) -> bool:
        """Return whether every planned check has an answer."""
        return bool(self.header) and len(self.rows) == self.header["planned"]

    @property
    def failed(self) -> bool:
        """Return whether an answer is missing, or a row deviates and no known deviation or baseline explains it."""
        return not self.complete or any(category(row) in FAILING for row in self.rows)

    def start(self, environment: Mapping[str, Any], further: Mapping[str, Any]) -> list[str]:
        """Start to write, with the first environment that is reported.

        Returns the names of what differs from the environment of the loaded rows. If anything differs, nothing is
        written. ``further`` is added to the header.
        """
        if self._writer is not None:
            return []  # another xdist worker, with the same environment
        changed = [name for name in environment if self.header and self.header.get(name) != environment[name]]
        changed = [name for name in changed if name != "device"]  # the workers use the devices in turn
        if changed:
            return changed
        self._writer = Writer(self.path, append=bool(self.header))
        reason = reason_path(self.path)
        if reason.exists():
            reason.unlink()
        if not self.header:
            started = datetime.now(timezone.utc).isoformat(timespec="seconds")
            self.header = {"kind": "run", "schema": SCHEMA, "cell": self.path.stem, **environment, **further}
            self.header["started"] = started
            self._writer.write(self.header)
        return []

    def give_up(self, reason: str) -> None:
        """Write the reason why no check could run, unless the run has started: then its rows say more."""
        if self._writer is None:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            reason_path(self.path).write_text(reason + "\n", encoding="utf-8")

    def add(self, row: dict[str, Any]) -> None:
        """Write the row of one check. A row that comes after ``start`` refused to write is lost with its run."""
        if self._writer is not None:
            self.rows.append(row)
            self._writer.write(row)

    def close(self, further: Mapping[str, Any]) -> None:
        """Write the end row, with the fields of ``further`` in it, and close the file."""
        writer = self._writer or Writer(self.path, append=True)
        counts = {"counts": tally(self.rows), "planned": self.header["planned"]}
        writer.write({"kind": "end", **counts, "seconds": round(time.monotonic() - self._began, 1), **further})
        writer.close()
