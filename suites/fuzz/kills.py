"""The fuzzer of processes: kills of every process of a run, with every signal, in every stage of the run.

The subject is the NumPy layer. After each kill the totals are right, and no answer that was in the ledger is lost. No
verdict differs from that of an undisturbed run. No process and no temporary file is left, and ``--resume`` completes
the ledger.
"""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Dict, Tuple

from fixtures.case import Case
from fixtures.cases.tiers import cases_of_tier
from reports import ledger
from suites.fuzz.system_processes import find_descendants, is_alive, start_pytest, wait_until
from suites.fuzz.table import Table

ROOT = Path(__file__).resolve().parents[2]
SUITES = ("suites/forward", "suites/gradients", "suites/rejection")
HEALTHY, FAULTY = "numpy_layer", "numpy_layer:bias-missing"  # the mismatches of the faulty one are shrunk
# By victim, what its command line contains, and the stages in which it is killed.
VICTIMS = {
    "subject": ("multiprocessing.spawn", ("start", "check", "between", "shrinking", "end")),
    "pytest": ("", ("start", "check", "between", "shrinking", "end")),
    "xdist worker": ("sys.stdin.readline", ("start", "check", "shrinking")),
    "resource tracker": ("multiprocessing.resource_tracker", ("start", "check", "end")),
}
SIGNALS = ("SIGKILL", "SIGTERM", "SIGHUP", "SIGSEGV")
SECONDS = 120  # limit of one run
OWN = "*keras-parity*"  # the names of temporary files

Verdicts = Dict[Tuple[str, str, str], str]


@dataclass(frozen=True)
class Injection:
    """One kill: the victim, the stage of the run, the signal, and the delay in seconds within the stage."""

    victim: str
    stage: str
    name: str
    delay: float

    @property
    def times(self) -> int:
        """Return how often the victim is killed in one run, each time during another check."""
        return 4 if self.victim == "subject" and self.stage in ("check", "between", "shrinking") else 1

    @property
    def subject(self) -> str:
        """Return the subject of the run."""
        return FAULTY if self.stage == "shrinking" else HEALTHY


def choose_cases() -> list[Case]:
    """Return the cases of the runs: computed and refused ones, of the smoke tier."""
    return list(cases_of_tier("smoke"))[40:100:3]


def draw_kills(count: int, seed: int) -> list[Injection]:
    """Return ``count`` kills. The combinations of victim, stage and signal come in turn, in a random order."""
    source = random.Random(seed)
    every = [(victim, stage, name) for victim, (_, stages) in VICTIMS.items() for stage in stages for name in SIGNALS]
    source.shuffle(every)
    return [Injection(*every[number % len(every)], source.uniform(0, 0.8)) for number in range(count)]


def run(table: Table, count: int, seed: int) -> None:
    """Kill at least ``count`` processes, and record the kills in the table."""
    with tempfile.TemporaryDirectory(prefix="fuzz-of-processes-") as folder:
        undisturbed: dict[str, tuple[int, Verdicts]] = {}
        injections = iter(draw_kills(count, seed))
        while count > 0:
            injection = next(injections)
            place = Path(folder) / str(count)
            place.mkdir()
            if injection.subject not in undisturbed:
                undisturbed[injection.subject] = _run_undisturbed(Path(folder), injection.subject)
            disturbed = DisturbedRun(place, injection, undisturbed[injection.subject])
            disturbed.disturb()
            problems, lost = disturbed.find_problems()
            problem = "%s: %s" % (injection, "; ".join(problems)) if problems else ""
            for _ in range(disturbed.injected):
                table.record("%s of the %s" % (injection.name, injection.victim), problem, lost)
            count -= max(disturbed.injected, 1)
            shutil.rmtree(str(place))


def _run_undisturbed(folder: Path, subject: str) -> tuple[int, Verdicts]:
    """Return exit status and verdicts of a run without a kill."""
    place = folder / ("undisturbed-" + subject.replace(":", "-"))
    place.mkdir()
    process = start_run(place, subject)
    process.communicate(timeout=SECONDS)
    return process.returncode, read_verdicts(place / "run.jsonl")


def start_run(folder: Path, subject: str, *more: str) -> subprocess.Popen[bytes]:
    """Start a run of the suites and cases of this fuzzer, with its files in ``folder``."""
    listed = folder / "cases.txt"
    listed.write_text("\n".join(case.id for case in choose_cases()), encoding="utf-8")
    return start_pytest(folder, [*SUITES, "--subject", subject, "--variant", "none", "--case=@%s" % listed, *more])


def read_verdicts(path: Path) -> Verdicts:
    """Return the verdicts of a ledger by check."""
    return {(row["case"], row["suite"], row["variant"]): row["verdict"] for row in ledger.read(path).rows}


