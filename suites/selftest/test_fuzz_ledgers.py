"""Tests of the fuzzer of ledgers: a short run finds nothing, and readers with a fault are reported."""

from __future__ import annotations

import random
import sys
from pathlib import Path
from typing import Any, Callable, Mapping

import pytest

if sys.version_info < (3, 11):
    pytest.skip("pages need Python 3.11", allow_module_level=True)

from fixtures.deviations import ledger_rows
from reports.facts import store
from reports.ledger import reader
from suites.fuzz import killed_writers, ledgers
from suites.fuzz.damages import DAMAGES, READ, REFUSED
from suites.fuzz.judgement import judge
from suites.fuzz.ledger_commands import COMMANDS, LINES, find_problem, problem_of_line, run_command
from suites.fuzz.sample_ledger import make_sample_lines
from suites.fuzz.table import Table


def write_damaged(folder: Path, damage: str, seed: int = 1) -> Path:
    """Write a ledger with a damage and return its path."""
    path, draw = folder / "damaged.jsonl", random.Random(seed)
    path.write_bytes(DAMAGES[damage](make_sample_lines(draw), draw))
    return path


def find_reports(path: Path, damage: str, monkeypatch: pytest.MonkeyPatch) -> Mapping[str, str]:
    """Return what the fuzzer says about the readers of a file, without whole commands."""
    monkeypatch.setattr(ledgers, "WHOLE_COMMAND", 0)
    found = ledgers.find_problems(path, damage, random.Random(1), whole_line=0)
    return {name: problem for name, problem in found.items() if problem}


def test_a_few_damaged_ledgers_and_killed_writers_are_recorded_rightly() -> None:
    """A longer run is ``python -m suites.fuzz ledgers``."""
    table = Table()
    ledgers.run(table, 24, seed=3, whole_line=0)
    assert table.good and table.total().injected > 8 * 16, [line.wrong for line in table.lines]


@pytest.mark.parametrize("damage", sorted(DAMAGES))
def test_the_judgement_agrees_with_what_is_known_of_a_damage(damage: str) -> None:
    """Some damages must always be refused, and some files must always be read; the rest is either, by what is drawn."""
    draw = random.Random(damage)
    for _ in range(3):
        judged = judge(DAMAGES[damage](make_sample_lines(draw), draw))
        assert not ledgers.find_contradiction(damage, judged), judged
    assert damage not in READ or judged.counts
    assert damage not in REFUSED or judged.damage


ACCEPTING: Mapping[str, tuple[str, list[tuple[Any, str, Callable[..., Any]]], set[str]]] = {
    "totals of the reports": (
        "an end too early",
        [(module, "check_totals", lambda *_: None) for module in (reader, store)],
        {"resume", "merge", "build", "diff", "history"},
    ),
    "totals of the run side": (
        "totals of other categories",
        [(ledger_rows, "_check_end", lambda *_: None)],
        {"baseline", "suggest", "keep and snippets"},
    ),
    "names of known deviations": (
        "an unknown known deviation",
        [(ledger_rows, "_known_names", lambda *_: {"unknown", "", "Known", None, "known", "baseline"})],
        {"baseline", "suggest", "keep and snippets"},
    ),
    "categories": ("nothing", [(ledger_rows, "category", lambda row: "agree")], {"baseline", "suggest", "resume"}),
}


@pytest.mark.parametrize("name", sorted(ACCEPTING))
def test_a_reader_that_accepts_a_damage_is_reported(name: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """One check of the readers is left out at a time; without that fault the same file is recorded rightly."""
    damage, faults, wrong = ACCEPTING[name]
    path = write_damaged(tmp_path, damage)
    assert not find_reports(path, damage, monkeypatch)
    for module, function, fault in faults:
        monkeypatch.setattr(module, function, fault)
    if name == "categories":
        monkeypatch.setattr("suites.fuzz.ledger_readers.category", lambda row: "agree")
    assert wrong <= set(find_reports(path, damage, monkeypatch))


def test_a_reader_that_loses_a_row_or_ends_with_a_traceback_is_reported(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The judgement uses none of the readers."""
    path, right = write_damaged(tmp_path, "cut at any byte", seed=2), ledger_rows._lines

    def read_all_but_one(path: Path) -> Any:
        return [line for number, line in enumerate(right(path)) if number != 1]

    def fail(*_: Any) -> None:
        raise KeyError("none")

    monkeypatch.setattr(ledger_rows, "_lines", read_all_but_one)
    monkeypatch.setattr(reader, "check_run", fail)
    found = find_reports(path, "cut at any byte", monkeypatch)
    assert "other totals" in found["suggest"] and "KeyError" in found["merge"] and "KeyError" in found["resume"]


@pytest.mark.parametrize("name", sorted(set(COMMANDS) - {"suggest"}))
def test_whole_commands_read_and_refuse_ledgers(name: str, tmp_path: Path) -> None:
    """The totals that a command prints or writes are compared; other totals are reported."""
    command, whole = COMMANDS[name], write_damaged(tmp_path, "nothing")
    judged = judge(whole.read_bytes())
    ran = run_command(command, whole)
    assert not find_problem(command, ran, judged, True)
    damaged = judge(DAMAGES["two ends"](make_sample_lines(random.Random(1)), random.Random(1)))
    assert "accepted" in find_problem(command, ran, damaged, False)
    ran = run_command(command, write_damaged(tmp_path, "two ends"))
    assert not find_problem(command, ran, damaged, False)
    assert "must be read" in find_problem(command, ran, judged, True)


def test_a_command_line_refuses_a_damaged_ledger(tmp_path: Path) -> None:
    """The command lines of pytest are in longer runs only."""
    path = write_damaged(tmp_path, "an end in the middle")
    assert set(LINES) >= {"resume", "baseline"} and not problem_of_line("merge", path, judge(path.read_bytes()), False)


@pytest.mark.parametrize("kind", sorted(killed_writers.KILLS))
def test_a_killed_writer_loses_no_answer(kind: str, tmp_path: Path) -> None:
    """One kill of each writer at a random moment."""
    assert killed_writers.find_lost_answers(kind, tmp_path / "kill", random.Random(5)) == ("", 0)
