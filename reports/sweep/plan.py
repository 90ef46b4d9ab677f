"""Which tasks a sweep has, and what its folder has of them: a manifest, attempts and complete ledgers."""

from __future__ import annotations

import gzip
import json
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from reports.ledger import LedgerError, reason_path
from reports.ledger.files import replace_file
from reports.matrix_file import ROOT, Cell
from reports.merge_shards import merge_shards
from reports.sweep import attempt

MANIFEST = "manifest.json"
_SAME = ("cells", "shards", "options", "commit")  # what a new start on a folder must share with the first one
_WHOLE = re.compile(r"shard-([0-9]+)\.attempt-([0-9]+)\.jsonl\Z")


class SweepError(ValueError):
    """A sweep cannot start or go on; the message is one sentence that says why."""


@dataclass(frozen=True)
class Job:
    """The command that checks one shard of a cell, with ``{python}``, ``{shard}`` and ``{ledger}`` to fill in.

    ``prepare`` runs before the first shard on a machine, and not twice at a time. ``resources`` are those that a worker
    should have.
    """

    name: str
    command: tuple[str, ...]
    prepare: tuple[str, ...] = ()
    resources: tuple[str, ...] = ()


def job_of_cell(cell: Cell, options: Sequence[str]) -> Job:
    """Return the job that runs a cell in its tox environment."""
    tox = ("{python}", "-m", "tox", "run", "-q", "-e", cell.name)
    command = (*tox, "--", *options, "--shard={shard}", "--ledger={ledger}")
    return Job(cell.name, command, (*tox, "--notest"), tuple(_resources_of_cell(cell, options)))


def job_of_worker(options: Sequence[str]) -> Job:
    """Return the job that runs pytest in the environment of the worker itself."""
    command = ("{python}", "-m", "pytest", *options, "--shard={shard}", "--ledger={ledger}")
    return Job("local", command, (), tuple(_resources_of_options(options)))


def _resources_of_cell(cell: Cell, options: Sequence[str]) -> list[str]:
    machine = [] if cell.machine == "x86_64" else [cell.machine]
    return [*machine, *_resources_of_options([*cell.options, *options])]


def _resources_of_options(options: Sequence[str]) -> list[str]:
    """Return the names of resources that the options need: GPU, and a class of instruction sets as isa-avx2."""
    text = " ".join(options)
    found = re.search(r"\bisa=([a-z0-9_]+)", text)
    gpu = ["GPU"] if re.search(r"--device[ =]gpu", text, re.IGNORECASE) else []
    return gpu + (["isa-" + found[1]] if found else [])


@dataclass(frozen=True, order=True)
class Task:
    """One shard of a job, from 1 on."""

    job: str
    shard: int

    def __str__(self) -> str:
        """Return the task's name."""
        return "%s shard %d" % (self.job, self.shard)


