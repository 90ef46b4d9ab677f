"""Hands the tasks of a sweep out to the workers of Dask, and keeps account of what fails and why."""

from __future__ import annotations

import contextlib
import io
import logging
import signal
import tarfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import cloudpickle
import dask
from distributed import Client, Future, LocalCluster, wait
from distributed.client import FutureCancelledError, FuturesCancelledError
from distributed.diagnostics.plugin import WorkerPlugin

from reports.ledger import FAILING
from reports.ledger.terminal_output import describe_duration
from reports.sweep import attempt
from reports.sweep.checkout import pack_checkout
from reports.sweep.plan import Plan, Task

# Dask counts every task that waits on a worker when the worker is lost, and would give up tasks that never began.
_NEVER = 1000000
_PAUSE = 1.0  # seconds between two looks at the connection
_LOST = 20.0  # seconds without the scheduler after which it counts as lost
Say = Callable[[str], None]


class SchedulerLost(Exception):
    """The connection to the scheduler ended."""


class SendCheckout(WorkerPlugin):  # type: ignore[misc]  # Dask has no types
    """Unpacks the driver's checkout on a worker of another machine, so that all run the same code."""

    name = "keras-parity-checkout"

    def __init__(self, archive: bytes) -> None:
        self._archive = archive

    def setup(self, worker: Any) -> None:
        """Unpack the archive in the worker's own folder."""
        folder = Path(worker.local_directory) / "checkout"
        with tarfile.open(fileobj=io.BytesIO(self._archive)) as archive:
            archive.extractall(folder, filter="data")
        worker.keras_parity_checkout = str(folder)


@contextlib.contextmanager
def connect(scheduler: str, workers: int) -> Iterator[Client]:
    """Give a client of the scheduler at an address; without one, of a cluster of ``workers`` processes here."""
    cloudpickle.register_pickle_by_value(attempt)
    for name in ("distributed", "distributed.client"):
        logging.getLogger(name).setLevel(logging.CRITICAL)  # this driver says itself what was lost
    dask.config.set(
        {
            "distributed.scheduler.allowed-failures": _NEVER,
            "distributed.comm.timeouts.connect": "10s",
            "distributed.worker.memory.terminate": False,  # the memory of frameworks is limited by --memory
        }
    )
    if not scheduler:
        facts: dict[str, Any] = {"n_workers": workers, "threads_per_worker": 1, "host": "127.0.0.1"}
        facts.update(dashboard_address="127.0.0.1:0", silence_logs=logging.CRITICAL)
        with _make_cluster(facts) as cluster, Client(cluster) as client:
            yield client
        return
    client = Client(scheduler, timeout="20s")
    try:
        client.run_on_scheduler(_allow_failures, count=_NEVER)
        client.register_plugin(SendCheckout(pack_checkout()))
        yield client
    finally:
        with contextlib.suppress(Exception):
            client.close(timeout="2s")


def _make_cluster(facts: dict[str, Any]) -> LocalCluster:
    """Return a cluster whose processes ignore Ctrl-C, which reaches them too: the driver ends them."""
    if threading.current_thread() is not threading.main_thread():
        return LocalCluster(**facts)
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        return LocalCluster(**facts)
    finally:
        signal.signal(signal.SIGINT, before)


def _allow_failures(count: int, dask_scheduler: Any = None) -> None:
    dask_scheduler.allowed_failures = count


@dataclass
class Account:
    """What came of the attempts: complete shards, and failures of the infrastructure, which are no verdicts."""

    starts: Counter[Task] = field(default_factory=Counter)
    failures: Counter[Task] = field(default_factory=Counter)
    counts: Counter[str] = field(default_factory=Counter)
    seconds: list[float] = field(default_factory=list)
    given_up: dict[Task, str] = field(default_factory=dict)

    @property
    def infrastructure(self) -> int:
        """Return how many attempts failed or were lost with their worker."""
        lost = sum(max(self.starts[task] - self.failures[task] - 1, 0) for task in self.starts)
        return sum(self.failures.values()) + lost


