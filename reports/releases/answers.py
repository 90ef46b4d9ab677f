"""Runs some checks in one release, in an environment of its own, and keeps the ledgers with their results."""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from reports.facts.bisections import GOOD, UNCHECKED
from reports.ledger import LedgerError, Row, category, read
from reports.ledger.categories import case_hash
from reports.matrix_file import ROOT
from reports.releases.environments import CannotInstall, make_environment
from reports.releases.errors import BisectError
from reports.releases.requirements import ReleaseEnvironment
from reports.releases.search import NO_RESULT

LIMIT = 1800.0  # seconds that pytest may take for the checks of one release
_INFRASTRUCTURE = 3  # pytest's exit status if the framework cannot be imported, or has none of the checks
_REASON = "cannot-be-checked.txt"
# pytest's exit status and last line if it does not take an option's value, which is the same in every release. A
# conftest.py that cannot be imported has this status too, and another last line.
_BAD_CALL, _ERROR = 4, "ERROR: "
_NOT_RUN = "keras-parity cannot ask: "
# uv's words for a release that cannot be installed; another failure, such as one of the network, may not repeat.
_NO_SOLUTION = "No solution found"


@dataclass(frozen=True)
class Answer:
    """The result of one check in one release: GOOD, or verdict and property of the mismatch, or NO_RESULT.

    ``reason`` says why there is no result.
    """

    result: str
    reason: str = ""

    @property
    def words(self) -> str:
        """Return the result as a table shows it."""
        return self.result if self.result != NO_RESULT else "%s: %s" % (UNCHECKED, self.reason)


@dataclass(frozen=True)
class Answers:
    """The results of one release by check, and the seconds that the environment and the checks took."""

    by_check: dict[str, Answer]
    install_seconds: float
    check_seconds: float


class ReleaseChecker:
    """Checks releases, and reads the results of earlier calls in its folder, so that a killed bisection can go on.

    Each check is made ``repeat`` times, since some causes vary from run to run.
    """

    def __init__(self, folder: Path, repeat: int = 1) -> None:
        self._folder, self._repeat = folder.resolve(), repeat  # pytest runs in another folder

    def run_checks(self, environment: ReleaseEnvironment, checks: Iterable[str]) -> Answers:
        """Return the results of the checks, each SUITE/VARIANT/CASE; NO_RESULT for one that the release does not have.

        Raises ``BisectError`` if pytest does not take a check or a switch.
        """
        digest = hashlib.sha256(environment.key.encode("utf-8")).hexdigest()[:8]
        folder = self._folder / ("%s-%s-%s" % (environment.release.distribution, environment.release.version, digest))
        names, reason, install, seconds = list(dict.fromkeys(checks)), _read_reason(folder), 0.0, 0.0
        found = read_answers(folder)
        for _ in range(self._repeat):
            missing = [name for name in names if len(found.get(name, ())) < self._repeat]
            if not missing or reason:
                break
            reason, made, ran = self._run(environment, folder, missing)
            install, seconds = install + made, seconds + ran
            found = read_answers(folder)
        absent = [Answer(NO_RESULT, reason or "the suite has no such check for this release")]
        return Answers({name: join_answers(found.get(name, absent)) for name in names}, install, seconds)

    def _run(self, environment: ReleaseEnvironment, folder: Path, checks: list[str]) -> tuple[str, float, float]:
        """Run the checks. Return why it was not possible, or an empty text, and the seconds of both steps."""
        folder.mkdir(parents=True, exist_ok=True)
        try:
            python, install = make_environment(environment)
        except CannotInstall as error:
            reason = "it cannot be installed: %s" % error
            return _keep_reason(folder, reason) if _NO_SOLUTION in reason else reason, 0.0, 0.0
        number = 1 + sum(1 for _ in folder.glob("*.jsonl"))
        named, ledger = folder / ("checks-%d.txt" % number), folder / ("%d.jsonl" % number)
        named.write_text("\n".join(checks) + "\n", encoding="utf-8")
        suites = sorted({"suites/" + check.partition("/")[0] for check in checks})
        command = [str(python), "-m", "pytest", "-q", "-p", "no:cacheprovider", "--subject", environment.subject]
        command += ["--check=@%s" % named, "--ledger=%s" % ledger, *suites]
        command += ["--switch", environment.switches] if environment.switches else []
        variables = {**os.environ, "KERAS_BACKEND": environment.backend}
        variables = {name: value for name, value in variables.items() if not name.startswith("KERAS_PARITY_")}
        began = time.monotonic()
        try:
            ran = subprocess.run(command, cwd=ROOT, env=variables, capture_output=True, text=True, timeout=LIMIT)
        except subprocess.TimeoutExpired:
            return "its checks took longer than %d s" % LIMIT, install, time.monotonic() - began
        (folder / ("%d.txt" % number)).write_text(ran.stdout + ran.stderr, encoding="utf-8")
        seconds = time.monotonic() - began
        return describe_end(ran.returncode, ran.stdout + ran.stderr), install, seconds


