"""Tests of the fuzzer of ledgers: a short run finds nothing, and readers with a fault are reported."""

from __future__ import annotations

import random
import sys
from pathlib import Path
from typing import Any

import pytest

if sys.version_info < (3, 11):
    pytest.skip("pages need Python 3.11", allow_module_level=True)

from reports.ledger import reader
from suites.fuzz import killed_writers, ledgers
from suites.fuzz.damages import DAMAGES
from suites.fuzz.table import Table


def test_a_few_damaged_ledgers_and_killed_writers_are_recorded_rightly() -> None:
    """A longer run is ``python -m suites.fuzz ledgers``."""
    table = Table()
    ledgers.run(table, 16, seed=3)
    assert table.good and table.total().injected >= 16, [line.wrong for line in table.lines]


def test_a_reader_that_ends_with_a_traceback_is_reported(tmp_path: Path) -> None:
    """The traceback is in the problem."""

    def fail_to_read(path: Path) -> str:
        raise KeyError(path)

    assert "KeyError" in ledgers.find_problem(fail_to_read, tmp_path)


def test_a_reader_that_leaves_out_a_row_is_reported(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The readers of a whole ledger are compared with a count that uses none of them."""
    right = reader.check_line

    def check_line(row: Any, number: int, *more: Any) -> Any:
        if number == 3:
            raise KeyError("row")
        return right(row, number, *more)

    path = tmp_path / "whole.jsonl"
    path.write_bytes(DAMAGES["nothing"](ledgers.make_sample_lines(random.Random(1)), random.Random(1)))
    assert not ledgers.find_problem(ledgers.READERS["snippets"], path)
    monkeypatch.setattr(ledgers, "count_rows", lambda path: 0)
    assert "lost rows" in ledgers.find_problem(ledgers.READERS["snippets"], path)
    monkeypatch.setattr(reader, "check_line", check_line)
    assert "KeyError" in ledgers.find_problem(ledgers.READERS["merge"], path)


@pytest.mark.parametrize("kind", sorted(killed_writers.KILLS))
def test_a_killed_writer_loses_no_answer(kind: str, tmp_path: Path) -> None:
    """One kill of each writer at a random moment."""
    assert killed_writers.find_lost_answers(kind, tmp_path / "kill", random.Random(5)) == ("", 0)