class Driver:
    """Runs the tasks that a plan lacks. Use ``run`` once."""

    def __init__(self, plan: Plan, client: Client, attempts: int, say: Say) -> None:
        self._plan, self._client, self._attempts, self._say = plan, client, attempts, say
        self._futures: dict[Any, Task] = {}
        self._number = 0
        self.account = Account()
        self._seen: set[tuple[str, str]] = set()

    def run(self) -> None:
        """Run until every task is complete or given up; raise ``SchedulerLost`` if the scheduler ends."""
        missing = self._plan.missing()
        by_name = {str(task): task for task in self._plan.tasks}
        self._client.subscribe_topic(attempt.TOPIC, lambda event: self._note_start(by_name, event))
        self._resources = self._find_resources()
        for task in missing:
            self._submit(task)
        try:
            while self._futures:
                self._look()
        finally:
            with contextlib.suppress(Exception):
                self._client.cancel(list(self._futures), force=True)

    def _find_resources(self) -> set[str]:
        facts = self._client.scheduler_info(n_workers=-1)["workers"].values()
        return {name for worker in facts for name in worker.get("resources") or ()}

    def _submit(self, task: Task) -> None:
        """Submit a task, to a worker with its resources if some worker has them; else the run says what it lacks."""
        self._number += 1
        job = self._plan.jobs[task.job]
        resources = {name: 1 for name in job.resources if name in self._resources}
        key = "%s-%d-%s" % (task.job, task.shard, self._number)
        priority = -task.shard  # a repetition does not wait behind all others
        how: dict[str, Any] = {"key": key, "pure": False, "resources": resources, "priority": priority}
        future = self._client.submit(attempt.run_attempt, self._plan.to_message(task), **how)
        self._futures[future] = task

    def _note_start(self, by_name: dict[str, Task], event: Any) -> None:
        """Count the start of an attempt; Dask repeats the tasks of a lost worker by itself."""
        facts = event[1] if isinstance(event, (tuple, list)) else event
        task = by_name.get(str(facts.get("name"))) if isinstance(facts, dict) else None
        one = (str(task), str(facts.get("attempt"))) if task is not None else ("", "")
        if task is not None and one not in self._seen:
            self._seen.add(one)
            self.account.starts[task] += 1
            if self.account.starts[task] > 1:
                self._say("%s: attempt %d, on %s" % (task, self.account.starts[task], facts["host"]))

    def _look(self) -> None:
        """Wait for a result or a moment, and treat what has ended."""
        try:
            wait(list(self._futures), timeout=_PAUSE, return_when="FIRST_COMPLETED")
        except TimeoutError:
            pass
        except FuturesCancelledError:  # those that this driver cancels are not waited for
            raise SchedulerLost from None
        if self._client.status != "running":
            self._wait_for_scheduler()
        for future in [one for one in self._futures if one.done()]:
            self._treat(future, self._futures.pop(future))
        for future, task in list(self._futures.items()):
            if self.account.starts[task] > self._attempts:
                del self._futures[future]
                future.cancel(force=True)
                self._give_up(task, "its worker was lost %d times" % self._attempts)

    def _wait_for_scheduler(self) -> None:
        end = time.monotonic() + _LOST
        while self._client.status != "running":
            if self._client.status == "closed" or time.monotonic() > end:
                raise SchedulerLost
            time.sleep(0.2)

    def _treat(self, future: Future, task: Task) -> None:
        try:
            found = future.result()
        except Exception as error:
            if self._client.status != "running" or isinstance(error, FutureCancelledError):
                raise SchedulerLost from None
            found = {"status": attempt.FAILED, "output": "%s: %s" % (type(error).__name__, error), "returncode": None}
        if found["status"] == attempt.COMPLETE:
            self._take(task, found)
        elif found["status"] == attempt.NOT_RUN:
            self._plan.reasons[task.job] = found["reason"]
            self._say("%s cannot run: %s" % (task.job, found["reason"]))
            for other in [one for one, waiting in self._futures.items() if waiting.job == task.job]:
                del self._futures[other]
                other.cancel(force=True)
        else:
            self._count_failure(task, found)

    def _take(self, task: Task, found: dict[str, Any]) -> None:
        if "ledger" in found:
            self._plan.store(task, found["ledger"])
        self.account.counts.update(found["counts"])
        self.account.seconds.append(found["seconds"])
        self._say(self._describe_progress())

    def _count_failure(self, task: Task, found: dict[str, Any]) -> None:
        self.account.failures[task] += 1
        last = "\n".join(str(found["output"]).strip().splitlines()[-5:])
        facts = (task, self.account.failures[task], self._attempts, found["returncode"], last)
        self._say("%s: infrastructure failure %d of %d, exit status %s:\n%s" % facts)
        if found.get("final") or self.account.failures[task] >= self._attempts:
            self._give_up(task, "exit status %s" % found["returncode"])
        else:
            self._submit(task)

    def _give_up(self, task: Task, why: str) -> None:
        self.account.given_up[task] = why
        self._say("%s is given up: %s" % (task, why))

    def _describe_progress(self) -> str:
        account, tasks, missing = self.account, len(self._plan.tasks), len(self._futures)
        unlisted = sum(account.counts[name] for name in FAILING)
        facts = (tasks - missing - len(account.given_up), tasks, sum(account.counts.values()), unlisted)
        text = "{:,} of {:,} shards, {:,} checks in this start, {:,} not listed".format(*facts)
        if account.infrastructure:
            text += ", %d infrastructure failures" % account.infrastructure
        threads = max(sum(self._client.nthreads().values()), 1)
        left = missing * sum(account.seconds) / len(account.seconds) / threads
        return "%s, %s left" % (text, describe_duration(left))


def run_plan(plan: Plan, scheduler: str, workers: int, attempts: int, say: Say) -> Account | None:
    """Run what the plan lacks; return the account, or None if the scheduler cannot be reached or was lost."""
    driver = None
    try:
        with connect(scheduler, workers) as client:
            driver = Driver(plan, client, attempts, say)
            driver.run()
    except (SchedulerLost, OSError, TimeoutError) as error:
        where = "at " + scheduler if scheduler else "of this process"
        word = "cannot be reached: %s" % error if driver is None else "is lost"
        done, tasks = len(plan.winners()), len(plan.tasks)
        say(
            "the scheduler %s %s; %d of %d shards are complete, the same command continues" % (where, word, done, tasks)
        )
        return None
    return driver.account
