"""The first and the last line of a ledger, after every line was checked."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec

from reports.ledger.reader import check_line, check_run, complete_lines, is_plain, parse


def read_first_and_last_line(path: Path | str) -> tuple[dict[str, Any], dict[str, Any] | None, int]:
    """Return the first line of a ledger, its end row or None, and the number of answers between them.

    Raises ``LedgerError``, in the words of ``reports.ledger.read``, if a line is not one of a ledger. Lines are checked
    one by one: whether they fit together is not.
    """
    header: dict[str, Any] | None = None
    end: dict[str, Any] | None = None
    answers = 0
    for number, line in complete_lines(path):
        row = _decode(line)
        if row is None:
            row = parse(line, number, path)  # which words the refusal
        if number == 1:
            check_run(row, path)
            header = row
            continue
        check_line(row, number, path, end is not None)
        end = row if row["kind"] == "end" else None
        answers += end is None
    if header is None:
        check_run(None, path)
    return header or {}, end, answers


_DECODER = msgspec.json.Decoder(dict[str, Any])  # ten times as fast as json; a million lines take seconds


def _decode(line: bytes) -> dict[str, Any] | None:
    """Return the object that a line holds, or None if it may not be one of a ledger."""
    if not is_plain(line):
        return None
    try:
        return _DECODER.decode(line)
    except (ValueError, RecursionError):
        return None