def join_answers(answers: Sequence[Answer]) -> Answer:
    """Return the answer of a repeated check: that of the runs with a result, or which results it varies between."""
    found = [answer for answer in answers if answer.result != NO_RESULT] or list(answers)
    results = sorted({answer.result for answer in found})
    return found[0] if len(results) < 2 else Answer("varies: %s" % ", ".join(results))


def read_answers(folder: Path) -> dict[str, list[Answer]]:
    """Return the answers of the ledgers in a folder, by the check with the id of its case and with its hash."""
    found: dict[str, list[Answer]] = {}
    for path in sorted(folder.glob("*.jsonl")):
        try:
            ledger = read(path)
        except LedgerError:
            continue  # pytest was killed before its first answer
        for row in ledger.rows:
            for case in (row["case"], case_hash(row["case"])):
                found.setdefault("%s/%s/%s" % (row["suite"], row["variant"], case), []).append(_to_answer(row))
    return found


def _to_answer(row: Row) -> Answer:
    if category(row) in ("agree", "refused as expected"):
        return Answer(GOOD)
    if row["verdict"] in ("not-run", "suite-bug"):
        return Answer(
            NO_RESULT, str(row["observed"].get("reason") or row["observed"].get("message") or row["verdict"])[:200]
        )
    return Answer("%s (%s)" % (row["verdict"].replace("-", " "), row["property"]))


def describe_end(status: int, output: str) -> str:
    """Return why pytest could not run every check, or an empty text if it could.

    Raises ``BisectError`` for a call that pytest takes in no release.
    """
    if status in (0, 1):
        return ""
    last = _find_last_line(output)
    if status == _BAD_CALL and last.startswith(_ERROR):
        raise BisectError(re.sub(r"\S*checks-[0-9]+\.txt, line [0-9]+", "the check", last[len(_ERROR) :]))
    if status == _INFRASTRUCTURE and _NOT_RUN in output:
        return _find_reason(output)
    return "pytest ended with exit status %d: %s" % (status, last)


def _find_reason(output: str) -> str:
    """Return why the framework cannot be checked: pytest's sentence, and the error of a traceback below it."""
    text = output.rpartition(_NOT_RUN)[2]
    lines = [line.strip(" !") for line in text.splitlines()]
    errors = [line for line in lines[1:] if re.match(r"[A-Za-z_.]+(Error|Exception|Exit|Warning)\b", line)]
    return " ".join([lines[0], *errors[:1]])[:300]


def _find_last_line(output: str) -> str:
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    return lines[-1][:300] if lines else "it printed nothing"


def _keep_reason(folder: Path, reason: str) -> str:
    (folder / _REASON).write_text(reason, encoding="utf-8")
    return reason


def _read_reason(folder: Path) -> str:
    path = folder / _REASON
    return path.read_text(encoding="utf-8") if path.exists() else ""
