"""Whole commands that read ledgers: with ``main`` in this process, and as command lines in processes of their own."""

from __future__ import annotations

import contextlib
import csv
import io
import json
import os
import re
import subprocess
import sys
import tempfile
import traceback
import xml.etree.ElementTree as ElementTree
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Callable, Iterator, Mapping, Sequence
from unittest import mock

from fixtures.__main__ import main as fixtures_main
from fixtures.case import EXAMPLE_ID
from reports.__main__ import main as reports_main
from reports.archive import ArchivedRun, find_runs
from reports.ledger import check_rerun
from suites.fuzz.judgement import Judgement, judge
from suites.fuzz.refusals import REFUSING, problem_of_sentence

ROOT = Path(__file__).resolve().parents[2]
SECONDS = 300.0  # limit for a process
# Functions that would run the code of a file or write to the sources, with what they return in the commands here.
_HARMLESS: Mapping[str, Any] = {
    "fixtures.commands.snippets.rerun": (),
    "fixtures.commands.keep.add_regressions": (),
    "reports.ledger.check_rerun.rerun_and_compare": "",
}


@dataclass(frozen=True)
class Command:
    """A command line without its program.

    ``count`` takes the folder of the command's files and what it printed, and returns the number of answers in them, or
    None if they do not have it. ``good`` are the exit statuses of a file that is read. ``share`` is how often the
    command is chosen among others. ``knows_schema`` is False if it does not check details that it does not use.
    """

    main: Callable[[list[str]], int]
    words: Sequence[str]
    count: Callable[[Path, str], int | None] = lambda folder, printed: None
    share: int = 4
    good: Sequence[int] = (0,)
    knows_schema: bool = True


@dataclass(frozen=True)
class Ran:
    """What a command did with a file: its exit status, what it printed, and the number of answers that it counts.

    ``problem`` says what is wrong whatever the file is; it is empty if nothing is.
    """

    status: int = 0
    printed: str = ""
    found: int | None = None
    problem: str = ""


def problem_of_ledger_command(command: Command, path: Path, judged: Judgement, surely_read: bool) -> str:
    """Return what a command does wrongly with a file; an empty text if it reads or refuses it as it must."""
    return find_problem(command, run_command(command, path), judged, surely_read)


def run_command(command: Command, path: Path) -> Ran:
    """Return what a command does with a file."""
    printed = io.StringIO()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "runs").mkdir()
        (folder / "runs" / "a.jsonl").write_bytes(path.read_bytes())
        words = [word.replace("FOLDER", name).replace("LEDGER", str(path)) for word in command.words]
        try:
            with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed), _without_side_effects():
                status = command.main(words)
        except SystemExit as error:
            return Ran(problem="exit status %s" % error.code)
        except Exception:  # a traceback is what the fuzzer looks for
            return Ran(problem=traceback.format_exc(limit=-2).replace("\n", " | "))
        found = command.count(folder, printed.getvalue()) if status in command.good else None
    return Ran(status, printed.getvalue(), found)


def find_problem(command: Command, ran: Ran, judged: Judgement, surely_read: bool) -> str:
    """Return what is wrong with what a command did, by what is known of the file."""
    if ran.problem:
        return ran.problem
    if ran.status in REFUSING:
        may_refuse = (
            not judged.readable or not (command.knows_schema or surely_read) or "shards of one run" in ran.printed
        )
        lines = ran.printed.strip().split("\n")
        return problem_of_sentence(lines[-1]) if may_refuse else "refused, and it must be read: %s" % lines[-1]
    if ran.status not in command.good:
        return "exit status %d: %s" % (ran.status, ran.printed[-300:])
    damage = judged.damage or (judged.details if command.knows_schema else "")
    if damage:
        return "accepted, though %s" % damage
    answers = sum(judged.counts.values())
    return "" if ran.found in (None, answers) else "other totals: %s, and not %d" % (ran.found, answers)


@contextlib.contextmanager
def _without_side_effects() -> Iterator[None]:
    """Run no code of the file, and write no case into the sources."""
    with contextlib.ExitStack() as stack:
        for name, result in _HARMLESS.items():
            stack.enter_context(mock.patch(name, return_value=result))
        yield


def _count_in_summary(folder: Path, printed: str) -> int:
    (cell,) = json.loads((folder / "out.json").read_text(encoding="utf-8"))["cells"]
    return int(sum(cell["counts"].values()))


def _count_in_formats(folder: Path, printed: str) -> int:
    """Return the number of checks of every format; -1 if they differ."""
    with open(str(folder / "out.csv"), encoding="utf-8", errors="surrogateescape", newline="") as file:
        lines = len(list(csv.reader(file))) - 1
    tests = json.loads((folder / "out.ctrf.json").read_text(encoding="utf-8"))["results"]
    root = ElementTree.parse(str(folder / "out.xml")).getroot()
    numbers = {lines, len(tests["tests"]), tests["summary"]["tests"], int(root.attrib["tests"])}
    numbers.add(len(list(root.iter("testcase"))))
    return numbers.pop() if len(numbers) == 1 else -1


