"""Write the ledger of a run, or continue the ledger of an incomplete run. Runs on Python 3.7."""

from __future__ import annotations

import time
from datetime import datetime, timezone
from pathlib import Path
from typing import Any, Iterable, Mapping

from reports.ledger.categories import FAILING, SCHEMA, Row
from reports.ledger.files import LedgerError, LedgerFile
from reports.ledger.line import to_line
from reports.ledger.reader import LedgerReader
from reports.ledger.stored_rows import AnsweredChecks, StoredRows

REASON = ".not-run.txt"


def reason_path(ledger: Path) -> Path:
    """Return the path of the file in which a run that could not do any check states its reason, for the matrix page."""
    return ledger.with_name(ledger.stem + REASON)


def write_ledger(path: Path | str, lines: Iterable[Row]) -> None:
    """Replace the ledger by one with these lines; raises ``LedgerError`` if that fails or a run writes to it."""
    file = LedgerFile(path)
    try:
        file.replace(map(to_line, lines))
    finally:
        file.close_or_remove_if_empty()


class LedgerWriter:
    """The only writer of one ledger: it writes the header once, each row when it is known, and the end row.

    The methods that write raise ``LedgerError`` if the file cannot be written. It then has every row that was written
    before, and no further row is written.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.header: dict[str, Any] = {}
        self.rows = StoredRows(path)
        self.done = AnsweredChecks()  # of the run that is resumed
        self.ended = False
        self._file: LedgerFile | None = None
        self._writes = False
        self._began = time.monotonic()

    def lock(self) -> None:
        """Open the ledger for this process alone; raises ``LedgerError`` if it is in use or cannot be written."""
        if self._file is None:
            self._file = LedgerFile(self.path)

    def resume(self, options: Mapping[str, Any]) -> list[str]:
        """Lock the existing ledger, load its header and rows, and return the names of the options that differ.

        If any option differs from ``options``, nothing is loaded. The ledger of a run that was killed before its first
        answer is empty, and the run starts anew.
        """
        self.lock()
        if self._file is None or self._file.is_empty:
            return []
        reading = LedgerReader(self.path)
        earlier = reading.run["options"]
        differing = [key for key, value in options.items() if (earlier.get(key) or "") != (value or "")]
        if differing:
            return differing
        rows, done = StoredRows(self.path), AnsweredChecks()
        for row in reading.rows():
            rows.count(row)
            done.add(row["case"], row["suite"], row["variant"])
        self.rows, self.done, self.header, self.ended = rows, done, reading.run, reading.end is not None
        self._file.truncate(reading.size)  # a line that was cut off when the run was killed
        return []

    def explain_other_plan(self, to_check: Mapping[str, int]) -> str:
        """Return a sentence if the loaded rows and the checks of this run are not those that were planned.

        ``to_check`` is the number of checks without an answer by suite. The text is empty if they are the same.
        """
        if not self.header:
            return ""
        counts = dict(to_check)
        for suite, answers in self.rows.suites.items():
            counts[suite] = counts.get(suite, 0) + answers
        planned = self.header.get("suites", counts)
        total = sum(counts.values())
        if planned == counts and total == self.header["planned"]:
            return ""
        other = sorted(name for name in {**planned, **counts} if planned.get(name, 0) != counts.get(name, 0))
        facts = (self.path, self.header["planned"], total, "; other numbers in: %s" % ", ".join(other) if other else "")
        return (
            "--resume: %s was planned with %d checks, and this call makes %d%s; "
            "repeat the first call with the same suites, or give another --ledger" % facts
        )

    @property
    def complete(self) -> bool:
        """Return whether every planned check has an answer."""
        return bool(self.header) and len(self.rows) == self.header["planned"]

    @property
    def failed(self) -> bool:
        """Return whether an answer is missing, or a row deviates and no known deviation or baseline explains it."""
        return not self.complete or any(self.rows.counts[name] for name in FAILING)

    def start(self, environment: Mapping[str, Any], further: Mapping[str, Any]) -> list[str]:
        """Start to write, with the first environment that is reported.

        Returns the names of what differs from the environment of the loaded rows. If anything differs, nothing is
        written. ``further`` is added to the header.
        """
        if self._writes:
            return []  # another xdist worker, with the same environment
        changed = [name for name in environment if self.header and self.header.get(name) != environment[name]]
        changed = [name for name in changed if name != "device"]  # the workers use the devices in turn
        if changed:
            return changed
        self.lock()
        if not self.header:
            started = datetime.now(timezone.utc).isoformat(timespec="seconds")
            header = {"kind": "run", "schema": SCHEMA, "cell": self.path.stem, **environment, **further}
            header["started"] = started
            self._opened().replace([to_line(header)])
            self.header = header
        self._writes = True
        reason = reason_path(self.path)
        if reason.exists():
            reason.unlink()
        return []

    def _opened(self) -> LedgerFile:
        if self._file is None:
            raise LedgerError("%s is not open" % self.path)
        return self._file

    def give_up(self, reason: str) -> None:
        """Write the reason why no check could run, unless the run has started: then its rows say more."""
        if not self._writes and not self.rows:
            try:
                self.path.parent.mkdir(parents=True, exist_ok=True)
                reason_path(self.path).write_text(reason + "\n", encoding="utf-8")
            except OSError:
                pass  # the reason may be that nothing can be written here; the terminal shows it

    def add(self, row: dict[str, Any]) -> None:
        """Write the row of one check.

        A row that comes after ``start`` refused to write, or after a row could not be written, is lost with its run.
        """
        if self._writes:
            line = to_line(row)
            try:
                self._opened().append(line)
            except LedgerError:
                self._writes = False
                raise
            self.rows.count(row)

    def close(self, further: Mapping[str, Any]) -> None:
        """Write the end row, with the fields of ``further`` in it, unless the ledger has one."""
        if not self.ended:
            counts = {"counts": self.rows.counts, "planned": self.header["planned"]}
            seconds = round(time.monotonic() - self._began, 1)
            self._opened().append(to_line({"kind": "end", **counts, "seconds": seconds, **further}))
            self.ended = True

    def release(self) -> None:
        """Let other processes write to the ledger. Without an end row it stays an incomplete run."""
        if self._file is not None:
            self._file.close_or_remove_if_empty()
            self._file = None
