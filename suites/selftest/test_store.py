"""Ledgers in DuckDB: the same counts, rows and refusals as the reader that goes line by line."""

from __future__ import annotations

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
from reports.page import rows
from reports.page.columns import Column, Numbers
from reports.page.rows import make_columns, rows_in_full
from suites.selftest import ledgers
from suites.selftest.ledger_stores import make_store
from suites.selftest.ledgers import make_row

CASES = [Case(1, (n, 4), 1, 1, (2, 2), (1, 1), (1, 1)).id for n in range(1, 7)]
HOSTILE = "<b>' \" \\ \u202e \U0001f600 {\x01"


def run_ledger(rows: list[dict[str, Any]], cell: str = "a", **run: Any) -> ledger.Ledger:
    """A complete run."""
    return ledgers.make_ledger(cell, rows, **run)


ROWS = [
    make_row(CASES[0]),
    make_row(CASES[1], property="rejection"),
    make_row(CASES[2], "mismatch", observed={"reason": HOSTILE}),
    make_row(CASES[3], "mismatch", known_deviation="k"),
    make_row(CASES[4], "crashed", known_deviation="k", diagnosis="d"),
    make_row(CASES[5], "not-run", observed={"reason": "none"}, smallest={"case": CASES[0]}),
]


def written(path: Path, text: str) -> Path:
    """A file."""
    path.write_text(text, encoding="utf-8")
    return path


def text_of(made: ledger.Ledger) -> list[str]:
    """The lines of a ledger."""
    return [json.dumps(line) + "\n" for line in (made.run, *made.rows, made.end)]


def test_counts_and_rows_are_those_of_the_line_by_line_reader() -> None:
    """Outcomes, causes, and every field of every row; strings as they are."""
    store = make_store([run_ledger(ROWS)])
    found = dict(store.ask("select category, count(*) from result group by all"))
    assert found == {key: n for key, n in ledger.tally(ROWS).items() if n}
    causes = dict(store.ask('select "case", cause from result where cause is not null'))
    assert causes == {one["case"]: ledger.cause(one) for one in ROWS if one["verdict"] != "agree"}
    for one, back in zip(ROWS, store.rows("true")):
        assert {key: back[key] for key in one if key != "kind"} == {k: v for k, v in one.items() if k != "kind"}


def test_a_broken_file_is_refused_in_the_same_words(tmp_path: Path) -> None:
    """Not there, empty, no run first, another schema, not JSON, an unknown verdict, a check twice, a field less."""
    lines = text_of(run_ledger(ROWS))
    less = json.dumps({key: value for key, value in ROWS[0].items() if key != "checked"}) + "\n"
    broken = {
        "no run": lines[1:],
        "schema": [json.dumps({**run_ledger([]).run, "schema": 9}) + "\n"],
        "lacks": [lines[0].replace('"known_deviations": []', '"other": []')],
        "axes": [json.dumps({**run_ledger([]).run, "axes": []}) + "\n"],
        "options": [json.dumps({**run_ledger([]).run, "options": []}) + "\n"],
        "twice": [*lines[:3], lines[1]],
        "verdict": [lines[0], lines[1].replace('"agree"', '"fine"')],
        "field": [lines[0], less],
    }
    for name, text in broken.items():
        path = written(tmp_path / name, "".join(text))
        with pytest.raises(ledger.LedgerError) as one:
            Store([path])
        with pytest.raises(ledger.LedgerError) as other:
            ledger.read(path)
        assert str(one.value) == str(other.value), name
    for name, words in {"empty": "", "words": "hello\n", "half": lines[0] + "{\n" + lines[1]}.items():
        with pytest.raises(ledger.LedgerError, match=name):
            Store([written(tmp_path / name, words)])
    with pytest.raises(ledger.LedgerError, match="cannot be read"):
        Store([tmp_path / "none"])
    with pytest.raises(ledger.LedgerError, match="more than one ledger is of the cell a"):
        make_store([run_ledger(ROWS), run_ledger(ROWS)])
    with pytest.raises(ledger.LedgerError, match="has other parameters in its case ids than"):
        make_store([run_ledger(ROWS), run_ledger(ROWS, "b", axes=[["batch", "b"]])])


def test_a_line_that_does_not_say_what_it_is_is_an_answer(tmp_path: Path) -> None:
    """As to the reader that goes line by line; a second first line is none, and is refused."""
    lines = text_of(run_ledger(ROWS))
    bare = json.dumps({key: value for key, value in ROWS[1].items() if key != "kind"}) + "\n"
    path = written(tmp_path / "bare", "".join([*lines[:2], bare]))
    assert Store([path]).ask("select count(*) from answer") == [(len(ledger.read(path).rows),)] == [(2,)]
    twice = written(tmp_path / "twice", "".join([*lines[:2], lines[0], lines[2]]))
    for read in (ledger.read, lambda path: Store([path])):
        with pytest.raises(ledger.LedgerError, match="line 3 lacks case"):
            read(twice)


def test_half_a_character_does_not_cost_the_page() -> None:
    """A subject may say it; it is kept as its number, and whole characters as they are."""
    text = "half \udc80 and \ud83d, whole \U0001f600, told \\ud83d"
    (back,) = make_store([run_ledger([make_row(CASES[0], "mismatch", observed={"message": text})])]).rows("true")
    assert back["observed"] == {"message": "half \\udc80 and \\ud83d, whole \U0001f600, told \\ud83d"}


def test_a_run_that_was_cut_off_is_an_incomplete_one(tmp_path: Path) -> None:
    """The half-written line does not count."""
    lines = text_of(run_ledger(ROWS))
    cut = Store([written(tmp_path / "cut", "".join(lines[:4]) + lines[4][:30])])
    assert cut.runs[0].end is None and cut.ask("select count(*) from answer") == [(3,)]
    whole = Store([written(tmp_path / "whole", "".join(lines))])
    assert whole.runs[0].end == run_ledger(ROWS).end


def test_the_columns_of_the_explorer_say_what_the_rows_say() -> None:
    """Every value of every row, found again by its codes; what is told in full lies where its row is."""
    store = make_store([run_ledger(ROWS), run_ledger(ROWS[2:4], "b" + HOSTILE)])
    made = make_columns(store)
    by_name = {column.name: column for column in made}

    def value(name: str, place: int) -> Any:
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
    assert all(isinstance(column, (Column, Numbers)) for column in made)


def test_the_smallest_are_shown_in_full(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of every cause so many, whatever came first."""
    monkeypatch.setattr(rows, "EACH", 1)
    large = Case(1, (100, 400), 1, 1, (2, 2), (1, 1), (1, 1)).id
    made = [make_row(case, "mismatch", diagnosis=name) for name in "ab" for case in (large, CASES[0])]
    made = [{**one, "variant": one["diagnosis"]} for one in made]
    found = rows_in_full(make_store([run_ledger(made)])).values()
    assert [(one["diagnosis"], one["case"]) for one in found] == [("a", CASES[0]), ("b", CASES[0])]
