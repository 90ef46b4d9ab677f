"""Tests of the archive of runs: what it keeps, that equal answers are stored once, and that a damaged file is named."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("duckdb")

import duckdb

from reports.__main__ import main
from reports.archive import ArchivedRun, add_run, find_runs
from reports.facts.history import make_history
from reports.ledger import LedgerError, read
from suites.selftest.ledgers import make_row, write_ledger

CASES = ["b%d-i4.5-c3-f2-k3.2-s2.1-d1.1-valid-onone-last-bias-linear-float32" % number for number in range(1, 4)]


def write_run(folder: Path, day: int, verdicts: str, seconds: float = 0.1, **more: Any) -> Path:
    """Write a run with a check for each letter, in a random-looking order: a agrees, m is a mismatch."""
    rows = [
        make_row(case, "agree" if letter == "a" else "mismatch", seconds=seconds * place)
        for place, (case, letter) in enumerate(zip(CASES, verdicts), 1)
    ]
    rows = rows[day % 3 :] + rows[: day % 3]
    started = "2026-11-%02dT10:00:00+00:00" % day
    return write_ledger(folder / ("run-%d.jsonl" % day), rows, cell="main", started=started, **more)


def test_an_archived_run_has_all_of_the_ledger_but_the_seconds(tmp_path: Path) -> None:
    """Its rows are sorted, since the order of a parallel run is chance."""
    ledger = write_run(tmp_path, 3, "ama")
    add_run(ledger, tmp_path / "archive")
    (found,) = find_runs(tmp_path / "archive")
    assert isinstance(found, ArchivedRun)
    before, after = read(ledger), found.load()
    assert (after.run, after.end) == (before.run, before.end)
    rows = [{**row, "seconds": 0.0} for row in sorted(before.rows, key=lambda row: str(row["case"]))]
    assert after.rows == rows


def test_equal_answers_are_written_once(tmp_path: Path) -> None:
    """The order and the seconds of two runs differ, and their answers do not; a third run answers otherwise."""
    news = [
        add_run(write_run(tmp_path, day, verdicts, day), tmp_path / "archive")[1]
        for day, verdicts in ((1, "aam"), (2, "aam"), (3, "aaa"), (4, "aam"))
    ]
    assert news == [True, False, True, False]
    assert len(list((tmp_path / "archive").rglob("*.parquet"))) == 2
    assert len(list(find_runs(tmp_path / "archive"))) == 4
    assert add_run(tmp_path / "run-1.jsonl", tmp_path / "archive")[1] is False
    assert len(list(find_runs(tmp_path / "archive"))) == 4  # a run that is added again is no further run


def test_two_runs_of_the_same_second_are_both_stored(tmp_path: Path) -> None:
    """Their first lines differ, and so do the names of their files; each of them keeps its file."""
    archive, other = tmp_path / "archive", tmp_path / "other"
    ledgers = [write_run(tmp_path, 1, "aam"), write_run(other, 1, "aaa", tier="full")]
    files = [add_run(ledger, archive)[0] for ledger in ledgers]
    assert files[0] != files[1] and [add_run(ledger, archive)[0] for ledger in ledgers] == files
    (line,) = make_history(archive).lines
    assert sorted(point.new for point in line.points) == [0, 1]


def test_a_ledger_and_its_archived_run_are_one_run(tmp_path: Path) -> None:
    """A folder may have both; the history counts the run once, and says which file it left out."""
    add_run(write_run(tmp_path, 1, "aam"), tmp_path / "archive")
    write_run(tmp_path, 2, "aaa")
    found = make_history(tmp_path)
    assert found.runs == 2 and "it is of the same run as" in found.unread[0][1]


def test_a_long_version_does_not_make_a_name_that_is_too_long(tmp_path: Path) -> None:
    """A ledger may hold any text."""
    add_run(write_run(tmp_path, 1, "aam", keras="3." * 200), tmp_path / "archive")
    assert make_history(tmp_path / "archive").runs == 1


def test_duckdb_reads_the_answers_directly(tmp_path: Path) -> None:
    """The columns that people filter by are columns."""
    add_run(write_run(tmp_path, 1, "amm"), tmp_path / "archive")
    query = "select verdict, count(*) from read_parquet('%s') group by all order by all" % (
        tmp_path / "archive/main/answers/*.parquet"
    )
    with duckdb.connect() as database:
        assert database.execute(query).fetchall() == [("agree", 1), ("mismatch", 2)]


def test_the_history_of_an_archive_is_that_of_its_ledgers(tmp_path: Path) -> None:
    """Counts, changes and causes are the same, whether the answers of a run are its own or shared."""
    ledgers = tmp_path / "ledgers"
    ledgers.mkdir()
    for day, verdicts in ((1, "aam"), (2, "aam"), (3, "aaa"), (4, "mam")):
        add_run(write_run(ledgers, day, verdicts), tmp_path / "archive")
    (one,), (other,) = make_history(ledgers).lines, make_history(tmp_path / "archive").lines
    assert one.causes == other.causes
    assert [(p.started, p.new, p.moved, p.change) for p in one.points] == [
        (p.started, p.new, p.moved, p.change) for p in other.points
    ]


def test_runs_of_another_class_of_processor_have_a_history_of_their_own(tmp_path: Path) -> None:
    """Otherwise each change of the machine would look like a regression and a fix."""
    for day, isa in ((1, "avx512_core"), (2, "avx512_core_amx"), (3, "avx512_core")):
        write_run(tmp_path, day, "aam" if isa == "avx512_core" else "aaa", isa=isa)
    lines = make_history(tmp_path).lines
    assert [(line.cell, len(line.points)) for line in lines] == [
        ("main on avx512_core", 2),
        ("main on avx512_core_amx", 1),
    ]


NESTED = gzip.compress(b'{"format":1,"answers":"a","end":null,"run":{"a":%s}}' % (b"[" * 100000 + b"]" * 100000))
FLIPPED = gzip.compress(bytes(range(256)))[:20] + b"\xff" * 20


@pytest.mark.parametrize(
    "content",
    [b"", b"no gzip", gzip.compress(b"{}"), gzip.compress(b"\xff"), b"\x1f\x8b\x08", NESTED, FLIPPED],
    ids=["empty", "no-gzip", "no-run", "no-text", "cut-off", "nested", "flipped"],
)
def test_a_damaged_file_is_left_out_with_its_reason(content: bytes, tmp_path: Path) -> None:
    """The other runs are shown."""
    file, _ = add_run(write_run(tmp_path, 1, "aam"), tmp_path / "archive")
    (file.parent / "20261102T100000.json.gz").write_bytes(content)
    found = make_history(tmp_path / "archive")
    assert found.runs == 1 and "it is no run of an archive" in found.unread[0][1]


def test_every_file_of_answers_is_read_in_a_database_of_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """DuckDB may refuse all further work in a database that has read a damaged file."""
    for day, verdicts in ((1, "aam"), (2, "ama")):
        add_run(write_run(tmp_path, day, verdicts), tmp_path / "archive")
    runs = [run for run in find_runs(tmp_path / "archive") if isinstance(run, ArchivedRun)]
    connect, databases = duckdb.connect, []

    def note_database(*given: Any, **further: Any) -> duckdb.DuckDBPyConnection:
        databases.append(connect(*given, **further))
        return databases[-1]

    monkeypatch.setattr(duckdb, "connect", note_database)
    assert len([run.load() for run in runs]) == len(databases) == 2
    for database in databases:
        with pytest.raises(duckdb.ConnectionException):
            database.execute("select 1")


def test_a_run_without_its_answers_is_left_out_with_its_reason(tmp_path: Path) -> None:
    """Somebody removed the file."""
    for day, verdicts in ((1, "aam"), (2, "aaa")):
        add_run(write_run(tmp_path, day, verdicts), tmp_path / "archive")
    next((tmp_path / "archive").rglob("*.parquet")).unlink()
    found = make_history(tmp_path / "archive")
    assert found.runs == 1 and "has no answers" in found.unread[0][1]


def test_a_cell_whose_name_leads_out_of_the_archive_is_refused(tmp_path: Path) -> None:
    """A ledger may hold any text."""
    ledger = write_ledger(tmp_path / "a.jsonl", [make_row(CASES[0])], cell="../../out")
    with pytest.raises(LedgerError, match="has no name that can be a folder"):
        add_run(ledger, tmp_path / "archive")
    assert not (tmp_path / "archive").exists()


def test_the_command_says_which_answers_are_new(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """One line for each ledger."""
    ledgers = [str(write_run(tmp_path, day, "aam")) for day in (1, 2)]
    assert main(["archive", *ledgers, "--folder", str(tmp_path / "archive")]) == 0
    assert [line.rpartition(": ")[2] for line in capsys.readouterr().out.splitlines()] == [
        "new answers",
        "answers as in an earlier run",
    ]
