"""The command line of sweeps: ``python -m reports.sweep -- --tier full`` checks cells in shards, with Dask."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

from command_line import USAGE, CommandParser
from reports.ledger import FAILING
from reports.matrix_file import ROOT, MatrixError, choose_cells, read_cells
from reports.sweep.attempt import read_end
from reports.sweep.checkout import commit_of_checkout
from reports.sweep.plan import Job, Plan, SweepError, job_of_cell, job_of_worker, list_tasks, remove_sweep

INFRASTRUCTURE = 3  # the exit status of a sweep that is not complete
INTERRUPTED = 2


def _make_parser() -> argparse.ArgumentParser:
    parser = CommandParser(prog="python -m reports.sweep", description=__doc__)
    parser.add_argument("--cells", default="", help="names of cells of matrix.toml, with commas between (default: all)")
    parser.add_argument("--here", action="store_true", help="no cells: pytest in the environment of the workers")
    parser.add_argument("--shards", type=int, default=8, help="of each cell (default: %(default)s)")
    parser.add_argument("--workers", type=int, default=_usable_cores(), help="processes here (default: %(default)s)")
    parser.add_argument("--scheduler", default="", metavar="ADDRESS", help="join this one, as in tcp://host:8786")
    parser.add_argument("--attempts", type=int, default=3, help="at one shard (default: %(default)s)")
    parser.add_argument("-o", "--output", default="reports/out/sweep", help="a folder (default: %(default)s)")
    parser.add_argument("--fresh", action="store_true", help="remove the earlier sweep in the folder first")
    parser.add_argument("--merge", action="store_true", help="run nothing, and merge what the folder has")
    parser.add_argument("options", nargs="*", help="options for pytest, after --")
    return parser


def _usable_cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def main(arguments: list[str] | None = None) -> int:
    """Run the command line and return the exit status.

    0: done, and nothing unlisted. 1: some check shows a mismatch that is not listed. 2: interrupted. 3: not complete,
    and the message says which shards are missing. 4: the call cannot be used.
    """
    parser = _make_parser()
    options = parser.parse_args(arguments)
    if min(options.shards, options.workers, options.attempts) < 1:
        parser.error("--shards, --workers and --attempts are numbers from 1 on")
    try:
        jobs = _choose_jobs(options)
        return _sweep(options, jobs)
    except (MatrixError, SweepError) as error:
        print("sweep: %s" % error, file=sys.stderr)
        return USAGE


def _choose_jobs(options: argparse.Namespace) -> list[Job]:
    for word in options.options:
        if word.startswith(("--ledger", "--shard", "--resume", "--report")):
            raise SweepError("%s is set by the sweep; leave it out" % word)
    if options.here:
        return [job_of_worker(options.options)]
    cells = choose_cells(read_cells(), options.cells)
    return [job_of_cell(cell, options.options) for cell in cells]


def _sweep(options: argparse.Namespace, jobs: list[Job]) -> int:
    if options.fresh and not options.merge:
        remove_sweep(Path(options.output))
    plan = Plan(Path(options.output), jobs, options.shards, options.options, commit_of_checkout())
    whole_matrix = not options.here and not options.cells
    if options.merge:
        return _finish(plan, True, whole_matrix)
    if find_spec("distributed") is None:
        raise SweepError("Dask is not installed here; use tox run -e sweep, or pip install --group sweep")
    return run_and_merge(plan, options.scheduler, options.workers, options.attempts, True, whole_matrix)


def run_and_merge(
    plan: Plan, scheduler: str, workers: int, attempts: int, page: bool = True, whole_matrix: bool = False
) -> int:
    """Run what the plan lacks, merge the ledgers, build the page, and return the exit status.

    The page of a ``whole_matrix`` also shows the cells that have no ledger.
    """
    from reports.sweep.driver import run_plan  # needs Dask, which merging does not

    before = len(plan.winners())
    if before:
        _say("%d of %d shards are complete from before" % (before, len(plan.tasks)))
    try:
        account = run_plan(plan, scheduler, workers, attempts, _say)
    except KeyboardInterrupt:
        done = (len(plan.winners()), len(plan.tasks))
        _say("interrupted; %d of %d shards are complete, the same command continues" % done)
        return INTERRUPTED
    if account is None:
        return INFRASTRUCTURE
    if account.infrastructure:
        _say("%d infrastructure failures, which are no verdicts" % account.infrastructure)
    return _finish(plan, page, whole_matrix)


def _finish(plan: Plan, page: bool, whole_matrix: bool = False) -> int:
    """Merge what is complete, build the page, and return the exit status."""
    merged, missing = plan.merge(), plan.missing()
    unlisted = 0
    for path in merged:
        counts = (read_end(str(path)) or {"counts": {}})["counts"]
        unlisted += sum(counts.get(name, 0) for name in FAILING)
        _say("%s: %s checks" % (path, f"{sum(counts.values()):,}"))
    if page and merged:
        command = [sys.executable, "-m", "reports", "build", *map(str, merged), "-o", str(plan.folder / "index.html")]
        built = subprocess.run([*command, *(["--matrix"] if whole_matrix else [])], cwd=ROOT, check=False)
        if built.returncode:
            return built.returncode
    if missing:
        facts = (len(missing), len(plan.tasks), list_tasks(missing))
        _say("not complete, %d of %d shards are missing: %s" % facts)
        return INFRASTRUCTURE
    if not merged:
        _say("no cell can run on these machines")
        return INFRASTRUCTURE
    return int(unlisted > 0)


def _say(text: str) -> None:
    print("sweep: " + text, flush=True)


if __name__ == "__main__":
    sys.exit(main())
