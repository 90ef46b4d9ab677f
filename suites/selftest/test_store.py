"""Tests of ledgers in DuckDB: counts, rows and errors are those of the line-by-line reader."""

from __future__ import annotations

import gc
import json
import sys
from pathlib import Path
from typing import Any

import pytest

if sys.version_info < (3, 11):
    pytest.skip("reports need Python 3.11", allow_module_level=True)

import numpy as np

from fixtures.case import ID_PARTS, Case
from reports import ledger
from reports.facts.store import Store
from reports.page import explorer_columns
from reports.page.explorer_columns import make_columns, rows_in_full
from reports.page.packed_columns import Numbers
from suites.selftest import ledgers
from suites.selftest.ledger_stores import make_store
from suites.selftest.ledgers import make_row

CASES = [Case(1, (n, 4), 1, 1, (2, 2), (1, 1), (1, 1)).id for n in range(1, 7)]
HOSTILE = "<b>' \" \\ \u202e \U0001f600 {\x01"


def run_ledger(rows: list[dict[str, Any]], cell: str = "a", **run: Any) -> ledger.Ledger:
    """Return a complete ledger with these rows."""
    return ledgers.make_ledger(cell, rows, **run)


ROWS = [
    make_row(CASES[0]),
    make_row(CASES[1], property="rejection"),
    make_row(CASES[2], "mismatch", observed={"reason": HOSTILE}),
    make_row(CASES[3], "mismatch", known_deviation="k"),
    make_row(CASES[4], "crashed", known_deviation="k", diagnosis="d"),
    make_row(CASES[5], "not-run", observed={"reason": "none"}, smallest={"case": CASES[0]}),
]


def write_file(path: Path, text: str) -> Path:
    """Write a file with this text and return its path."""
    path.write_text(text, encoding="utf-8")
    return path


def read_lines(made: ledger.Ledger) -> list[str]:
    """Return the lines of a ledger."""
    return [json.dumps(line) + "\n" for line in (made.run, *made.rows, made.end)]


def test_the_store_has_the_counts_and_rows_of_the_line_by_line_reader() -> None:
    """Every field of every row is compared."""
    store = make_store([run_ledger(ROWS)])
    found = dict(store.query("select category, count(*) from answer group by all"))
    assert found == {key: n for key, n in ledger.tally(ROWS).items() if n}
    causes = dict(store.query('select "case", cause from answer where cause is not null'))
    assert causes == {one["case"]: ledger.cause(one) for one in ROWS if one["verdict"] != "agree"}
    for one, back in zip(ROWS, store.rows("true")):
        assert {key: back[key] for key in one if key != "kind"} == {k: v for k, v in one.items() if k != "kind"}


def test_the_store_refuses_a_broken_ledger_with_the_same_message(tmp_path: Path) -> None:
    """The message is that of the line-by-line reader."""
    lines = read_lines(run_ledger(ROWS))
    less = json.dumps({key: value for key, value in ROWS[0].items() if key != "checked"}) + "\n"
    broken = {
        "no run": lines[1:],
        "schema": [json.dumps({**run_ledger([]).run, "schema": 9}) + "\n"],
        "second run": [*lines[:2], lines[0]],
        "kind": [*lines[:2], '{"kind": "note"}\n'],
        "planned": [lines[0].replace('"planned": 6', '"planned": 5'), *lines[1:]],
        "counts": [*lines[:-1], lines[-1].replace('"agree": 1', '"agree": 2')],
        "end": [*lines[:2], lines[-1]],
        "after the end": [*lines, lines[1]],
        "deviation": [*lines[:2], lines[4].replace('"known_deviation": "k"', '"known_deviation": "l"')],
        "evidence": [lines[0], lines[1].replace('"dtype": "float32"', '"dtype": 32')],
        "lacks": [lines[0].replace('"known_deviations": [', '"other": [')],
        "axes": [json.dumps({**run_ledger([]).run, "axes": []}) + "\n"],
        "options": [json.dumps({**run_ledger([]).run, "options": []}) + "\n"],
        "twice": [*lines[:3], lines[1]],
        "verdict": [lines[0], lines[1].replace('"agree"', '"fine"')],
        "field": [lines[0], less],
    }
    for name, text in broken.items():
        path = write_file(tmp_path / name, "".join(text))
        with pytest.raises(ledger.LedgerError) as one:
            Store([path])
        with pytest.raises(ledger.LedgerError) as other:
            ledger.read(path)
        assert str(one.value) == str(other.value), name
    for name, words in {"empty": "", "words": "hello\n", "half": lines[0] + "{\n" + lines[1]}.items():
        with pytest.raises(ledger.LedgerError, match=name):
            Store([write_file(tmp_path / name, words)])
    with pytest.raises(ledger.LedgerError, match="cannot be read"):
        Store([tmp_path / "none"])
    with pytest.raises(ledger.LedgerError, match="more than one ledger is of the cell a"):
        make_store([run_ledger(ROWS), run_ledger(ROWS)])
    with pytest.raises(ledger.LedgerError, match="has other parameters in its case ids than"):
        make_store([run_ledger(ROWS), run_ledger(ROWS, "b", axes=[["batch", "b"]])])


