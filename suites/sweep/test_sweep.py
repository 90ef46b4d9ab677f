"""Tests of sweeps on loopback: workers and schedulers that are killed, failures that are no verdicts, Ctrl-C."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from reports import ledger
from suites.fuzz.system_processes import accept_signals
from suites.sweep.fake_run import CASES
from suites.sweep.fake_sweep import SHARDS, make_plan

ROOT = Path(__file__).resolve().parents[2]
SECONDS = 120.0  # until a test counts as stuck; the machine may be busy


def wait_until(condition: Callable[[], object], what: str) -> None:
    """Wait until the condition holds; fail if it never does."""
    end = time.monotonic() + SECONDS
    while not condition():
        assert time.monotonic() < end, "never: " + what
        time.sleep(0.05)


class Programs:
    """Processes that a test starts, which end with it."""

    def __init__(self, folder: Path) -> None:
        self.folder, self._started = folder, [subprocess.Popen(["true"])]
        self.file = folder / "scheduler.json"

    def start(self, *words: str) -> subprocess.Popen[bytes]:
        """Start a module of Python; its output goes to a file."""
        with open(self.folder / ("output-%d.txt" % len(self._started)), "wb") as output:
            child = subprocess.Popen(
                [sys.executable, "-m", *words],
                cwd=ROOT,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # so that a signal to its group does not reach the tests
                preexec_fn=accept_signals,
            )
        self._started.append(child)
        return child

    def start_scheduler(self) -> tuple[subprocess.Popen[bytes], str]:
        """Start a scheduler, and return it and its address."""
        self.file.unlink(missing_ok=True)
        words = ("--host", "127.0.0.1", "--port", "0", "--no-dashboard", "--scheduler-file", str(self.file))
        child = self.start("distributed.cli.dask_scheduler", *words)
        wait_until(self.file.exists, "the scheduler writes its address")
        return child, str(json.loads(self.file.read_text(encoding="utf-8"))["address"])

    def start_worker(self) -> subprocess.Popen[bytes]:
        """Start a worker of the scheduler, without a nanny that would replace it."""
        words = ("--nthreads", "1", "--no-nanny", "--no-dashboard", "--local-directory", str(self.folder))
        return self.start("distributed.cli.dask_worker", "--scheduler-file", str(self.file), *words)

    def output(self) -> str:
        """Return what the last program printed."""
        return (self.folder / ("output-%d.txt" % (len(self._started) - 1))).read_text(encoding="utf-8")

    def end(self) -> None:
        """End all of them."""
        for child in self._started:
            child.kill()
            child.wait()


@pytest.fixture
def programs(tmp_path: Path) -> Iterator[Programs]:
    """Give a starter of processes."""
    started = Programs(tmp_path)
    yield started
    started.end()


def running_attempt(folder: Path, worker: int = 0) -> list[int]:
    """Return the processes of an attempt that has written a row, of a worker if one is given; none if there is none."""
    for start_file in sorted((folder / "fake").glob("*.start")):
        part = start_file.with_suffix(".part")
        pids = part.with_name(part.name + ".pids")
        of_worker = not worker or json.loads(start_file.read_text(encoding="ascii") or "{}").get("pid") == worker
        if of_worker and pids.exists() and part.exists() and part.read_bytes().count(b"\n") > 2:
            return [int(word) for word in pids.read_text(encoding="ascii").split()]
    return []


def is_alive(pid: int) -> bool:
    """Return whether a process runs; one that waits for its parent to notice its end does not."""
    try:
        return " Z " not in Path("/proc/%d/stat" % pid).read_text(encoding="utf-8")
    except OSError:
        return False


def processes_of_attempts(folder: Path) -> list[int]:
    """Return every process of the attempts that is alive."""
    files = (folder / "fake").glob("*.pids")
    return [pid for file in files for pid in map(int, file.read_text(encoding="ascii").split()) if is_alive(pid)]


def cases_of_merged(folder: Path) -> list[str]:
    """Return the cases of the merged ledger, which must be complete."""
    merged = ledger.read(folder / "fake.jsonl")
    assert merged.end is not None and merged.end["counts"] == ledger.tally(merged.rows)
    return [row["case"] for row in merged.rows]


def test_each_check_is_recorded_once_though_a_worker_and_then_the_scheduler_are_killed(programs: Programs) -> None:
    """The processes of a killed worker end, the driver says that the scheduler is lost, and a new start goes on."""
    folder = programs.folder / "out"
    scheduler, address = programs.start_scheduler()
    workers = [programs.start_worker() for _ in range(2)]
    driver = programs.start("suites.sweep.fake_sweep", str(folder), address)
    wait_until(lambda: running_attempt(folder, workers[0].pid), "an attempt of the first worker writes rows")
    pids = running_attempt(folder, workers[0].pid)
    workers[0].kill()
    wait_until(lambda: not any(map(is_alive, pids)), "the processes of the killed worker end")
    assert any(folder.glob("fake/*.attempt-1.part"))  # the ledger that was cut off has no name of a whole one
    done = make_plan(folder).winners
    wait_until(lambda: "attempt 2" in programs.output(), "the task of the killed worker begins again")
    wait_until(lambda: len(done()) >= 3, "half of the shards are complete")
    wait_until(lambda: running_attempt(folder, workers[1].pid) or len(done()) == SHARDS, "an attempt writes rows")
    scheduler.kill()
    assert driver.wait(SECONDS) == 3 and len(done()) < SHARDS
    assert re.search("the scheduler at %s is lost; [3-6] of 6 shards are complete" % address, programs.output())
    assert not (folder / "fake.jsonl").exists()
    workers[1].wait(SECONDS)
    wait_until(lambda: not processes_of_attempts(folder), "the processes of the other worker end")

    before = done()
    _, address = programs.start_scheduler()
    programs.start_worker()
    assert programs.start("suites.sweep.fake_sweep", str(folder), address).wait(SECONDS) == 0, programs.output()
    assert "%d of 6 shards are complete from before" % len(before) in programs.output()
    assert before.items() <= done().items()  # the first complete attempt wins
    assert sorted(cases_of_merged(folder)) == sorted(CASES)
    assert any("attempt-2" in path.name for path in done().values())


def test_infrastructure_failures_are_counted_apart_and_a_missing_shard_is_named(programs: Programs) -> None:
    """Shard 2 fails once, shard 5 always, and the first ledger of shard 3 has no end: the cell is not merged."""
    folder, options = programs.folder / "out", ("--pause=0.01", "--fail=2:1,5:9", "--cut=3:1")
    driver = programs.start("suites.sweep.fake_sweep", str(folder), "--", *options)
    assert driver.wait(SECONDS) == 3, programs.output()
    text = programs.output()
    assert "5 infrastructure failures, which are no verdicts" in text and "no space left on device" in text
    assert "fake shard 5 is given up: exit status 7" in text
    assert "not complete, 1 of 6 shards are missing: fake shard 5" in text and not (folder / "fake.jsonl").exists()
    winners = {task.shard: path.name for task, path in make_plan(folder, *options).winners().items()}
    assert winners == {shard: "shard-%d.attempt-%d.jsonl" % (shard, 1 + (shard in (2, 3))) for shard in (1, 2, 3, 4, 6)}


def test_interrupting_a_sweep_leaves_no_process_and_the_same_command_continues(programs: Programs) -> None:
    """Ctrl-C reaches the whole group, as in a terminal."""
    folder = programs.folder / "out"
    driver = programs.start("suites.sweep.fake_sweep", str(folder))
    wait_until(lambda: make_plan(folder).winners() and running_attempt(folder), "a shard is complete")
    os.killpg(driver.pid, signal.SIGINT)
    assert driver.wait(SECONDS) == 2, programs.output()
    assert "the same command continues" in programs.output() and "Traceback" not in programs.output()
    wait_until(lambda: not processes_of_attempts(folder), "the processes of the attempts end")
    assert programs.start("suites.sweep.fake_sweep", str(folder)).wait(SECONDS) == 0, programs.output()
    assert sorted(cases_of_merged(folder)) == sorted(CASES)


def test_a_worker_without_the_folder_gets_the_checkout_and_returns_the_ledger(programs: Programs) -> None:
    """As on another machine: it runs in an empty folder and cannot see the manifest."""
    folder = programs.folder / "out"
    _, address = programs.start_scheduler()
    programs.start_worker()
    plan = make_plan(folder, "--pause=0.01")
    manifest = folder / "manifest.json"
    hidden = json.loads(manifest.read_text(encoding="utf-8"))
    plan.token = "another"  # so that the worker takes the folder for one of the same name on its own disk
    from reports.sweep.driver import run_plan

    account = run_plan(plan, address, 1, 3, print)
    assert account is not None and not account.infrastructure and hidden["token"] != plan.token
    assert len(plan.winners()) == SHARDS and not list(folder.glob("fake/*.part"))
    assert list(programs.folder.glob("dask-scratch-space/*/checkout/reports/sweep/supervisor.py"))
