"""Tests of writing a ledger: strictly and safely, by one writer at a time, on a full disk, and with ``--resume``."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

import pytest

from reports import ledger
from reports.ledger.line import LONGEST_WRITTEN, to_line
from reports.ledger.writer import LedgerWriter
from suites.selftest import ledgers

RUN = {**ledgers.RUN, "cell": "c", "planned": 2}
ROW = ledgers.make_row("c", suite="s", variant="m")


def write_incomplete_ledger(path: Path) -> LedgerWriter:
    """Return the writer of a run that has one of two answers and has not ended."""
    writer = LedgerWriter(path)
    writer.start({"backend": "numpy"}, RUN)
    writer.add(ROW)
    return writer


def test_each_row_is_on_disk_at_once(tmp_path: Path) -> None:
    """A ledger without an end row is incomplete."""
    path = tmp_path / "new" / "a.jsonl"
    writer = write_incomplete_ledger(path)
    assert len(ledger.read(path).rows) == 1 and ledger.read(path).end is None
    writer.add({**ROW, "case": "d"})
    writer.close({})
    assert ledger.read(path).end is not None
    writer.release()


def test_a_row_with_nan_is_refused_and_leaves_the_file_unchanged(tmp_path: Path) -> None:
    """Strict JSON has no NaN."""
    path = tmp_path / "a.jsonl"
    ledger.write_ledger(path, [RUN, ROW])
    with pytest.raises(ValueError, match="JSON"):
        ledger.write_ledger(path, [RUN, {**ROW, "seconds": float("nan")}])
    assert len(ledger.read(path).rows) == 1 and os.listdir(str(tmp_path)) == ["a.jsonl"]


@pytest.mark.skipif(sys.platform == "win32", reason="it has no flock")
def test_a_ledger_in_use_is_refused_to_a_second_writer(tmp_path: Path) -> None:
    """A second run and a merge are refused, also through a link to the file, until the first run ends."""
    path = tmp_path / "a.jsonl"
    writer = write_incomplete_ledger(path)
    (tmp_path / "link").symlink_to(path)
    for other in (path, tmp_path / "link"):
        with pytest.raises(ledger.LedgerError, match="in use by another run"):
            LedgerWriter(other).lock()
        with pytest.raises(ledger.LedgerError, match="in use by another run"):
            ledger.write_ledger(other, [RUN])
    writer.add({**ROW, "case": "d"})
    writer.release()
    assert len(ledger.read(path).rows) == 2
    ledger.write_ledger(tmp_path / "link", [RUN])
    assert (tmp_path / "link").is_symlink() and ledger.read(path).rows == []


def test_a_run_without_an_answer_leaves_the_earlier_ledger_unchanged(tmp_path: Path) -> None:
    """The first answer replaces the earlier ledger; without one no file is written."""
    path = tmp_path / "a.jsonl"
    nothing = LedgerWriter(path)
    nothing.lock()
    nothing.release()
    assert not path.exists()
    write_incomplete_ledger(path).release()
    before = path.read_bytes()
    again = LedgerWriter(path)
    again.lock()
    assert path.read_bytes() == before
    again.start({"backend": "numpy"}, RUN)
    assert ledger.read(path).rows == [] and os.listdir(str(tmp_path)) == ["a.jsonl"]
    again.release()


@pytest.mark.skipif(sys.platform == "win32", reason="it has no limit of the size of files")
def test_a_full_disk_leaves_only_whole_rows_in_the_ledger(tmp_path: Path) -> None:
    """The row that does not fit is left out completely; ``--resume`` continues once there is space."""
    import resource

    path = tmp_path / "a.jsonl"
    writer = write_incomplete_ledger(path)
    before, limits = path.read_bytes(), resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (len(before) + 100, limits[1]))
    try:
        with pytest.raises(ledger.LedgerError, match="cannot be written: File too large"):
            writer.add({**ROW, "case": "d"})
        writer.add({**ROW, "case": "e"})
        with pytest.raises(ledger.LedgerError, match="cannot be written: File too large"):
            ledger.write_ledger(tmp_path / "b.jsonl", [RUN, *[ROW] * 9])
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    writer.release()
    assert path.read_bytes() == before and len(writer.rows) == 1 and os.listdir(str(tmp_path)) == ["a.jsonl"]
    again = LedgerWriter(path)
    assert again.resume({}) == [] and again.start({"backend": "numpy"}, {}) == []
    again.add({**ROW, "case": "d"})
    again.close({})
    again.release()
    assert ledger.read(path).end is not None and path.read_bytes().startswith(before)


def test_resume_removes_only_an_incomplete_last_line(tmp_path: Path) -> None:
    """The bytes of all whole rows stay, and a complete ledger is not changed."""
    path = tmp_path / "a.jsonl"
    write_incomplete_ledger(path).release()
    before = path.read_bytes()
    path.write_bytes(before + b'{"kind": "verdict", "ca')
    inode = path.stat().st_ino
    again = LedgerWriter(path)
    assert again.resume({}) == [] and path.read_bytes() == before and path.stat().st_ino == inode
    again.start({"backend": "numpy"}, {})
    again.add({**ROW, "case": "d"})
    again.close({})
    again.release()
    whole = path.read_bytes()
    again = LedgerWriter(path)
    assert again.resume({}) == [] and again.ended
    again.close({})
    again.release()
    assert path.read_bytes() == whole


def test_resume_refuses_a_plan_with_other_checks(tmp_path: Path) -> None:
    """The numbers of each suite are compared; older ledgers have only a total."""
    path = tmp_path / "a.jsonl"
    write_incomplete_ledger(path).release()
    writer = LedgerWriter(path)
    assert writer.explain_other_plan({"s": 7}) == ""
    writer.resume({})
    assert writer.explain_other_plan({"s": 1}) == ""
    for left in ({"s": 2}, {}, {"s": 1, "t": 1}):
        assert "was planned with 2 checks, and this call makes %d" % (1 + sum(left.values())) in (
            writer.explain_other_plan(left)
        )
    writer.header["suites"] = {"s": 2}
    assert writer.explain_other_plan({"s": 1}) == ""
    assert "other numbers in: s, t; repeat" in writer.explain_other_plan({"t": 1})
    writer.release()


def test_long_texts_and_lists_of_a_row_are_cut(tmp_path: Path) -> None:
    """A mark shows each cut; the fields that identify the check stay whole."""
    deep: Any = []
    for _ in range(100000):
        deep = [deep]
    # Longer than a line may be by some times, and than the first limit of a text, a list and an object.
    message = "begin " + "x" * 10**6 + " end"
    for observed in (
        {"message": message},
        {"list": list(range(10**5))},
        {"deep": deep},
        {str(n): "y" * 99 for n in range(40000)},
    ):
        line = to_line({**ROW, "case": "c" * 1000, "observed": observed})
        row = json.loads(line)
        assert len(line) <= LONGEST_WRITTEN and row["case"] == "c" * 1000 and "[cut" in line
        assert {**row, "observed": ROW["observed"], "case": "c"} == ROW
    cut = json.loads(to_line({**ROW, "observed": {"message": message}}))["observed"]["message"]
    assert cut.startswith("begin xx") and cut.endswith("xx end") and "[cut: 967242 characters]" in cut


def test_resume_needs_the_same_versions_but_not_the_same_device(tmp_path: Path) -> None:
    """Workers take devices in turn; another version is reported, and nothing is written."""
    path, facts = tmp_path / "a.jsonl", {"planned": 2, "options": {"tier": "smoke"}, "subject": "s"}
    first = LedgerWriter(path)
    facts = {**RUN, **facts}
    del facts["keras"]
    assert first.start({"keras": "3", "device": "GPU:0"}, facts) == []
    first.release()
    for device, keras, changed in (("GPU:0", "4", ["keras"]), ("GPU:1", "3", [])):
        again = LedgerWriter(path)
        assert again.resume({"tier": "smoke"}) == [] and again.resume({"tier": "full"}) == ["tier"]
        assert again.start({"keras": keras, "device": device}, facts) == changed
        again.release()