class Plan:
    """A sweep in its folder: ``FOLDER/CELL/shard-3.attempt-1.jsonl`` is a complete ledger, and only complete ones are.

    Raises ``SweepError`` if the folder has another sweep.
    """

    def __init__(self, folder: Path, jobs: Sequence[Job], shards: int, options: Sequence[str], commit: str) -> None:
        self.folder, self.jobs, self.shards = folder.resolve(), {job.name: job for job in jobs}, shards
        self.reasons: dict[str, str] = {}  # of cells that cannot run here
        facts = {"cells": sorted(self.jobs), "shards": shards, "options": list(options), "commit": commit}
        self.token = self._write_or_compare(facts)
        for name in self.jobs:
            (self.folder / name).mkdir(exist_ok=True)

    def _write_or_compare(self, facts: dict[str, Any]) -> str:
        path = self.folder / MANIFEST
        self.folder.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            token = secrets.token_hex(8)
            with replace_file(path) as file:
                json.dump({**facts, "token": token}, file, indent=1)
            return token
        try:
            earlier = json.loads(path.read_text(encoding="utf-8"))
            differing = [name for name in _SAME if earlier[name] != facts[name]]
            token = str(earlier["token"])
        except (ValueError, KeyError, TypeError):
            raise SweepError("%s is not a manifest of a sweep; give another folder" % path) from None
        if differing:
            words = "%s has a sweep with other %s; give another folder, or remove this one"
            raise SweepError(words % (self.folder, ", ".join(differing)))
        return token

    @property
    def tasks(self) -> list[Task]:
        """Return every task, shard by shard, so that each cell shows a fault early."""
        return [Task(name, shard) for shard in range(1, self.shards + 1) for name in self.jobs]

    def winners(self) -> dict[Task, Path]:
        """Return the ledger of each complete task: that of its first complete attempt."""
        found: dict[Task, tuple[int, Path]] = {}
        for name in self.jobs:
            for path in (self.folder / name).iterdir():
                named = _WHOLE.match(path.name)
                if named:
                    task, one = Task(name, int(named[1])), (int(named[2]), path)
                    found[task] = min(found.get(task, one), one)
        return {task: path for task, (_, path) in found.items()}

    def missing(self) -> list[Task]:
        """Return the tasks that have no complete ledger, and whose cell can run."""
        done = self.winners()
        return [task for task in self.tasks if task not in done and task.job not in self.reasons]

    def to_message(self, task: Task) -> dict[str, Any]:
        """Return what a worker needs to know of a task, in plain types."""
        job = self.jobs[task.job]
        return {
            "name": str(task),
            "command": list(job.command),
            "prepare": list(job.prepare),
            "cell": job.name,
            "shard": task.shard,
            "shards": self.shards,
            "folder": str(self.folder),
            "checkout": str(ROOT),
            "token": self.token,
        }

    def store(self, task: Task, packed: bytes) -> Path:
        """Store a complete ledger that came from a worker without this folder, under the next number; return it."""
        path = Path(attempt.reserve_number(str(self.folder / task.job), task.shard, "from a worker"))
        with replace_file(path.with_suffix(".jsonl")) as file:
            file.write(gzip.decompress(packed).decode("utf-8"))
        return path.with_suffix(".jsonl")

    def merge(self) -> list[Path]:
        """Write one ledger for each cell that has every shard, and return their paths.

        For another cell, a file says why it has none: it cannot run here, or which of its shards are missing. Raises
        ``SweepError`` if the shards of a cell are not of one run.
        """
        done, missing, merged = self.winners(), self.missing(), []
        for name in self.jobs:
            target = self.folder / (name + ".jsonl")
            reason_path(target).unlink(missing_ok=True)
            target.unlink(missing_ok=True)  # nothing must show an earlier ledger of a cell that is not complete
            reason = self.reasons.get(name) or _describe_missing([task for task in missing if task.job == name])
            if reason:
                reason_path(target).write_text(reason + "\n", encoding="utf-8")
                continue
            try:
                merge_shards([done[Task(name, shard)] for shard in range(1, self.shards + 1)], target)
            except LedgerError as error:
                raise SweepError("%s cannot be merged: %s" % (name, error)) from None
            merged.append(target)
        return merged


def _describe_missing(tasks: Sequence[Task]) -> str:
    return "shards are missing: %s" % ", ".join(str(task.shard) for task in tasks) if tasks else ""


def remove_sweep(folder: Path) -> None:
    """Remove the sweep in a folder, if there is one: its manifest, its attempts and what was merged of them."""
    path = folder / MANIFEST
    if not path.exists():
        return
    try:
        cells = [str(cell) for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]]
    except (ValueError, KeyError, TypeError):
        raise SweepError("%s is not a manifest of a sweep; give another folder" % path) from None
    for cell in cells:
        target = folder / (Path(cell).name + ".jsonl")
        for file in [target, reason_path(target), *(folder / Path(cell).name).glob("shard-*")]:
            file.unlink(missing_ok=True)
    path.unlink()


def list_tasks(tasks: Sequence[Task], most: int = 10) -> str:
    """Return the names of the tasks, of which at most so many are listed."""
    rest = "" if len(tasks) <= most else " and %d more" % (len(tasks) - most)
    return ", ".join(map(str, tasks[:most])) + rest
