"""Tests of the history of a folder of ledgers: the order of its runs, and when causes appear and end."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

if sys.version_info < (3, 11):
    pytest.skip("reports need Python 3.11", allow_module_level=True)

from reports.__main__ import main
from reports.facts.cause_history import FIXED, UNASKED
from reports.facts.history import CellHistory, make_history
from reports.ledger import LedgerError
from reports.page.render import render_history
from suites.selftest.ledgers import CASES, HOSTILE, make_row, write_ledger
from suites.selftest.pages import Tags

BAD = {"verdict": "mismatch", "diagnosis": "kernel-flipped"}
KNOWN_DEVIATION = {"verdict": "mismatch", "known_deviation": "late"}


def write_run(folder: Path, day: int, *rows: dict[str, Any], ended: bool = True, **head: Any) -> Path:
    """Write a run of the cell "one" on this day of a month; the file's name does not tell the order."""
    path = folder / ("%02d" % (day % 3)) / ("%d.jsonl" % (90 - day))
    return write_ledger(path, rows, ended, **{"cell": "one", "started": "2026-11-%02dT08:00:00+00:00" % day, **head})


def read_only_cell(folder: Path) -> CellHistory:
    """Return the history of the only cell in a folder."""
    (line,) = make_history(folder).lines
    return line


def test_the_history_sorts_runs_by_their_start(tmp_path: Path) -> None:
    """File names do not count, and times with another offset are converted."""
    write_run(tmp_path, 3, make_row(CASES[0]), started="2026-11-03T00:30:00+02:00")
    write_run(tmp_path, 2, make_row(CASES[0]), make_row(CASES[1], **BAD), keras="3.15.0")
    write_run(tmp_path, 1, make_row(CASES[0], **KNOWN_DEVIATION), make_row(CASES[1]))
    points = read_only_cell(tmp_path).points
    assert [point.started for point in points] == ["2026-11-01 08:00", "2026-11-02 08:00", "2026-11-02 22:30"]
    assert [(point.new, point.known, point.agree) for point in points] == [(0, 1, 1), (1, 0, 1), (0, 0, 1)]
    assert points[0].change is None and points[0].environment == []
    assert points[1].moved == {"regressed": 1, "fixed": 1}
    assert points[1].environment == [("keras", "3.14.0", "3.15.0")]
    assert points[2].environment == [("keras", "3.15.0", "3.14.0")]


def test_a_cause_is_fixed_only_in_a_run_that_ran_its_checks(tmp_path: Path) -> None:
    """A run without these checks leaves the cause open."""
    write_run(
        tmp_path,
        1,
        make_row(CASES[0], **BAD),
        make_row(CASES[1], **KNOWN_DEVIATION),
        make_row(CASES[2], "mismatch", diagnosis="a"),
    )
    write_run(
        tmp_path, 2, make_row(CASES[1], **KNOWN_DEVIATION), make_row(CASES[2], "mismatch", diagnosis="b"), ended=False
    )
    write_run(tmp_path, 3, make_row(CASES[0]), make_row(CASES[2]))
    write_run(
        tmp_path,
        4,
        make_row(CASES[0]),
        make_row(CASES[1], "not-run", observed={"reason": "none"}),
        make_row(CASES[2], **BAD),
    )
    line = read_only_cell(tmp_path)
    ends = {one.cause: (one.counts, one.first, one.last, one.then, one.run_index) for one in line.causes}
    assert ends == {
        "kernel-flipped": ([1, None, 0, 1], 0, 3, "", 2),
        "late": ([1, 1, None, None], 0, 1, UNASKED, 3),
        "a": ([1, 0, 0, 0], 0, 0, "another cause: b", 1),
        "b": ([0, 1, 0, 0], 1, 1, FIXED, 2),
    }
    assert line.causes[0].cause == "kernel-flipped" and {one.cause for one in line.causes if not one.new} == {"late"}
    assert line.points[1].environment == [] and not line.points[1].complete


def test_the_history_lists_files_that_are_no_ledgers(tmp_path: Path) -> None:
    """Each has a reason, also a copy of another run; a folder without a ledger is an error."""
    with pytest.raises(LedgerError, match=r"no file ends in \.jsonl"):
        make_history(tmp_path)
    (tmp_path / "empty.jsonl").write_text("", encoding="utf-8")
    (tmp_path / "other.jsonl").write_text('{"kind": "run", "schema": 9}\n', encoding="utf-8")
    (tmp_path / "bytes.jsonl").write_bytes(b"\xff\xfe\n")
    with pytest.raises(LedgerError, match=r"there is no ledger in .* that can be read"):
        make_history(tmp_path)
    path = write_run(tmp_path, 1, make_row(CASES[0]))
    (tmp_path / "zz.jsonl").write_bytes(path.read_bytes())
    broken = write_run(tmp_path, 2, make_row(CASES[0]))
    broken.write_text(broken.read_text(encoding="utf-8") + "{\n", encoding="utf-8")
    found = make_history(tmp_path)
    assert found.runs == 1 and found.good
    reasons = {Path(name).name: reason for name, reason in found.unread}
    assert set(reasons) == {"empty.jsonl", "other.jsonl", "bytes.jsonl", "zz.jsonl", broken.name}
    assert "schema 9" in reasons["other.jsonl"] and "is not JSON" in reasons[broken.name]
    assert reasons["zz.jsonl"] == "it is of the same run as %s" % path
    page = render_history(found)
    assert "5 files are left out" in page and "schema 9" in page


