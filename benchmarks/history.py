"""Time and size of ``history`` over many runs: ``python -m benchmarks.history LEDGER --runs 1000``.

Each synthetic run has the answers of the ledger at another time, in one of five cells and two classes of processor. In
one run of twenty, some known deviations agree. All runs are archived, then the page of their history is made.
"""

from __future__ import annotations

import argparse
import json
import random
import resource
import tempfile
import time
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

from reports.archive import add_run
from reports.facts.history import make_history
from reports.ledger import Ledger, category, read, tally
from reports.page.render import render_history

CELLS = 5
CLASSES = ("avx512_core", "avx512_core_amx")
_FIXED = 6  # known deviations that agree in a run of twenty


def make_run(ledger: Ledger, number: int) -> list[dict[str, Any]]:
    """Return the lines of a synthetic run: its answers differ from the ledger's in one run of twenty."""
    draw = random.Random(number)
    started = datetime(2024, 1, 1, tzinfo=timezone.utc) + timedelta(hours=5 * number)
    head = {**ledger.run, "cell": "cell-%d" % (number % CELLS), "started": started.isoformat()}
    head["isa"] = CLASSES[number // CELLS % len(CLASSES)]
    known = [place for place, row in enumerate(ledger.rows) if category(row) == "known-deviation"]
    fixed = set(draw.sample(known, _FIXED)) if number // (CELLS * len(CLASSES)) % 20 == 19 else set()
    agrees = {"verdict": "agree", "known_deviation": None, "diagnosis": None, "snippet": None}
    rows = [
        {**row, **(agrees if place in fixed else {}), "seconds": row["seconds"] * draw.uniform(0.8, 1.2)}
        for place, row in enumerate(ledger.rows)
    ]
    end = {**(ledger.end or {}), "counts": tally(rows)}
    return [head, *rows, end]


def main(arguments: list[str] | None = None) -> None:
    """Print how long archiving and the page take, and the sizes in bytes."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.history", description=__doc__)
    parser.add_argument("ledger", nargs="?", default="reports/out/latest.jsonl", help="(default: %(default)s)")
    parser.add_argument("--runs", type=int, default=1000)
    options = parser.parse_args(arguments)
    ledger = read(options.ledger)
    with tempfile.TemporaryDirectory() as folder:
        archive, file = Path(folder, "archive"), Path(folder, "run.jsonl")
        sizes, began, new = 0, time.monotonic(), 0
        for number in range(options.runs):
            lines = make_run(ledger, number)
            file.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
            sizes += file.stat().st_size
            new += add_run(file, archive)[1]
        archived = sum(path.stat().st_size for path in archive.rglob("*") if path.is_file())
        print("%d runs of %d checks, %d MB as ledgers" % (options.runs, len(ledger.rows), sizes / 1e6))
        facts = (archived / 1e6, new, time.monotonic() - began)
        print("archive: %.1f MB, %d different sets of answers, written in %.0f s" % facts)
        began = time.monotonic()
        page = render_history(make_history(archive))
        print("history: page of %.2f MB in %.1f s" % (len(page.encode("utf-8")) / 1e6, time.monotonic() - began))
    print("peak memory %d MB" % (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024))


if __name__ == "__main__":
    main()
