"""One attempt at a task, on a worker of Dask, which gets this module from the driver by value.

So it imports nothing of this project: a worker needs Python, Dask, tox and the checkout that the driver sends.
"""

from __future__ import annotations

import contextlib
import fcntl
import gzip
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from typing import Any

TOPIC = "keras-parity-sweep"
COMPLETE, NOT_RUN, FAILED = "complete", "not-run", "failed"
_INFRASTRUCTURE = 3  # the exit status of a run that could not do any check
_USAGE = 4
_PAUSE = 0.2
_LAST = 2**24  # bytes at a ledger's end that hold its last line
_TAIL = 3000  # characters of the output that a failure shows


def run_attempt(task: dict[str, Any]) -> dict[str, Any]:
    """Run the task's command, and return what came of it: ``status``, ``attempt``, ``seconds``, ``counts`` and more.

    The ledger gets its name only when it is whole. It stays where it is if the sweep's folder can be seen from here,
    else it is returned.
    """
    began = time.monotonic()
    with _folder_of_cell(task) as (folder, shared):
        start_file = reserve_number(folder, task["shard"], task["token"])
        part = start_file[: -len(".start")] + ".part"
        facts = {"name": task["name"], "host": socket.gethostname(), "attempt": os.path.basename(start_file)[:-6]}
        _announce(facts)
        status, output = _run(task, part)
        ended = read_end(part)
        found = {**facts, "returncode": status, "seconds": time.monotonic() - began, "output": output[-_TAIL:]}
        reason = part[: -len(".part")] + ".not-run.txt"
        if ended is not None and status in (0, 1):
            found.update(status=COMPLETE, counts=ended["counts"])
            if not shared:
                with open(part, "rb") as file:
                    found["ledger"] = gzip.compress(file.read())
            os.replace(part, part[: -len(".part")] + ".jsonl")
        elif status == _INFRASTRUCTURE and os.path.exists(reason):
            with open(reason, encoding="utf-8") as text:
                found.update(status=NOT_RUN, reason=text.read().strip())
        else:
            found.update(status=FAILED, final=status == _USAGE)
        return found


def reserve_number(folder: str, shard: int, owner: str) -> str:
    """Return a new file ``shard-3.attempt-1.start`` with the next free number: no two attempts share a name."""
    number = 1
    while True:
        path = os.path.join(folder, "shard-%d.attempt-%d.start" % (shard, number))
        try:
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)
        except FileExistsError:
            number += 1
            continue
        facts = {"owner": owner, "host": socket.gethostname(), "pid": os.getpid(), "time": time.time()}
        os.write(descriptor, json.dumps(facts).encode("ascii"))
        os.close(descriptor)
        return path


def read_end(path: str) -> dict[str, Any] | None:
    """Return the end row of a ledger, or None if the ledger is not whole."""
    try:
        with open(path, "rb") as file:
            file.seek(0, os.SEEK_END)
            file.seek(max(file.tell() - _LAST, 0))
            text = file.read()
        row = json.loads(text.splitlines()[-1]) if text.endswith(b"\n") else None
    except (OSError, ValueError, IndexError):
        return None
    return row if isinstance(row, dict) and row.get("kind") == "end" else None


@contextlib.contextmanager
def _folder_of_cell(task: dict[str, Any]) -> Iterator[tuple[str, bool]]:
    """Give the cell's folder of the sweep, and True; where that is not visible, a temporary one and False."""
    try:
        with open(os.path.join(task["folder"], "manifest.json"), encoding="utf-8") as file:
            shared = json.load(file)["token"] == task["token"]
    except (OSError, ValueError, KeyError):
        shared = False
    if shared:
        yield os.path.join(task["folder"], task["cell"]), True
        return
    with tempfile.TemporaryDirectory(prefix="keras-parity-sweep-") as folder:
        yield folder, False


def _announce(facts: dict[str, Any]) -> None:
    """Tell the driver that an attempt begins: Dask repeats the task of a lost worker without telling."""
    with contextlib.suppress(Exception):  # in a test without Dask
        from distributed import get_worker

        get_worker().log_event(TOPIC, facts)


def _make_cancellation_test() -> Callable[[], bool]:
    """Return a function that returns whether the driver has cancelled this task, or the worker is about to end."""
    try:
        from distributed import get_worker

        worker = get_worker()
        key = worker.get_current_task()
    except Exception:  # in a test without Dask
        return lambda: False

    def is_cancelled() -> bool:
        if worker.status.name not in ("init", "running", "paused"):
            return True  # it has lost the scheduler; its process would wait for this thread
        known = worker.state.tasks.get(key)
        return known is None or known.state in ("cancelled", "released", "forgotten")

    return is_cancelled


def _find_checkout(task: dict[str, Any]) -> str:
    """Return the checkout: that which the driver sent to this worker, else the driver's own."""
    with contextlib.suppress(Exception):
        from distributed import get_worker

        found = getattr(get_worker(), "keras_parity_checkout", None)
        if found:
            return str(found)
    return str(task["checkout"])


def _run(task: dict[str, Any], ledger: str) -> tuple[int, str]:
    """Prepare and run the command, and return its exit status and the end of its output."""
    checkout = _find_checkout(task)
    values = {"python": sys.executable, "ledger": ledger, "shard": "%d/%d" % (task["shard"], task["shards"])}
    if task["prepare"]:
        os.makedirs(os.path.join(checkout, ".tox"), exist_ok=True)
        with open(os.path.join(checkout, ".tox", "sweep-%s.lock" % task["cell"]), "w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)  # two shards must not make one environment at the same time
            status, output = _supervise([word.format(**values) for word in task["prepare"]], checkout)
        if status:
            return -1, output  # the environment cannot be made, which is no answer about the layer
    return _supervise([word.format(**values) for word in task["command"]], checkout)


def _supervise(command: list[str], checkout: str) -> tuple[int, str]:
    is_cancelled = _make_cancellation_test()
    supervisor = [sys.executable, os.path.join(checkout, "reports", "sweep", "supervisor.py")]
    with tempfile.TemporaryFile() as output:
        child = subprocess.Popen(
            [*supervisor, *command],
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd=checkout,
            start_new_session=True,
        )
        while child.poll() is None:
            if is_cancelled() and child.stdin is not None and not child.stdin.closed:
                child.stdin.close()  # the supervisor ends the command
            time.sleep(_PAUSE)
        if child.stdin is not None:
            child.stdin.close()
        output.seek(max(output.seek(0, os.SEEK_END) - 4 * _TAIL, 0))
        return child.returncode, output.read().decode("utf-8", "replace")
