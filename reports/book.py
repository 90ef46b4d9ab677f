"""A run's ledger while it is written, what an earlier run left of it included. Runs on Python 3.7."""

from __future__ import annotations

import time
from datetime import datetime, timezone
from pathlib import Path
from typing import Any, Mapping

from reports import ledger


class Book:
    """The only writer of one ledger: the header once, a row as soon as it is known, the end if nothing is missing."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.header: dict[str, Any] = {}
        self.rows: list[dict[str, Any]] = []
        self._writer: ledger.Writer | None = None
        self._began = time.monotonic()

    def resume(self, asked: Mapping[str, Any]) -> list[str]:
        """Take over what the file has; the names of what it was asked otherwise, and then nothing is taken over."""
        before = ledger.read(self.path)
        told = before.run["asked"]
        differing = [key for key, value in asked.items() if (told.get(key) or "") != (value or "")]
        if not differing:
            self.rows, self.header = before.rows, before.run
        return differing

    @property
    def done(self) -> set[tuple[str, str, str]]:
        """The questions that have an answer: case, suite, mode."""
        return {(row["case"], row["suite"], row["mode"]) for row in self.rows}

    @property
    def complete(self) -> bool:
        """Whether every question has its answer."""
        return bool(self.header) and len(self.rows) == self.header["planned"]

    @property
    def failed(self) -> bool:
        """Whether an answer is missing, or one deviates in a way that nothing excuses."""
        return not self.complete or any(ledger.outcome(row) in ledger.FAILING for row in self.rows)

    def start(self, environment: Mapping[str, Any], told: Mapping[str, Any]) -> list[str]:
        """Begin to write, with the first environment that is told; what differs from that of the rows taken over."""
        if self._writer is not None:
            return []  # another xdist worker: the same environment
        changed = [name for name in environment if self.header and self.header.get(name) != environment[name]]
        changed = [name for name in changed if name != "device"]  # workers take the devices in turn
        if changed:
            return changed
        self._writer = ledger.Writer(self.path, append=bool(self.header))
        reason = ledger.reason_path(self.path)
        if reason.exists():
            reason.unlink()
        if not self.header:
            started = datetime.now(timezone.utc).isoformat(timespec="seconds")
            self.header = {"kind": "run", "schema": ledger.SCHEMA, "cell": self.path.stem, **environment, **told}
            self.header["started"] = started
            self._writer.write(self.header)
        return []

    def give_up(self, reason: str) -> None:
        """Leave the sentence why nothing could be asked; of a run that has begun, its rows say more."""
        if self._writer is None:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            ledger.reason_path(self.path).write_text(reason + "\n", encoding="utf-8")

    def add(self, row: dict[str, Any]) -> None:
        """Write an answer; one that comes after the writing was refused is lost with its run."""
        if self._writer is not None:
            self.rows.append(row)
            self._writer.write(row)

    def close(self, further: Mapping[str, Any]) -> None:
        """The end row, with what the run says there ``further``."""
        writer = self._writer or ledger.Writer(self.path, append=True)
        counts = {"counts": ledger.tally(self.rows), "planned": self.header["planned"]}
        writer.write({"kind": "end", **counts, "seconds": round(time.monotonic() - self._began, 1), **further})
        writer.close()
