"""Merge the shards of one run into one ledger."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Sequence

from reports.ledger import Ledger, LedgerError, tally, write_ledger
from reports.ledger.files import is_same_file

# The fields of the header that may differ between the parts of one run.
_OWN = ("cell", "shard", "planned", "suites", "started", "options")


def _require_all_shards(shards: Sequence[str]) -> None:
    """Raise ``LedgerError`` unless the shards are 1/n to n/n, each once."""
    count = int(shards[0].split("/")[1])
    missing = sorted({"%d/%d" % (part, count) for part in range(1, count + 1)} - set(shards))
    if missing or len(shards) != count:
        raise LedgerError("these are not the %d shards of one run; missing: %s" % (count, ", ".join(missing) or "none"))


def merge_shards(parts: Sequence[Ledger], target: Path) -> None:
    """Write one ledger with the rows of all parts.

    The ledger has an end row if every part has one. Raises ``LedgerError`` if they are not the parts of one run.
    """
    head = {key: value for key, value in parts[0].run.items() if key not in _OWN}
    seen: set[tuple[str, str, str]] = set()
    for part in parts:
        differing = [key for key in head if part.run.get(key) != head[key]]
        if differing:
            raise LedgerError("%s is of another run than %s: %s" % (part.path, parts[0].path, ", ".join(differing)))
        checks = {(row["case"], row["suite"], row["variant"]) for row in part.rows}
        if checks & seen:
            raise LedgerError("%s repeats checks of the other parts" % part.path)
        seen |= checks
    _require_all_shards([str(part.run["shard"]) for part in parts])
    if any(is_same_file(part.path, target) for part in parts):
        raise LedgerError("%s is one of the parts; give the merged ledger another name" % target)
    planned = sum(part.run["planned"] for part in parts)
    shards = " + ".join(part.run["shard"] for part in parts)
    options = {**parts[0].run["options"], "shard": shards}
    head = {**parts[0].run, "cell": target.stem, "planned": planned, "shard": "1/1", "options": options}
    if all("suites" in part.run for part in parts):
        head["suites"] = dict(sum((Counter(part.run["suites"]) for part in parts), Counter()))
    rows = [row for part in parts for row in part.rows]
    end = {"kind": "end", "counts": tally(rows), "planned": planned}
    write_ledger(target, [head, *rows, *([end] if all(part.end is not None for part in parts) else [])])
