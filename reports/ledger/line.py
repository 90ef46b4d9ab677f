"""A row as a line of the ledger, of bounded length. Runs on Python 3.7."""

from __future__ import annotations

import json
import re
from typing import Any

from reports.ledger.categories import Row

LONGEST_WRITTEN = 2**18  # characters of a line; parts of a longer row are cut
# Limits that are tried until a row fits: characters of a text and entries of a list or object; levels of nesting.
_LIMITS = ((2**15, 24), (2**12, 12), (2**9, 6), (2**7, 2))
_WHOLE = ("kind", "case", "suite", "variant", "property", "verdict", "known_deviation")  # never cut


def to_line(row: Row) -> str:
    """Return a row as one line of ASCII characters.

    Raises ``ValueError`` for NaN and infinities, and ``TypeError`` for a type that JSON does not have. A lone
    surrogate, which a Python string may contain but other JSON readers refuse, is written as its number. Of an answer
    that is too long, long texts are cut in the middle, and long lists and objects at the end.
    """
    try:
        line = _dump_as_json(row)
    except RecursionError:
        line = ""
    if (line and len(line) <= LONGEST_WRITTEN) or row.get("kind") != "verdict":
        return line or _dump_as_json(row)
    for limit, levels in _LIMITS:
        line = _dump_as_json(
            {key: item if key in _WHOLE else _cut_long_values(item, limit, levels) for key, item in row.items()}
        )
        if len(line) <= LONGEST_WRITTEN:
            break
    return line


def _dump_as_json(row: Any) -> str:
    line = json.dumps(row, allow_nan=False)
    if "\\ud" in line:
        whole = json.dumps(row, ensure_ascii=False)
        line = json.dumps(json.loads(re.sub("[\ud800-\udfff]", lambda half: "\\\\u%04x" % ord(half.group()), whole)))
    return line + "\n"


def _cut_long_values(value: Any, limit: int, depth: int) -> Any:
    """Return the value with a mark in place of what was cut."""
    if isinstance(value, str):
        if len(value) <= limit:
            return value
        return "%s\n[cut: %d characters]\n%s" % (value[: limit // 2], len(value) - limit, value[-(limit // 2) :])
    if not isinstance(value, (dict, list, tuple)):
        return value
    if not depth:
        return "[cut: nested too deeply]"
    left_out = len(value) - limit
    if isinstance(value, dict):
        items = [
            (_cut_long_values(str(key), limit, depth), _cut_long_values(item, limit, depth - 1))
            for key, item in value.items()
        ]
        return dict([*items[:limit], *([("[cut]", "%d further entries" % left_out)] if left_out > 0 else [])])
    entries = [_cut_long_values(item, limit, depth - 1) for item in value[:limit]]
    return [*entries, *(["[cut: %d further entries]" % left_out] if left_out > 0 else [])]
