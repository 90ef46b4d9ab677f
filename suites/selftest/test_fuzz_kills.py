"""Tests of the fuzzer that kills processes of a run: a short run finds nothing; lost answers are reported."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Callable, Iterator

import pytest

from suites.fuzz import kills
from suites.fuzz.table import Table
from suites.selftest.forked_pytest import ForkedRunInFolder
from suites.selftest.pytest_in_process import call_pytest

# A process of each kind, every stage but "between", and signals that a process gets by its own mistake and from others.
# The subject is a healthy or a faulty one. The runs whose pytest or worker was killed are completed with ``--resume``.
FOUR_KILLS = kills.Injection("subject", "check", "SIGKILL", 0)
KILLS = [
    kills.Injection("pytest", "shrinking", "SIGKILL", 0),
    kills.Injection("xdist worker", "start", "SIGTERM", 0),
    kills.Injection("subject", "start", "SIGSEGV", 0),
    kills.Injection("resource tracker", "end", "SIGHUP", 0),
    FOUR_KILLS,
]


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Path, str], tuple[int, kills.Verdicts]]:
    """Return what returns exit status and verdicts of a run without a kill, which runs once for each subject."""
    found: dict[str, tuple[int, kills.Verdicts]] = {}

    def run_once(folder: Path, subject: str) -> tuple[int, kills.Verdicts]:
        if subject not in found:
            path = tmp_path_factory.mktemp("undisturbed") / "run.jsonl"
            cases = [word for case in kills.choose_cases() for word in ("--case", case.id)]
            status, _ = call_pytest(*kills.SUITES, "--subject", subject, "--variant", "none", *cases, "--ledger", path)
            found[subject] = status, kills.read_verdicts(path)
        return found[subject]

    return run_once


@pytest.fixture(autouse=True)
def _run_undisturbed_once(
    monkeypatch: pytest.MonkeyPatch, undisturbed: Callable[[Path, str], tuple[int, kills.Verdicts]]
) -> None:
    """Let the tests of this module compare with the same two runs."""
    monkeypatch.setattr(kills, "_run_undisturbed", undisturbed)


@pytest.fixture(scope="module", autouse=True)
def _few_cases() -> Iterator[None]:
    """Let the runs start fast and have ten cases: six are computed, and four are refused.

    A run of seven may end before the last of four kills.
    """
    chosen = kills.choose_cases()[::2]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(kills, "choose_cases", lambda: chosen)
        patch.setattr(kills, "start_pytest", ForkedRunInFolder)
        yield


@pytest.fixture(scope="module")
def ended(
    tmp_path_factory: pytest.TempPathFactory,
    undisturbed: Callable[[Path, str], tuple[int, kills.Verdicts]],
    _few_cases: None,
) -> EndedRun:
    """Return a run whose subject was killed four times."""
    folder = tmp_path_factory.mktemp("ended")
    run = EndedRun(folder, FOUR_KILLS, undisturbed(folder, FOUR_KILLS.subject))
    super(EndedRun, run).disturb()
    return run


class EndedRun(kills.DisturbedRun):
    """A run that several tests look at, because it is disturbed once."""

    def disturb(self) -> None:
        """Do nothing: the run has ended."""

    @property
    def path(self) -> Path:
        """Return the path of its ledger."""
        return self._path


def test_a_few_killed_processes_lose_no_answer(monkeypatch: pytest.MonkeyPatch, ended: EndedRun) -> None:
    """A longer run is ``python -m suites.fuzz kills``."""
    right = kills.DisturbedRun

    def make_run(
        folder: Path, injection: kills.Injection, undisturbed: tuple[int, kills.Verdicts]
    ) -> kills.DisturbedRun:
        return ended if injection is FOUR_KILLS else right(folder, injection, undisturbed)

    monkeypatch.setattr(kills, "draw_kills", lambda count, seed: KILLS)
    monkeypatch.setattr(kills, "DisturbedRun", make_run)
    table = Table()
    kills.run(table, len(KILLS), seed=1)
    assert table.good, [line.wrong for line in table.lines]
    # A run may end before the kill at its end.
    assert table.total().injected - FOUR_KILLS.times in (len(KILLS) - 2, len(KILLS) - 1)


def test_the_fuzzer_draws_every_process_stage_and_signal() -> None:
    """Each combination is drawn once before any is drawn again."""
    every = kills.draw_kills(64, seed=1)
    assert len({(one.victim, one.stage, one.name) for one in every}) == 64
    assert {one.victim for one in every} == set(kills.VICTIMS)
    assert {one.stage for one in every} == {"start", "check", "between", "shrinking", "end"}


def _change_verdict(path: Path, found: kills.Verdicts) -> None:
    found[next(iter(found))] = "crashed"


def _remove_case(path: Path, found: kills.Verdicts) -> None:
    (case, _, _) = next(iter(found))
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    path.write_text("".join(line for line in lines if json.loads(line).get("case") != case), "utf-8")


@pytest.mark.parametrize("damage", [_change_verdict, _remove_case])
def test_the_fuzzer_reports_a_wrong_verdict_and_a_lost_answer(
    monkeypatch: pytest.MonkeyPatch, ended: EndedRun, damage: Callable[[Path, kills.Verdicts], None]
) -> None:
    """A row of the ledger is changed or removed after the run; without that, the same run is right."""
    right, ledger = kills.read_verdicts, ended.path.read_bytes()
    assert ended.find_problems() == ([], 0)

    def damaged(path: Path) -> kills.Verdicts:
        found = right(path)
        damage(path, found)
        return found

    table = Table()
    monkeypatch.setattr(kills, "draw_kills", lambda count, seed: [FOUR_KILLS])
    monkeypatch.setattr(kills, "DisturbedRun", lambda *given: ended)
    monkeypatch.setattr(kills, "read_verdicts", damaged)
    try:
        kills.run(table, 1, seed=1)
    finally:
        ended.path.write_bytes(ledger)
    assert not table.good


def test_answers_that_a_run_loses_are_counted(monkeypatch: pytest.MonkeyPatch, ended: EndedRun) -> None:
    """The ledger is empty but for its header, and had answers before the last kill."""
    ledger = ended.path.read_bytes()
    ended.path.write_bytes(ledger.splitlines(keepends=True)[0])
    try:
        problems, lost = ended.find_problems()
        assert "the run is not complete" in problems and lost > 0
    finally:
        ended.path.write_bytes(ledger)
