"""Processes that write a ledger and are killed at any moment, and the answers that this costs.

They are forks of a server process that has imported what they need, so a kill costs some milliseconds.
"""

from __future__ import annotations

import multiprocessing
import random
import time
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, Callable, Mapping

from reports.ledger import LedgerError, read, tally
from reports.ledger.writer import LedgerWriter, write_ledger
from reports.merge_shards import merge_shards
from suites.fuzz.sample_ledger import HEADER

ANSWERS = 400
MOST_SECONDS = 0.1  # a writer that is ready writes all in less
_FACTS = {**HEADER, "planned": ANSWERS}
_ROW: Mapping[str, Any] = {
    "kind": "verdict",
    "suite": "forward",
    "variant": "eager",
    "property": "values",
    "verdict": "agree",
    "expected": {},
    "observed": {"reason": "x" * 300},
    "checked": [],
    "diagnosis": None,
    "known_deviation": None,
    "measured": {},
    "data": None,
    "snippet": None,
    "seconds": 0.1,
}
_ROWS = [{**_ROW, "case": "b%d" % number} for number in range(ANSWERS)]


def _write(path: Path) -> None:
    writer = LedgerWriter(path)
    writer.start({"backend": "numpy"}, _FACTS)
    for row in _ROWS:
        writer.add(dict(row))
    writer.close({})
    writer.release()


def _resume(path: Path) -> None:
    writer = LedgerWriter(path)
    writer.resume({})
    writer.start({"backend": "numpy"}, {})
    for row in _ROWS:
        if (row["case"], "forward", "eager") not in writer.done:
            writer.add(dict(row))
    writer.close({})
    writer.release()


def _merge(path: Path) -> None:
    parts = [path.with_name("%d.part" % place) for place in (1, 2)]
    for _ in range(9):
        merge_shards(parts, path)


def _write_parts(path: Path) -> None:
    for place in (1, 2):
        half = _ROWS[place - 1 :: 2]
        part = {**_FACTS, "planned": len(half), "shard": "%d/2" % place}
        end = {"kind": "end", "counts": tally(half), "planned": len(half)}
        write_ledger(path.with_name("%d.part" % place), [part, *half, end])


KILLS: Mapping[str, Callable[[Path], None]] = {
    "a run writes": _write,
    "a run resumes": _resume,
    "shards are merged": _merge,
}


def find_lost_answers(kind: str, folder: Path, draw: random.Random) -> tuple[str, int]:
    """Kill a writer at a random moment; return what is wrong with the ledger after it, and how many answers it lost."""
    folder.mkdir()
    path = folder / "a.jsonl"
    if kind != "a run writes":
        _write(path)
        if kind == "a run resumes":
            data = path.read_bytes()
            path.write_bytes(data[: draw.randrange(len(data) // 9, len(data))])
        else:
            _write_parts(path)
    before = {row["case"] for row in read(path).rows} if path.exists() else set()
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__])
    here, there = context.Pipe(duplex=False)
    process = context.Process(target=_say_and_write, args=(kind, path, there))
    process.start()
    there.close()  # so that the end of a process that never gets ready is noticed
    here.recv()
    time.sleep(draw.random() * MOST_SECONDS)
    process.kill()
    process.join()
    return compare_with_answers(path, before, kind)


def _say_and_write(kind: str, path: Path, ready: Connection) -> None:
    ready.send(None)
    KILLS[kind](path)


def compare_with_answers(path: Path, before: set[str], kind: str) -> tuple[str, int]:
    """Return what is wrong with a ledger, and how many of the answers before are not in it."""
    if not path.exists() or not path.stat().st_size:
        return ("the ledger is gone", len(before)) if before else ("", 0)
    try:
        found = read(path)
    except LedgerError as error:
        return "it cannot be read: %s" % error, len(before)
    cases = {row["case"] for row in found.rows}
    lost = len(before - cases)
    whole = kind != "shards are merged" or len(cases) == ANSWERS
    return ("" if whole and not lost else "%d answers, %d before" % (len(cases), len(before))), lost
