"""Tests of ``python -m reports merge``: shards of one run become its ledger, and others are refused."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

if sys.version_info < (3, 11):
    pytest.skip("reports need Python 3.11", allow_module_level=True)

from reports import ledger
from reports.__main__ import main
from suites.selftest.ledgers import save_ledger as write
from suites.selftest.test_run_comparison import make_verdict_row, run_ledger


def test_merged_shards_are_one_run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """It is complete if every shard is; shards of another run and repeated rows are refused."""
    one, two = (
        run_ledger("a", [make_verdict_row("r")], shard="1/2"),
        run_ledger("b", [make_verdict_row("f")], shard="2/2"),
    )
    paths = [write(one, tmp_path / "1.jsonl"), write(two, tmp_path / "2.jsonl")]
    target = tmp_path / "all.jsonl"
    assert main(["merge", *map(str, paths), "-o", str(target)]) == 0
    merged = ledger.read(target)
    assert (len(merged.rows), merged.run["planned"], merged.run["cell"]) == (2, 2, "all") and merged.end is not None
    assert main(["merge", str(paths[0]), str(paths[0]), "-o", str(target)]) == 3
    again = write(run_ledger("d", [make_verdict_row("r")], shard="2/2"), tmp_path / "4.jsonl")
    assert main(["merge", str(paths[0]), str(again), "-o", str(target)]) == 3
    other = write(run_ledger("c", [make_verdict_row("z")], backend="jax"), tmp_path / "3.jsonl")
    assert main(["merge", str(paths[0]), str(other), "-o", str(target)]) == 3
    assert main(["merge", str(paths[0]), "-o", str(target)]) == 3
    assert main(["merge", *map(str, paths), "-o", str(paths[0])]) == 3
    assert main(["build", str(paths[0]), str(paths[0]), "-o", str(tmp_path / "p.html")]) == 3
    text = capsys.readouterr().err
    assert "missing: 2/2" in text and "is one of the parts" in text and "more than one ledger is of the cell a" in text
    assert "repeats checks" in text and "of another run" in text and "backend" in text
    two.end = None
    assert main(["merge", str(paths[0]), str(write(two, paths[1])), "-o", str(target)]) == 0
    assert ledger.read(target).end is None
