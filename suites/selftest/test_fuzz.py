"""Tests of the fuzzers: the table of their results, and a few hundred faults of each fuzzer."""

from __future__ import annotations

import os
import random
import time
from pathlib import Path
from types import ModuleType
from typing import Callable, Iterator

import pytest

from fixtures.deviations import expression, reader
from fixtures.run import option_values
from fixtures.run.options import OPTIONS
from suites.fuzz import inputs
from suites.fuzz.__main__ import main
from suites.fuzz.command_lines import VALUES, fill_word
from suites.fuzz.refusals import problem_of_call, problem_of_command, problem_of_sentence
from suites.fuzz.table import Table, read_table


def test_a_fuzz_table_counts_wrong_records_and_lost_answers(tmp_path: Path) -> None:
    """The table is good only if every fault was recorded correctly and no answer was lost."""
    table = Table()
    table.record("a")
    assert table.good
    lost = Table()
    lost.record("b", lost=2)
    assert not lost.good
    table.record("a", "seed 1: a traceback")
    assert not table.good
    table.add(lost)
    path = tmp_path / "table.json"
    table.write(path)
    again = read_table(path)
    assert again.to_json() == table.to_json()
    assert again.to_markdown().split("\n")[2:] == ["| a | 2 | 1 | 0 |", "| b | 1 | 1 | 2 |", "| all | 3 | 2 | 2 |"]


def test_fuzz_tables_of_several_files_are_printed_as_one(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The exit status is 1 for a wrong record and 3 for a file without a table."""
    path = tmp_path / "table.json"
    table = Table()
    table.record("a")
    table.write(path)
    assert main(["table", str(path), str(path)]) == 0
    assert "| all | 2 | 2 | 0 |" in capsys.readouterr().out
    table.record("a", "seed 1: a traceback")
    table.write(path)
    assert main(["table", str(path)]) == 1
    assert "WRONG a: seed 1: a traceback" in capsys.readouterr().out
    path.write_text("[1]", encoding="utf-8")
    assert main(["table", str(path)]) == 3
    assert "has no table" in capsys.readouterr().err


def test_damaged_inputs_are_accepted_or_refused_in_a_sentence() -> None:
    """A few hundred of every kind but whole runs; ``python -m suites.fuzz inputs`` injects many."""
    table = Table()
    inputs.run(table, 300, 1, [inputs.WHOLE_RUN])
    assert table.good, "\n".join(problem for line in table.lines for problem in line.wrong)
    assert table.total().injected == 300


def test_a_whole_run_with_a_damaged_option_ends_in_a_sentence() -> None:
    """One of them, in a process of its own."""
    table = Table()
    inputs.inject(table, inputs.WHOLE_RUN, "1/1")
    assert table.good, table.lines[0].wrong


def test_every_option_is_damaged() -> None:
    """An option that is added needs values to damage."""
    assert set(VALUES) == {option.name for option in OPTIONS}


def test_the_fuzzer_leaves_nothing_outside_its_folder(tmp_path: Path) -> None:
    """A damaged path lies below the folder, or is a device or the current folder, where nothing can be made."""
    devices = ("/dev/zero", "/dev/full", "/proc/self/mem", "", ".")
    for number in range(3000):
        path = fill_word(random.Random(number), tmp_path, "PATH")
        assert path in devices or os.path.commonpath([str(tmp_path), os.path.abspath(path)]) == str(tmp_path), path


def _skip(*_: object) -> Iterator[str]:
    return iter(())


def _accept(*_: object) -> None:
    """Check nothing."""


def _read_shard_without_checks(value: str) -> tuple[int, ...]:
    """Return the two numbers of ``--shard``; a bad value raises what ``int`` raises."""
    return tuple(map(int, value.split("/")))


@pytest.mark.parametrize(
    ("kind", "module", "name", "fault"),
    [
        ("deviations file", reader, "find_wrong_types", _skip),
        ("deviations file", reader, "find_wrong_values_of_entry", _skip),
        ("expression of a deviation", expression, "_refuse_unknown_syntax", _accept),
        ("options", option_values, "_read_shard", _read_shard_without_checks),
    ],
)
def test_the_fuzzer_detects_what_lacks_a_check(
    monkeypatch: pytest.MonkeyPatch, kind: str, module: ModuleType, name: str, fault: Callable[..., object]
) -> None:
    """Without a check of the project, some of two hundred inputs are recorded wrongly."""
    expression.compile_expression.cache_clear()
    monkeypatch.setattr(module, name, fault)
    table = Table()
    for number in range(200):
        inputs.inject(table, kind, "1/%d" % number)
        if not table.good:
            break
    expression.compile_expression.cache_clear()
    assert not table.good


def test_the_same_seed_gives_the_same_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that a wrong record can be looked at again."""
    tables = [Table(), Table()]
    monkeypatch.setattr(reader, "find_wrong_types", _skip)
    for table in tables:
        for number in range(60):
            inputs.inject(table, "deviations file", "1/%d" % number)
    first, second = ([line.recorded_rightly for line in table.lines] for table in tables)
    assert first == second and first[0] < 60


def test_what_counts_as_a_right_answer() -> None:
    """Success or a refusal in one sentence; no other exception, no hang, no other exit status."""

    def fail() -> None:
        raise KeyError("x")

    def refuse() -> None:
        raise ValueError("x must be y")

    assert problem_of_call(lambda: 1, [ValueError]) == "" and problem_of_call(refuse, [ValueError]) == ""
    assert problem_of_call(fail, [ValueError]).startswith("traceback: KeyError")
    assert problem_of_call(lambda: time.sleep(9), [ValueError], seconds=0.05) == "no end within 0.05 s"
    assert problem_of_command(lambda arguments: 1, []) == ""
    assert problem_of_command(lambda arguments: 2, []) == "exit status 2: "
    assert problem_of_command(lambda arguments: 4, []) == "not one sentence: ''"
    assert "characters" in problem_of_sentence("x" * 5000) and problem_of_sentence("a\nb") != ""