def test_half_of_a_surrogate_pair_in_a_message_is_shown_as_its_number() -> None:
    """Whole characters are unchanged, and the name of the cause is that of the text as it is shown."""
    text = "half \udc80 and \ud83d, whole \U0001f600, escaped \\ud83d"
    error = {"stage": "call", "error": "E"}
    shown = "half \\udc80 and \\ud83d, whole \U0001f600, escaped \\ud83d"
    store = make_store([run_ledger([make_row(CASES[0], "mismatch", observed={**error, "message": text})])])
    (back,) = store.rows("true")
    assert back["observed"] == {**error, "message": shown}
    assert store.query("select cause from answer") == [(ledger.cause(back),)] and shown in ledger.cause(back)


def test_two_stores_share_no_rows_and_each_ends_with_its_last_reader() -> None:
    """They are databases of one DuckDB, which a process starts once; one that could not be read ends too."""
    gc.collect()  # stores of earlier tests
    databases = "select database_name from duckdb_databases() where database_name like 'store_%'"
    one, other = make_store([run_ledger(ROWS)]), make_store([run_ledger(ROWS[:2])])
    before = len(other.query(databases))
    counts = [store.query("select count(*) from answer")[0][0] for store in (one, other)]
    assert counts == [len(list(store.rows("true"))) for store in (one, other)] and counts[0] != counts[1]
    reader = one.rows("true")
    next(reader)
    del one
    assert len(other.query(databases)) == before and len(list(reader)) == counts[0] - 1
    del reader
    with pytest.raises(ledger.LedgerError) as error:
        make_store([run_ledger(ROWS), run_ledger(ROWS)])
    del error
    gc.collect()
    assert len(other.query(databases)) == before - 1


def test_the_store_reads_a_cut_ledger_as_an_incomplete_run(tmp_path: Path) -> None:
    """The incomplete line does not count."""
    lines = read_lines(run_ledger(ROWS))
    cut = Store([write_file(tmp_path / "cut", "".join(lines[:4]) + lines[4][:30])])
    assert cut.runs[0].end is None and cut.query("select count(*) from answer") == [(3,)]
    whole = Store([write_file(tmp_path / "whole", "".join(lines))])
    assert whole.runs[0].end == run_ledger(ROWS).end


def test_the_columns_of_the_explorer_have_the_values_of_the_rows() -> None:
    """Each value is found by its code, in alphabetical order; rows in full are at the place of their row."""
    store = make_store([run_ledger(ROWS), run_ledger(ROWS[2:4], "b" + HOSTILE)])
    make_columns(store)  # another page of the same store
    made = make_columns(store)
    by_name = {column.name: column for column in made}

    def value(name: str, place: int) -> Any:
        """Return the value of a column at this place."""
        column = by_name[name]
        return column.values[place] if isinstance(column, Numbers) else column.values[column.codes[place]]

    shown = set()
    for place in range(len(made[0])):
        case = "-".join(prefix + value(name, place) for name, prefix in ID_PARTS)
        assert value("hash", place) == Case.parse(case).hash and value("seconds", place) == np.float32(0.25)
        shown.add((value("cell", place), case, value("category", place), value("deviation", place)))
    expected = [("a", one) for one in ROWS] + [("b" + HOSTILE, one) for one in ROWS[2:4]]
    assert shown == {(cell, one["case"], ledger.category(one), one["known_deviation"] or "") for cell, one in expected}
    for place, one in rows_in_full(store).items():
        assert "-".join(prefix + value(name, place) for name, prefix in ID_PARTS) == one["case"]
        assert value("cell", place) == store.runs[one["run"]].cell
    assert len(rows_in_full(store)) == 6
    assert all(isinstance(column, Numbers) or column.values == sorted(column.values) for column in made)


def test_the_smallest_cases_of_every_cause_are_shown_in_full(monkeypatch: pytest.MonkeyPatch) -> None:
    """The order of the rows does not matter."""
    monkeypatch.setattr(explorer_columns, "EACH", 1)
    large = Case(1, (100, 400), 1, 1, (2, 2), (1, 1), (1, 1)).id
    made = [make_row(case, "mismatch", diagnosis=name) for name in "ab" for case in (large, CASES[0])]
    made = [{**one, "variant": one["diagnosis"]} for one in made]
    found = rows_in_full(make_store([run_ledger(made)])).values()
    assert [(one["diagnosis"], one["case"]) for one in found] == [("a", CASES[0]), ("b", CASES[0])]
