"""Read a ledger, and reject a file that is not one."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from reports.ledger.files import LedgerError
from reports.ledger.record import SCHEMA, VERDICTS, Row

_RUN_FIELDS = ("cell", "subject", "planned", "axes", "known_deviations", "faults", "options")
_RUN_TYPES = {"planned": int, "axes": list, "known_deviations": list, "faults": dict, "options": dict}
_ROW_FIELDS = (
    *("case", "suite", "variant", "property", "verdict", "expected", "observed"),
    *("diagnosis", "known_deviation", "checked", "measured", "snippet"),
)


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
    try:
        data = Path(path).read_bytes()
        lines = data.decode("utf-8").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise LedgerError("%s cannot be read: %s" % (path, error)) from None
    complete = lines[:-1]  # a line without its newline was cut off during the write
    rows = [_parse(line, number, path) for number, line in enumerate(complete, 1)]
    check_run(rows[0] if rows else None, path)
    ledger = Ledger(str(path), rows[0], size=data.rfind(b"\n") + 1)
    seen = set()
    for number, row in enumerate(rows[1:], 2):
        if row.get("kind") == "end":
            ledger.end = row
            continue
        _need(row, _ROW_FIELDS, number, path)
        check = (row["case"], row["suite"], row["variant"])
        if row["verdict"] not in VERDICTS or check in seen:
            reason = "repeats a check" if check in seen else "has the unknown verdict %r" % row["verdict"]
            raise LedgerError("%s, line %d %s; did two runs write to it?" % (path, number, reason))
        seen.add(check)
        ledger.rows.append(row)
    return ledger


def check_run(header: Any, path: Path | str) -> None:
    """Raise ``LedgerError`` unless ``header`` is the first line of a ledger and has this version's schema."""
    if not isinstance(header, dict) or header.get("kind") != "run":
        raise LedgerError("%s is no ledger: its first line is not a run" % path)
    if header.get("schema") != SCHEMA:
        raise LedgerError(
            "%s has ledger schema %s, this version reads %d; use the reports of the version that wrote it"
            % (path, header.get("schema"), SCHEMA)
        )
    _need(header, _RUN_FIELDS, 1, path)
    for name, kind in _RUN_TYPES.items():
        if not isinstance(header[name], kind) or (name == "axes" and not header[name]):
            raise LedgerError("%s, line 1 has no usable %s: %r" % (path, name, header[name]))


def _need(row: Row, names: tuple[str, ...], number: int, path: Path | str) -> None:
    missing = [name for name in names if name not in row]
    if missing:
        raise LedgerError("%s, line %d lacks %s" % (path, number, ", ".join(missing)))


def _parse(line: str, number: int, path: Path | str) -> dict[str, Any]:
    try:
        row = json.loads(line)
    except json.JSONDecodeError as error:
        raise LedgerError("%s, line %d is not JSON: %s" % (path, number, error)) from None
    if not isinstance(row, dict):
        raise LedgerError("%s, line %d is not an object" % (path, number))
    return row