def test_the_history_page_shows_every_run_with_a_link_to_its_changes(tmp_path: Path) -> None:
    """Every bar has a text, hostile text is escaped, and nothing is fetched."""
    write_run(tmp_path, 1, make_row(CASES[0]), make_row(CASES[1], **KNOWN_DEVIATION))
    write_run(
        tmp_path,
        2,
        make_row(CASES[0], "mismatch", diagnosis=HOSTILE),
        make_row(CASES[1], **KNOWN_DEVIATION),
        keras=HOSTILE,
    )
    write_run(tmp_path, 3, make_row(CASES[0]), make_row(CASES[1], **KNOWN_DEVIATION), ended=False)
    write_run(tmp_path, 4, make_row(CASES[0]), make_row(CASES[1]), ended=False)
    write_ledger(tmp_path / "x.jsonl", [make_row(CASES[0])], cell="2.10" + HOSTILE, started=HOSTILE)
    write_ledger(tmp_path / "y.jsonl", [make_row(CASES[0])], cell="2.9", started="")
    found = make_history(tmp_path)
    assert not found.good and found.sentence.endswith(" in its last run. 1 last run is not complete.")
    page = render_history(found)
    tags = Tags(page)
    assert tags.names.count("script") == 1 and not tags.fetched  # the script of every page
    assert tags.targets <= tags.ids and "change-3-2" in tags.targets
    of_trends = sum(len(trend.bars) for trend in found.trends)  # two causes in the four runs of a cell
    assert of_trends == 2 * 4 and tags.names.count("rect") == 2 * 6 + of_trends and page.count('class="cut"') == 2 * 2
    assert page.count("</title></rect>") == tags.names.count("rect")
    assert "New deviations of one in 4 runs: from 0 to 0, at most 1" in page
    assert "Known deviations of one in 4 runs: from 1 to 0, at most 1" in page
    assert page.count("<line ") == 2 * 2
    assert page.index(">2.9<") < page.index(">2.10") < page.index(">one<")


def test_a_file_whose_first_line_is_nested_too_deeply_is_named_among_those_not_read(tmp_path: Path) -> None:
    """Decoding such a line raises RecursionError; the other runs are shown."""
    write_run(tmp_path, 1, make_row(CASES[0]))
    (tmp_path / "deep.jsonl").write_text("[" * 100000 + "\n", encoding="utf-8")
    ((path, reason),) = make_history(tmp_path).unread
    assert path.endswith("deep.jsonl") and "nested too deeply" in reason


def test_the_command_history_writes_the_page(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The exit status is 3 if there is no ledger."""
    write_run(tmp_path / "in", 1, make_row(CASES[0], **BAD), make_row(CASES[1]))
    page = tmp_path / "out" / "history.html"
    assert main(["history", str(tmp_path / "in"), "-o", str(page)]) == 0
    text = page.read_text(encoding="utf-8")
    assert (
        text.startswith("<!DOCTYPE html>")
        and "1 run, 1 cell. 1 deviates in ways that are not listed in its last run: 1 check." in text
    )
    assert main(["history", str(tmp_path / "none"), "-o", str(page)]) == 3
    assert "is not a folder" in capsys.readouterr().err


def test_the_trend_of_a_cause_adds_up_the_cells(tmp_path: Path) -> None:
    """Each cell counts with its last run until then; a run that has none of the checks changes nothing."""
    bad = [make_row(case, "mismatch", diagnosis="a") for case in CASES[:2]]
    write_run(tmp_path, 1, *bad)
    write_run(tmp_path, 2, bad[0], make_row(CASES[1]), cell="two")
    write_run(tmp_path, 3, make_row(CASES[0]), make_row(CASES[1]))
    write_run(tmp_path, 4, make_row(CASES[2]), cell="two")
    (trend,) = make_history(tmp_path).trends
    assert [count for _, count in trend.bars] == [2, 3, 1]
    assert (trend.cells, trend.of) == ({"two": 1}, 2)
    assert (trend.first, trend.last) == ("2026-11-01 08:00", "2026-11-02 08:00")


@pytest.mark.parametrize("started", ["2026-11-01T08:00:00+00:00", "", "at dawn"])
def test_the_last_run_of_a_cell_decides_a_trend(started: str, tmp_path: Path) -> None:
    """Also if the run before started in the same minute, or at no known time."""
    bad, later = make_row(CASES[0], "mismatch", diagnosis="a"), "2026-11-01T08:00:10+00:00"
    write_run(tmp_path, 1, bad, started=started)
    write_run(tmp_path, 2, make_row(CASES[0]), started=later)
    (trend,) = make_history(tmp_path).trends
    assert ([count for _, count in trend.bars], trend.cells) == ([1, 0], {})


def test_a_cell_may_have_any_name(tmp_path: Path) -> None:
    """The name of a line has " on " where a cell has several classes of processor."""
    write_run(tmp_path, 1, make_row(CASES[0]), cell="main on a laptop")
    assert read_only_cell(tmp_path).cell == "main on a laptop"


def test_many_runs_share_bars_and_stretches_and_none_is_lost(tmp_path: Path) -> None:
    """A cause that one run of two hundred shows is still seen on the page."""
    rows = {True: make_row(CASES[0], "mismatch", diagnosis="a"), False: make_row(CASES[0])}
    for number in range(200):
        started = "2026-%02d-%02dT08:00:00+00:00" % (number // 28 + 1, number % 28 + 1)
        write_ledger(tmp_path / ("%d.jsonl" % number), [rows[number == 77]], cell="one", started=started)
    found = make_history(tmp_path)
    (trend,) = found.trends
    assert len(trend.bars) == 50 and sum(count for _, count in trend.bars) == 1
    (cause,) = found.lines[0].causes
    assert cause.stretches == [(0, 77, 0), (1, 1, 77), (0, 122, 78)]
    page = render_history(found)
    assert 'style="flex-grow: 77"' in page and "1 run from 2026-03-22 08:00: 1" in page
