"""Tests of the ledger of whole pytest runs: shards, resume, strict JSON, a path in use, a full disk."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest

from reports import ledger
from reports.ledger.writer import LedgerWriter
from suites.selftest.pytest_in_process import call_pytest, sorted_verdict_rows
from suites.selftest.pytest_runs import options_of_first_cases


@pytest.fixture(scope="module")
def healthy_ledger(case_option: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the ledger of a run of the cases of ``case_option`` on the healthy NumPy layer."""
    path = tmp_path_factory.mktemp("healthy") / "a.jsonl"
    status, text = call_pytest(case_option, "--subject", "numpy_layer", "--ledger", path)
    assert status == 0, text
    return path


def test_a_run_that_stops_at_a_failure_is_resumed(tmp_path: Path) -> None:
    """The check that the subject's process had begun ahead has no row, and runs again."""
    path, cases = tmp_path / "a.jsonl", options_of_first_cases(lambda case: True, 4)
    common = ["--subject", "numpy_layer:bias-missing", "--ledger", path, *cases]
    status, text = call_pytest(*common, "-x")
    stopped = ledger.read(path)
    assert status != 0 and stopped.end is None and 0 < len(stopped.rows) < 4, text
    assert [row["verdict"] for row in stopped.rows if row["verdict"] != "agree"] == ["mismatch"]
    status, text = call_pytest(*common, "--resume")
    whole = ledger.read(path)
    assert status == 1 and whole.end is not None and len({row["case"] for row in whole.rows}) == len(whole.rows) == 4
    assert whole.rows[: len(stopped.rows)] == stopped.rows


def test_two_shards_are_the_whole_and_resume_completes_a_cut_ledger(case_option: str, tmp_path: Path) -> None:
    """Checks that have an answer do not run again."""
    parts = [tmp_path / "1.jsonl", tmp_path / "2.jsonl"]
    for number, path in enumerate(parts, 1):
        assert (
            call_pytest(case_option, "--subject", "numpy_layer", "--shard", "%d/2" % number, "--ledger", path)[0] == 0
        )
    ids = [{row["case"] for row in ledger.read(path).rows} for path in parts]
    assert not ids[0] & ids[1] and len(ids[0] | ids[1]) == 17
    lines = parts[0].read_text(encoding="utf-8").splitlines(keepends=True)
    parts[0].write_text("".join(lines[:4]) + lines[4][:30], encoding="utf-8")  # the cut is within a line
    assert ledger.read(parts[0]).end is None
    status, text = call_pytest(
        case_option, "--subject", "numpy_layer", "--shard", "1/2", "--ledger", parts[0], "--resume"
    )
    assert status == 0, text
    assert {row["case"] for row in ledger.read(parts[0]).rows} == ids[0]
    assert len(ledger.read(parts[0]).rows) == len(ids[0]) and ledger.read(parts[0]).end is not None
    status, text = call_pytest(
        case_option, "--subject", "numpy_layer", "--shard", "2/2", "--ledger", parts[0], "--resume"
    )
    assert status == 4 and "was run with another shard" in text


def test_every_line_of_a_ledger_is_strict_json(tmp_path: Path) -> None:
    """No line has NaN, although entries of the special data are NaN and do not agree."""
    path, cases = tmp_path / "a.jsonl", options_of_first_cases(lambda case: case.batch > 1, 2)
    status, text = call_pytest("suites/special", *cases, "--subject", "numpy_layer:batch-mixed", "--ledger", path)
    assert status == 1 and ledger.read(path).end is not None, text
    lines = path.read_text(encoding="utf-8").splitlines()
    assert any('"nan"' in line for line in lines)
    for line in lines:
        json.loads(line, parse_constant=lambda name: pytest.fail("not strict JSON: " + name))


def test_a_run_refuses_a_ledger_path_that_is_in_use_or_not_its_own(
    case_option: str, healthy_ledger: Path, tmp_path: Path
) -> None:
    """The status is 4 for a page, a case file or no file at all, and 3 for a file in use; nothing is changed."""
    path = tmp_path / "a.jsonl"
    common = (case_option, "--subject", "numpy_layer", "--ledger", path)
    before = healthy_ledger.read_bytes()
    path.write_bytes(before)
    (tmp_path / "link.html").symlink_to(path)
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    writer = LedgerWriter(path)
    writer.lock()
    for arguments, status, sentence in (
        (
            ["--report=%s" % (tmp_path / "link.html")],
            4,
            "is the file of --ledger too" if sys.version_info > (3, 11) else "needs Python 3.11",
        ),
        (["--ledger=%s" % case_option.split("@")[1]], 4, "few.txt too; give each a file of its own"),
        (["--ledger=%s" % (tmp_path / "loop")], 4, "loop cannot be used: Too many levels of symbolic links"),
        (["--ledger=%s" % os.devnull], 4, "is not a regular file"),
        ([], 3, "is in use by another run: wait for its end, or give another path"),
        (["--resume"], 3, "is in use by another run: wait for its end, or give another path"),
        (["-n", "1"], 3, "is in use by another run: wait for its end, or give another path"),
    ):
        found, text = call_pytest(*common, *arguments)
        assert (found, sentence in text, "Traceback" in text) == (status, True, False), text
    writer.release()
    status, text = call_pytest(*common, "--resume", "suites/gradients")
    assert status == 4 and "was planned with 17 checks, and this call makes 30; other numbers in: gradients" in text
    assert path.read_bytes() == before


@pytest.mark.skipif(sys.platform == "win32", reason="it has no limit of the size of files")
@pytest.mark.parametrize("workers", [(), ("-n", "1")])
def test_a_full_disk_ends_the_run_without_losing_an_answer(
    case_option: str, healthy_ledger: Path, tmp_path: Path, workers: tuple[str, ...]
) -> None:
    """The exit status is 3, and ``--resume`` runs the remaining checks: the rows are those of a run without a break."""
    import resource

    path, limits = tmp_path / "a.jsonl", resource.getrlimit(resource.RLIMIT_FSIZE)
    common = (case_option, "--subject", "numpy_layer", "--ledger", path, *workers)
    resource.setrlimit(resource.RLIMIT_FSIZE, (15000, limits[1]))
    try:
        status, text = call_pytest(*common)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    rows = ledger.read(path).rows
    sentence = (
        "a.jsonl cannot be written: File too large; make room or give another path; it keeps the %d answers before"
    )
    assert status == 3 and sentence % len(rows) in text and "Traceback" not in text and 0 < len(rows) < 17, text
    if workers:
        common = (*common[:-1], "2")  # as many as a run with workers has at least
    status, text = call_pytest(*common, "--resume")
    resumed = ledger.read(path)
    assert status == 0 and resumed.rows[: len(rows)] == rows and len(resumed.rows) == 17, text
    assert resumed.end is not None and sorted_verdict_rows(resumed) == sorted_verdict_rows(ledger.read(healthy_ledger))
