"""Processes that write a ledger and are killed at any moment, and the answers that this costs."""

from __future__ import annotations

import contextlib
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

from reports.ledger import LedgerError, read

ROOT = Path(__file__).resolve().parents[2]
ANSWERS = 400
MOST_SECONDS = 0.1  # a writer that is ready writes all in less
# What the processes do. Each prints a line when it begins, so that its imports are not what is killed.
_BEGIN = """
import sys, json
from pathlib import Path
from reports.ledger.writer import LedgerWriter, write_ledger
from reports.ledger import read, tally
from reports.merge_shards import merge_shards
from suites.fuzz.ledgers import HEADER
folder = Path(sys.argv[1])
row = {"kind": "verdict", "suite": "forward", "variant": "eager", "property": "values", "verdict": "agree",
       "expected": {}, "observed": {"reason": "x" * 300}, "checked": [], "diagnosis": None, "known_deviation": None,
       "measured": {}, "data": None, "snippet": None, "seconds": 0.1}
facts = {**HEADER, "planned": %d}
rows = [{**row, "case": "b%%d" %% number} for number in range(%d)]
def go(): print("go", flush=True)
""" % (ANSWERS, ANSWERS)
_WRITE = (
    _BEGIN
    + """
writer = LedgerWriter(folder / "a.jsonl")
go()
writer.start({"backend": "numpy"}, facts)
for one in rows: writer.add(one)
writer.close({})
writer.release()
"""
)
_RESUME = (
    _BEGIN
    + """
writer = LedgerWriter(folder / "a.jsonl")
go()
writer.resume({})
writer.start({"backend": "numpy"}, {})
for one in rows:
    if (one["case"], "forward", "eager") not in writer.done: writer.add(one)
writer.close({})
writer.release()
"""
)
_MERGE = (
    _BEGIN
    + """
parts = []
for place in (1, 2):
    half = rows[place - 1 :: 2]
    part = {**facts, "planned": len(half), "shard": "%d/2" % place}
    end = {"kind": "end", "counts": tally(half), "planned": len(half)}
    write_ledger(folder / ("%d.jsonl" % place), [part, *half, end])
    parts.append(read(folder / ("%d.jsonl" % place)))
go()
for _ in range(9): merge_shards(parts, folder / "a.jsonl")
"""
)
KILLS = {"a run writes": _WRITE, "a run resumes": _RESUME, "shards are merged": _MERGE}


def find_lost_answers(kind: str, folder: Path, draw: random.Random) -> tuple[str, int]:
    """Kill a writer at a random moment; return what is wrong with the ledger after it, and how many answers it lost."""
    folder.mkdir()
    path = folder / "a.jsonl"
    if kind != "a run writes":
        subprocess.run(
            [sys.executable, "-c", _WRITE, str(folder)], cwd=str(ROOT), check=True, stdout=subprocess.DEVNULL
        )
        if kind == "a run resumes":
            data = path.read_bytes()
            path.write_bytes(data[: draw.randrange(len(data) // 9, len(data))])
    before = {row["case"] for row in read(path).rows} if path.exists() else set()
    process = subprocess.Popen([sys.executable, "-c", KILLS[kind], str(folder)], cwd=str(ROOT), stdout=subprocess.PIPE)
    if process.stdout is not None:
        process.stdout.readline()
    time.sleep(draw.random() * MOST_SECONDS)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    return compare_with_answers(path, before, kind)


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
    with contextlib.suppress(LedgerError):
        whole = kind != "shards are merged" or len(cases) == ANSWERS
        return ("" if whole and not lost else "%d answers, %d before" % (len(cases), len(before))), lost
    return "", lost
