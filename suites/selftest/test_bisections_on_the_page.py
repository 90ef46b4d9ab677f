"""Tests of bisections on the page: a cause shows since which release it fails, and every release that was checked."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

pytest.importorskip("duckdb")

from reports.__main__ import main
from reports.facts.bisections import (
    GOOD,
    UNCHECKED,
    BisectionFile,
    BisectionRecord,
    ChangeOfResult,
    CheckedRelease,
    read_bisections,
    to_json,
)
from reports.ledger import LedgerError
from suites.selftest.ledgers import make_row, write_ledger

CAUSE = "crop-other-side"
CASE = "b2-i4.5-c3-f2-k3.2-s2.1-d1.1-valid-onone-last-bias-linear-float32"
RECORD = BisectionRecord(
    package="keras",
    check="forward/eager/" + CASE,
    cause=CAUSE,
    title="",
    severity="wrong-values",
    sentence="good in 3.6.0, mismatch (values) since 3.7.0",
    since="3.7.0",
    fixed_in="",
    releases=[
        CheckedRelease("3.5.0", "2024-09-01", UNCHECKED, "no wheel <b>"),
        CheckedRelease("3.6.0", "2024-10-04", GOOD),
        CheckedRelease("3.7.0", "2024-11-26", "mismatch (values)"),
    ],
    changes=[ChangeOfResult("3.6.0", "3.7.0", "https://github.com/keras-team/keras/compare/v3.6.0...v3.7.0", [])],
)


def write_record(path: Path, record: BisectionRecord) -> Path:
    """Write a file with one bisection."""
    path.write_text(to_json(BisectionFile([record], 3, 30.0, 20.0, 50.0)), encoding="utf-8")
    return path


def test_a_cause_shows_what_a_bisection_found(tmp_path: Path) -> None:
    """The first screen has the release and the one before, the cause has all that were checked and the changes."""
    ledger = write_ledger(tmp_path / "a.jsonl", [make_row(CASE, "mismatch", diagnosis=CAUSE)])
    file, page = write_record(tmp_path / "keras.json", RECORD), tmp_path / "page.html"
    assert main(["build", str(ledger), "--bisections", str(file), "-o", str(page)]) == 0
    text = page.read_text(encoding="utf-8")
    assert "<bdi>Keras 3.7.0</bdi><small><bdi>good in 3.6.0</bdi></small>" in text
    assert "keras: <bdi>good in 3.6.0, mismatch (values) since 3.7.0</bdi>" in text
    assert "(2024-11-26)</span>: <bdi>mismatch (values)</bdi>" in text and "no wheel &lt;b&gt;" in text
    assert 'href="https://github.com/keras-team/keras/compare/v3.6.0...v3.7.0"' in text


def test_on_a_page_of_several_runs_the_first_cell_stays_beside_the_bisection(tmp_path: Path) -> None:
    """The column has cells there, and no versions of packages."""
    ledgers = [
        write_ledger(tmp_path / (name + ".jsonl"), [make_row(CASE, "mismatch", diagnosis=CAUSE)], keras=keras)
        for name, keras in (("one", "3.8.0"), ("two", "3.9.0"))
    ]
    file, page = write_record(tmp_path / "keras.json", RECORD), tmp_path / "page.html"
    assert main(["build", *map(str, ledgers), "--bisections", str(file), "-o", str(page)]) == 0
    text = page.read_text(encoding="utf-8")
    assert "<bdi>one</bdi><small><bdi>by bisection since Keras 3.7.0, good in 3.6.0</bdi></small>" in text


def test_a_bisection_of_a_case_is_shown_at_the_cause_of_its_check(tmp_path: Path) -> None:
    """A bisection that was not made from a ledger knows no cause."""
    ledger = write_ledger(tmp_path / "a.jsonl", [make_row(CASE, "mismatch", diagnosis=CAUSE)])
    page = tmp_path / "page.html"
    for check, shown in (("forward/eager/" + CASE, True), ("gradients/eager/" + CASE, False)):
        file = write_record(tmp_path / "keras.json", replace(RECORD, cause="", check=check))
        assert main(["build", str(ledger), "--bisections", str(file), "-o", str(page)]) == 0
        assert ("by bisection" in page.read_text(encoding="utf-8")) == shown


def test_a_bisection_of_another_cause_is_not_shown(tmp_path: Path) -> None:
    """The name of the cause decides."""
    ledger = write_ledger(tmp_path / "a.jsonl", [make_row(CASE, "mismatch", diagnosis="bias-missing")])
    file, page = write_record(tmp_path / "keras.json", RECORD), tmp_path / "page.html"
    assert main(["build", str(ledger), "--bisections", str(file), "-o", str(page)]) == 0
    assert "by bisection" not in page.read_text(encoding="utf-8")


@pytest.mark.parametrize("text", ["", "{}", "[1, 2]", '{"bisections": [{"package": 1}]}', "\x00"])
def test_a_file_without_bisections_is_refused_in_one_sentence(text: str, tmp_path: Path) -> None:
    """The sentence names the file and the command that writes one; the page is not built."""
    file = tmp_path / "keras.json"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(LedgerError, match="write it with python -m reports bisect"):
        read_bisections([file])
    ledger = write_ledger(tmp_path / "a.jsonl", [make_row(CASE)])
    assert main(["build", str(ledger), "--bisections", str(file), "-o", str(tmp_path / "page.html")]) == 3
    assert not (tmp_path / "page.html").exists()


def test_the_records_are_read_as_they_were_written(tmp_path: Path) -> None:
    """Also through the file."""
    assert read_bisections([write_record(tmp_path / "keras.json", RECORD)]) == [RECORD]