def _count_in_page(pattern: str) -> Callable[[Path, str], int | None]:
    def count(folder: Path, printed: str) -> int | None:
        found = re.search(pattern, (folder / "out.html").read_text(encoding="utf-8", errors="replace"))
        return int(found.group(1).replace(",", "")) if found else -1

    return count


def _count_in_totals(folder: Path, printed: str) -> int:
    """Return the sum of the page's totals, without the checks that have no answer; -1 if it has no totals."""
    page = (folder / "out.html").read_text(encoding="utf-8", errors="replace")
    totals = re.search(r"each counted once: (.*)", page)
    counts = re.findall(r"<b>([0-9,]+)</b>(?! no answer yet)", totals.group(1)) if totals else ["-1"]
    return sum(int(count.replace(",", "")) for count in counts)


def _count_in_archive(folder: Path, printed: str) -> int:
    """Return the number of answers that the archive has, read again; -1 if it has no run."""
    runs = [run for run in find_runs(folder / "archive") if isinstance(run, ArchivedRun)]
    return len(runs[0].load().rows) if len(runs) == 1 else -1


def _count_in_merged(folder: Path, printed: str) -> int:
    return sum(judge((folder / "merged.jsonl").read_bytes()).counts.values())


_OUT = ("-o", "FOLDER/out.html")
COMMANDS: Mapping[str, Command] = {
    "merge": Command(reports_main, ("merge", "LEDGER", "-o", "FOLDER/merged.jsonl"), _count_in_merged),
    "archive": Command(reports_main, ("archive", "LEDGER", "--folder", "FOLDER/archive"), _count_in_archive),
    "build": Command(reports_main, ("build", "LEDGER", *_OUT), _count_in_totals, share=3),
    "build with changes": Command(reports_main, ("build", "LEDGER", *_OUT, "--previous", "LEDGER"), share=1),
    "summary": Command(
        reports_main, ("build", "LEDGER", "--format", "json", "-o", "FOLDER/out.json"), _count_in_summary
    ),
    "formats": Command(
        reports_main, ("build", "LEDGER", "--format", "csv,junit,ctrf,md,github", "-o", "FOLDER/out"), _count_in_formats
    ),
    "diff": Command(reports_main, ("diff", "LEDGER", "LEDGER")),
    "diff page": Command(
        reports_main, ("diff", "LEDGER", "LEDGER", *_OUT), _count_in_page(r"([0-9,]+) answered alike")
    ),
    "history": Command(reports_main, ("history", "FOLDER/runs", *_OUT)),
    "check_rerun": Command(check_rerun.main, ("LEDGER", "--execute")),
    "suggest": Command(fixtures_main, ("suggest", "LEDGER"), share=1, good=(0, 1), knows_schema=False),
    "keep": Command(fixtures_main, ("keep", "LEDGER"), knows_schema=False),
    "snippets": Command(fixtures_main, ("snippets", "LEDGER", "--execute"), good=(0, 1), knows_schema=False),
}
_PYTEST = ("pytest", "-p", "no:xdist", "suites/forward", "--subject=numpy_layer", "--case=" + EXAMPLE_ID)
# Command lines, with their exit statuses for a file that is read.
LINES: Mapping[str, tuple[Sequence[str], Sequence[int]]] = {
    "build": (("reports", "build", "LEDGER", "--format", "json", "-o", "FOLDER/out.json"), (0,)),
    "merge": (("reports", "merge", "LEDGER", "-o", "FOLDER/merged.jsonl"), (0,)),
    "baseline": ((*_PYTEST, "--ledger=FOLDER/new.jsonl", "--baseline=LEDGER"), (0,)),
    "resume": ((*_PYTEST, "--ledger=LEDGER", "--resume"), (4,)),  # the file is of a run with other options
}


def problem_of_line(name: str, path: Path, judged: Judgement, surely_read: bool) -> str:
    """Run a command line in a process of its own; return what it does wrongly with a file, or an empty text."""
    words, good = LINES[name]
    environment = {key: text for key, text in os.environ.items() if not key.startswith("KERAS_PARITY_")}
    with tempfile.TemporaryDirectory() as folder:
        given = [word.replace("FOLDER", folder).replace("LEDGER", str(path)) for word in words]
        ran = subprocess.run(
            [sys.executable, "-m", *given],
            cwd=str(ROOT),
            env=environment,
            timeout=SECONDS,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
        )
    printed = ran.stdout.decode("utf-8", "replace")
    if "Traceback" in printed or "INTERNALERROR" in printed:
        return "a traceback: %s" % printed[-500:]
    command = Command(reports_main, words, good=good, knows_schema=name != "baseline")
    if name == "resume":
        return "" if ran.returncode in REFUSING else "exit status %d: %s" % (ran.returncode, printed[-300:])
    return find_problem(command, Ran(ran.returncode, printed), judged, surely_read)
