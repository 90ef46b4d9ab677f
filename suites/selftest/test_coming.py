"""Tests of coming releases on the page: a nightly build is compared with the newest release and fails nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("duckdb")

from reports.__main__ import main
from reports.facts.coming import compare_coming
from reports.facts.grid_columns import make_grid_column
from reports.facts.summary import summarise
from reports.ledger import LedgerError
from suites.selftest.ledger_stores import make_store
from suites.selftest.ledgers import make_ledger, make_row, write_ledger

CASES = ["b%d-i4.5-c3-f2-k3.2-s2.1-d1.1-valid-onone-last-bias-linear-float32" % number for number in range(1, 5)]


def write_run(path: Path, verdicts: str, keras: str, backend: str = "tensorflow", **more: Any) -> Path:
    """Write a run with one check for each letter: a for one that agrees, m for a mismatch."""
    rows = [
        make_row(case, "agree" if letter == "a" else "mismatch", diagnosis=None if letter == "a" else "bias-missing")
        for case, letter in zip(CASES, verdicts)
    ]
    return write_ledger(path, rows, cell=path.stem, keras=keras, backend=backend, **more)


def test_a_nightly_build_is_compared_with_the_newest_release(tmp_path: Path) -> None:
    """One check is fixed and two are broken; the older release is not the one to compare with."""
    old, new = (
        write_run(tmp_path / "keras3.6.jsonl", "mmmm", "3.6.0"),
        write_run(tmp_path / "keras3.15.jsonl", "maaa", "3.15.1"),
    )
    night = write_run(tmp_path / "nightly.jsonl", "amma", "3.16.0.dev2026102704")
    (found,) = compare_coming([old, new], [night])
    assert (found.cell, found.released, found.fixed, found.broken) == ("nightly", "keras3.15", 1, 2)
    assert [count for _, count in found.unlisted] == [2]
    assert found.sentence == "1 check fixed, 2 newly broken, 0 otherwise changed, 1 alike"


def test_a_coming_release_is_not_compared_with_itself(tmp_path: Path) -> None:
    """A folder of ledgers has both; the order of the switches does not matter either."""
    switches = [{"onednn": "off", "isa": "avx2"}, {"isa": "avx2", "onednn": "off"}]
    new, night = (
        write_run(tmp_path / (name + ".jsonl"), verdicts, keras, options={"switches": chosen})
        for name, verdicts, keras, chosen in zip(
            ("keras3.15", "nightly"), ("aaaa", "amma"), ("3.15.1", "3.16.0.dev2026102704"), switches
        )
    )
    (found,) = compare_coming([new, night], [night])
    assert (found.released, found.broken) == ("keras3.15", 2)
    later = write_run(tmp_path / "later.jsonl", "aaaa", "3.17.0.dev1", options={"switches": switches[0]})
    assert [one.released for one in compare_coming([new, night, later], [night, later])] == ["keras3.15"] * 2


def test_the_page_and_the_summary_show_it_and_the_verdict_does_not_count_it(tmp_path: Path) -> None:
    """A broken nightly build is an early warning."""
    new = write_run(tmp_path / "keras3.15.jsonl", "aaaa", "3.15.1")
    night = write_run(tmp_path / "nightly.jsonl", "amma", "3.16.0.dev2026102704")
    page, summary = tmp_path / "page.html", tmp_path / "summary.md"
    other = write_run(tmp_path / "other.jsonl", "aaam", "3.16.0.dev2026102703")
    command = ["build", str(new), "--coming", str(night), "--coming", str(other), "-o", str(page)]
    assert main([*command, "--summary", str(summary)]) == 0
    text = page.read_text(encoding="utf-8")
    assert 'id="coming"' in text and "0 checks fixed, 2 newly broken" in text and "3.16.0.dev2026102704" in text
    assert "3.16.0.dev2026102703" in text  # an option that is given twice has both
    assert "<title>✓" in text
    assert "2 newly broken" in summary.read_text(encoding="utf-8")
    assert main(["build", str(new), "-o", str(page)]) == 0
    assert 'id="coming"' not in page.read_text(encoding="utf-8")


def test_without_a_run_of_the_same_subject_it_says_which_is_missing(tmp_path: Path) -> None:
    """The subject and backend are named."""
    new = write_run(tmp_path / "keras3.15.jsonl", "aaaa", "3.15.1", backend="torch")
    night = write_run(tmp_path / "nightly.jsonl", "amma", "3.16.0.dev2026102704", backend="tensorflow")
    with pytest.raises(LedgerError, match="give a ledger of keras3 on tensorflow too"):
        compare_coming([new], [night])


def test_a_column_of_the_grid_is_marked_by_its_cell_or_its_version() -> None:
    """The name of a cell says it too, because a nightly build may have the version of the coming release."""
    for cell, keras, coming in (
        ("coming-tensorflow", "3.15.1", True),
        ("mine", "3.16.0.dev2026102704", True),
        ("mine", "3.16.0rc1", True),
        ("latest", "3.15.1", False),
        ("mine", "3.15-custom build", False),
    ):
        (made,) = summarise(make_store([make_ledger(cell, [make_row(CASES[0])], keras=keras)])).cells
        assert make_grid_column(made).coming == coming, (cell, keras)
