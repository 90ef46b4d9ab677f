"""A stand-in for the pytest run of a shard: it writes a ledger slowly, and has a child as pytest has.

``python -m suites.sweep.fake_run --shard=2/6 --ledger=PATH`` checks every sixth case, from the second on. The
ids of its processes are in ``PATH.pids``.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from pathlib import Path

from fixtures.case import Case
from reports.ledger.writer import LedgerWriter
from suites.selftest.ledgers import RUN, make_row

CASES = [Case(1, (size, 4), 1, 1, (2, 2), (1, 1), (1, 1)).id for size in range(1, 61)]
INFRASTRUCTURE = 7  # an exit status that pytest does not have


def main() -> int:
    """Write the ledger; with --fail, leave at once in the first so many attempts at a shard."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--shard", required=True)
    parser.add_argument("--ledger", required=True)
    parser.add_argument("--pause", type=float, default=0.05)
    parser.add_argument("--fail", default="", help="SHARD:ATTEMPTS with commas between")
    parser.add_argument("--cut", default="", help="the same, for attempts whose ledger has no end row")
    options = parser.parse_args()
    part, parts = map(int, options.shard.split("/"))
    path = Path(options.ledger)
    attempt = int(path.stem.rpartition("-")[2])
    if _is_named(options.fail, part, attempt):
        print("no space left on device")
        return INFRASTRUCTURE
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    path.with_name(path.name + ".pids").write_text("%d %d" % (os.getpid(), child.pid), encoding="ascii")
    cases = CASES[part - 1 :: parts]
    writer = LedgerWriter(path)
    facts = {key: value for key, value in RUN.items() if key not in ("kind", "schema", "cell", "started")}
    writer.start(facts, {"planned": len(cases), "shard": options.shard, "options": {"shard": options.shard}})
    for case in cases:
        time.sleep(options.pause)
        writer.add(make_row(case))
    child.kill()
    if _is_named(options.cut, part, attempt):
        return 1
    writer.close({})
    writer.release()
    return 0


def _is_named(text: str, part: int, attempt: int) -> bool:
    pairs = (one.partition(":") for one in text.split(",") if one)
    return any(part == int(shard) and attempt <= int(most) for shard, _, most in pairs)


if __name__ == "__main__":
    sys.exit(main())
