"""A sweep of the stand-in for pytest: ``python -m suites.sweep.fake_sweep FOLDER [SCHEDULER] [-- OPTIONS]``."""

from __future__ import annotations

import sys
from pathlib import Path

from reports.sweep.__main__ import run_and_merge
from reports.sweep.plan import Job, Plan

SHARDS = 6


def make_plan(folder: Path, *options: str) -> Plan:
    """Return the plan of the sweep in a folder."""
    command = ("{python}", "-m", "suites.sweep.fake_run", "--shard={shard}", "--ledger={ledger}", *options)
    return Plan(folder, [Job("fake", command)], SHARDS, options, "")


def main(words: list[str]) -> int:
    """Run the sweep as the command does, without the page, and return its exit status."""
    before, _, options = (" ".join(words) + " ").partition("-- ")
    folder, *scheduler = before.split()
    plan = make_plan(Path(folder), *options.split())
    return run_and_merge(plan, "".join(scheduler), workers=2, attempts=3, page=False)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
