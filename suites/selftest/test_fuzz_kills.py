"""Tests of the fuzzer that kills processes of a run: a short run finds nothing; lost answers are reported."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from suites.fuzz import kills
from suites.fuzz.table import Table


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[int, kills.Verdicts]]:
    """Return exit status and verdicts of a run without a kill, by subject."""
    folder = tmp_path_factory.mktemp("undisturbed")
    return {subject: kills._run_undisturbed(folder, subject) for subject in (kills.HEALTHY, kills.FAULTY)}


@pytest.fixture(autouse=True)
def _run_undisturbed_once(monkeypatch: pytest.MonkeyPatch, undisturbed: dict[str, tuple[int, kills.Verdicts]]) -> None:
    """Let the tests of this module compare with the same two runs."""
    monkeypatch.setattr(kills, "_run_undisturbed", lambda folder, subject: undisturbed[subject])


def test_a_few_killed_processes_lose_no_answer() -> None:
    """The killed processes are the subject's and pytest's; a longer run is ``python -m suites.fuzz kills``."""
    table = Table()
    kills.run(table, 4, seed=2)
    assert table.good and table.total().injected >= 4, [line.wrong for line in table.lines]


def test_the_fuzzer_draws_every_process_stage_and_signal() -> None:
    """Each combination is drawn once before any is drawn again."""
    every = kills.draw_kills(64, seed=1)
    assert len({(one.victim, one.stage, one.name) for one in every}) == 64
    assert {one.victim for one in every} == set(kills.VICTIMS)
    assert {one.stage for one in every} == {"start", "check", "between", "shrinking", "end"}


@pytest.mark.parametrize("verdict", ["crashed", None])
def test_the_fuzzer_reports_a_wrong_verdict_and_a_lost_answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, verdict: str | None
) -> None:
    """A row of the ledger is changed or removed after the run."""
    right = kills.read_verdicts

    def damaged(path: Path) -> kills.Verdicts:
        found = right(path)
        if "undisturbed" not in str(path):
            first = next(iter(found))
            if verdict is None:
                lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
                path.write_text("".join(line for line in lines if json.loads(line).get("case") != first[0]), "utf-8")
            else:
                found[first] = verdict
        return found

    table = Table()
    monkeypatch.setattr(kills, "draw_kills", lambda count, seed: [kills.Injection("subject", "check", "SIGKILL", 0)])
    monkeypatch.setattr(kills, "read_verdicts", damaged)
    kills.run(table, 1, seed=1)
    assert not table.good
