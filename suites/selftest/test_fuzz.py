"""Tests of the fuzzers: the table of their results, and a few hundred faults of each fuzzer."""

from __future__ import annotations

from pathlib import Path

import pytest

from suites.fuzz.__main__ import main
from suites.fuzz.table import Table, read


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
    again = read(path)
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