class DisturbedRun:
    """A run in which one process is killed, and what is wrong after it."""

    def __init__(self, folder: Path, injection: Injection, undisturbed: tuple[int, Verdicts]) -> None:
        self._folder, self._injection, self._path = folder, injection, folder / "run.jsonl"
        self._status, self._verdicts = undisturbed
        more = ("-n", "2") if injection.victim == "xdist worker" else ()
        self._run = start_run(folder, injection.subject, *more)
        self._more = more
        self._before = 0  # answers in the ledger at the last kill
        self._processes = {self._run.pid: "pytest"}
        self._printed: str | None = None  # None if the run does not end
        self.injected = 0

    def disturb(self) -> None:
        """Kill, and wait for the end of the run."""
        for _ in range(self._injection.times):
            self.injected += self._signal_at_stage()
            self._processes.update(find_descendants(self._run.pid))
        try:
            self._printed = self._run.communicate(timeout=SECONDS)[0].decode("utf-8", "replace")
        except subprocess.TimeoutExpired:
            self._run.send_signal(signal.SIGKILL)

    def find_problems(self) -> tuple[list[str], int]:
        """Return what is wrong after the run, and how many answers are lost."""
        if self._printed is None:
            return ["the run does not end"], 0
        found = [] if wait_until(lambda: not any(map(is_alive, self._processes)), 15) else ["a process is left"]
        found += self._problems_of_files()
        lost = self._count_lost_answers()
        try:
            found += self._find_differing_verdicts()
            if self._injection.victim in ("subject", "resource tracker") or not self.injected:
                return found + self._problems_of_end(self._printed), lost
            return found + self._problems_of_resume(), lost
        except ledger.LedgerError as error:  # what a run leaves must be readable
            return [*found, str(error)], lost

    def _signal_at_stage(self) -> bool:
        """Wait for the stage, kill the victim, and return whether there was one."""
        injection = self._injection
        number = getattr(signal, injection.name)
        lines = {"start": 0, "end": len(self._verdicts) + 1}.get(injection.stage, 3)
        lines = max(lines, self._before + 2 if self.injected else 0)  # another check than that of the last injection
        pattern = VICTIMS[injection.victim][0]
        wait_until(lambda: self._has_ended() or (self._count_answers() >= lines and self._find_victim(pattern)), 60)
        time.sleep(injection.delay / 4 if injection.stage in ("check", "between", "shrinking") else injection.delay / 8)
        victim = self._find_victim(pattern)
        if self._has_ended() or not victim:
            return False
        self._processes.update(find_descendants(self._run.pid))
        # Between two checks pytest stands still, and the subject's process runs idle.
        if injection.stage == "between" and injection.victim == "subject":
            self._run.send_signal(signal.SIGSTOP)
            time.sleep(0.3)
        self._before = max(self._count_answers() - 1, 0)
        try:
            os.kill(victim, number)
        except ProcessLookupError:
            return False
        finally:
            self._run.send_signal(signal.SIGCONT)
        return True

    def _find_victim(self, pattern: str) -> int:
        """Return the id of the victim, or 0 if there is none."""
        if not pattern:
            return self._run.pid
        return next((found for found, command in find_descendants(self._run.pid).items() if pattern in command), 0)

    def _has_ended(self) -> bool:
        return self._run.poll() is not None

    def _count_answers(self) -> int:
        return self._path.read_bytes().count(b"\n") if self._path.exists() else 0

    def _count_lost_answers(self) -> int:
        """Return how many answers that were in the ledger are not there any more."""
        return max(self._before - max(self._count_answers() - 1, 0), 0)

    def _problems_of_files(self) -> list[str]:
        """Return a sentence if temporary files are left; a pytest that was killed leaves them to the next run."""
        if self._injection.victim == "pytest":
            return []
        return ["temporary files are left"] if list(self._folder.glob(OWN)) else []

    def _find_differing_verdicts(self) -> list[str]:
        """Return a sentence for each verdict that differs from that of the undisturbed run."""
        if not self._count_answers():
            return []
        found = read_verdicts(self._path)
        return ["%s is %s" % (check, found[check]) for check in found if found[check] != self._verdicts.get(check)]

    def _problems_of_end(self, printed: str) -> list[str]:
        """Return what is wrong with a run that must be complete."""
        run = ledger.read(self._path)
        own = self._injection.name == "SIGSEGV" and any(
            "history" in row for row in run.rows
        )  # a death that is not explained
        found = [] if len(run.rows) == run.run["planned"] and run.end else ["the run is not complete"]
        found += [] if run.end is None or run.end["counts"] == ledger.tally(run.rows) else ["the totals are wrong"]
        expected = 1 if own else self._status
        return found + ([] if self._run.returncode == expected else ["exit status %d" % self._run.returncode, printed])

    def _problems_of_resume(self) -> list[str]:
        """Return what is wrong after ``--resume``."""
        again = start_run(self._folder, self._injection.subject, "--resume")
        printed = again.communicate(timeout=SECONDS)[0].decode("utf-8", "replace")
        if read_verdicts(self._path) != self._verdicts:
            return ["--resume does not complete the run: %s" % printed[-300:]]
        run = ledger.read(self._path)
        found = (
            [] if run.end and run.end["counts"] == ledger.tally(run.rows) else ["the totals are wrong after --resume"]
        )
        return found + (["temporary files are left at the end"] if list(self._folder.glob(OWN)) else [])
