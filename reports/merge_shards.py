"""Merge the shards of one run into one ledger, row by row, so that a large run does not fill the memory."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from reports.ledger import CATEGORIES, LedgerError, category
from reports.ledger.digests import DigestSet
from reports.ledger.files import LedgerFile, is_same_file
from reports.ledger.line import to_line
from reports.ledger.reader import LedgerReader

# The fields of the header that may differ between the parts of one run.
_OWN = ("cell", "shard", "planned", "suites", "started", "options", "device", "hardware")
_OF_MACHINE = ("cores", "memory_gib")  # parts may run on several machines of one kind


def _require_all_shards(shards: Sequence[str]) -> None:
    """Raise ``LedgerError`` unless the shards are 1/n to n/n, each once."""
    count = int(shards[0].split("/")[1])
    missing = sorted({"%d/%d" % (part, count) for part in range(1, count + 1)} - set(shards))
    if missing or len(shards) != count:
        raise LedgerError("these are not the %d shards of one run; missing: %s" % (count, ", ".join(missing) or "none"))


def _require_one_run(parts: Sequence[LedgerReader]) -> None:
    head = _common_fields(parts[0].run)
    for part in parts:
        own = _common_fields(part.run)
        differing = [key for key in {**head, **own} if own.get(key) != head.get(key)]
        if differing:
            raise LedgerError("%s is of another run than %s: %s" % (part.path, parts[0].path, ", ".join(differing)))


def _common_fields(run: dict[str, Any]) -> dict[str, Any]:
    options = {"option %s" % key: value for key, value in run["options"].items() if key not in ("shard", "device")}
    hardware = {key: value for key, value in run.get("hardware", {}).items() if key not in _OF_MACHINE}
    kind = str(run.get("device")).partition(":")[0]
    fields = {key: value for key, value in run.items() if key not in _OWN}
    return {**fields, **options, "hardware": hardware, "device": kind}


def merge_shards(paths: Sequence[Path | str], target: Path) -> None:
    """Write one ledger with the rows of all parts.

    The ledger has an end row if every part has one. Raises ``LedgerError`` if they are not the parts of one run.
    """
    parts = [LedgerReader(path) for path in paths]
    _require_one_run(parts)
    _require_all_shards([str(part.run["shard"]) for part in parts])
    if any(is_same_file(part.path, target) for part in parts):
        raise LedgerError("%s is one of the parts; give the merged ledger another name" % target)
    file = LedgerFile(target)
    try:
        file.replace(_merged_lines(parts, target))
    finally:
        file.close_or_remove_if_empty()


def _merged_lines(parts: Sequence[LedgerReader], target: Path) -> Iterator[str]:
    planned = sum(part.run["planned"] for part in parts)
    shards = " + ".join(part.run["shard"] for part in parts)
    options = {**parts[0].run["options"], "shard": shards}
    head = {**parts[0].run, "cell": target.stem, "planned": planned, "shard": "1/1", "options": options}
    if all("suites" in part.run for part in parts):
        head["suites"] = dict(sum((Counter(part.run["suites"]) for part in parts), Counter()))
    yield to_line(head)
    seen, counts = DigestSet(), dict.fromkeys(CATEGORIES, 0)
    for part in parts:
        for row, line in part.rows_and_lines():
            if not seen.add(row["case"], row["suite"], row["variant"]):
                raise LedgerError("%s repeats checks of the other parts" % part.path)
            counts[category(row)] += 1
            yield line.decode("utf-8")
    if all(part.end is not None for part in parts):
        end: dict[str, Any] = {"kind": "end", "counts": counts, "planned": planned}
        if all("covered" in (part.end or {}) for part in parts):
            end["covered"] = dict(sum((Counter((part.end or {})["covered"]) for part in parts), Counter()))
        yield to_line(end)
