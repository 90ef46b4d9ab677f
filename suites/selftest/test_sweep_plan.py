"""Tests of what a sweep has in its folder: manifest, attempts, merge. The tests with Dask are in suites/sweep."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("tomllib")

from reports import ledger
from reports.__main__ import main as reports_main
from reports.matrix_file import MatrixError, choose_cells, read_cells
from reports.sweep import attempt
from reports.sweep.__main__ import main
from reports.sweep.plan import Job, Plan, SweepError, Task, job_of_cell, job_of_worker, remove_sweep
from suites.selftest.ledgers import CASES, make_row, write_ledger

JOBS = [Job("one", ("{python}",)), Job("two", ("{python}",))]


def make_plan(folder: Path, shards: int = 2, options: tuple[str, ...] = (), commit: str = "c") -> Plan:
    """Return the plan of a sweep with two cells."""
    return Plan(folder, JOBS, shards, options, commit)


def write_shard(plan: Plan, cell: str, shard: int, attempt: int = 1, **more: Any) -> Path:
    """Write the ledger of a shard, with one case."""
    path = plan.folder / cell / ("shard-%d.attempt-%d.jsonl" % (shard, attempt))
    name = "%d/%d" % (shard, plan.shards)
    return write_ledger(path, [make_row(CASES[shard], **more)], shard=name, options={"shard": name})


def test_a_cell_that_lacks_a_shard_is_not_merged_and_the_shard_is_named(tmp_path: Path) -> None:
    """An earlier merged ledger is removed; the last shard completes the cell."""
    plan = make_plan(tmp_path)
    for cell, shard in (("one", 1), ("one", 2), ("two", 2)):
        write_shard(plan, cell, shard)
    (tmp_path / "two.jsonl").write_text("earlier", encoding="utf-8")
    assert plan.merge() == [plan.folder / "one.jsonl"] and not (tmp_path / "two.jsonl").exists()
    assert (tmp_path / "two.not-run.txt").read_text(encoding="utf-8") == "shards are missing: 1\n"
    (tmp_path / "two" / "shard-1.attempt-1.part").write_text("cut", encoding="utf-8")
    assert plan.missing() == [Task("two", 1)]
    write_shard(plan, "two", 1, attempt=3)
    assert [ledger.read(path).run["planned"] for path in plan.merge()] == [2, 2]
    assert not (tmp_path / "two.not-run.txt").exists()


def test_the_first_complete_attempt_wins(tmp_path: Path) -> None:
    """Attempts are ordered as numbers, so the tenth does not come before the second."""
    plan = make_plan(tmp_path)
    for number in (10, 2, 3):
        write_shard(plan, "one", 1, number)
    assert plan.winners() == {Task("one", 1): plan.folder / "one" / "shard-1.attempt-2.jsonl"}


def test_attempts_have_numbers_that_no_other_attempt_has(tmp_path: Path) -> None:
    """The number is taken by a file that is made only once."""
    names = [Path(attempt.reserve_number(str(tmp_path), 3, "me")).name for _ in range(3)]
    assert names == ["shard-3.attempt-%d.start" % number for number in (1, 2, 3)]


def test_a_folder_with_another_sweep_is_refused_and_can_be_emptied(tmp_path: Path) -> None:
    """The manifest has what must be the same."""
    plan = make_plan(tmp_path)
    assert make_plan(tmp_path).token == plan.token
    for other in ({"shards": 3}, {"options": ("--tier", "full")}, {"commit": "d"}):
        with pytest.raises(SweepError, match="other %s" % next(iter(other))):
            make_plan(tmp_path, **other)
    write_shard(plan, "one", 1)
    (tmp_path / "mine.txt").write_text("", encoding="utf-8")
    remove_sweep(tmp_path)
    assert make_plan(tmp_path, 3).winners() == {} and (tmp_path / "mine.txt").exists()
    (tmp_path / "manifest.json").write_text("[]", encoding="utf-8")
    for use in (make_plan, remove_sweep):
        with pytest.raises(SweepError, match="not a manifest"):
            use(tmp_path)


def test_a_ledger_from_another_machine_gets_the_next_number(tmp_path: Path) -> None:
    """It is stored as it was."""
    plan = make_plan(tmp_path)
    text = write_shard(plan, "one", 1).read_bytes()
    (plan.folder / "one" / "shard-1.attempt-1.start").touch()
    stored = plan.store(Task("one", 1), gzip.compress(text))
    assert stored.name == "shard-1.attempt-2.jsonl" and stored.read_bytes() == text


def test_a_cell_that_cannot_run_is_left_out_of_the_merge(tmp_path: Path) -> None:
    """Its reason is where the page of the matrix reads it."""
    plan = make_plan(tmp_path, 1)
    write_shard(plan, "one", 1)
    plan.reasons["two"] = "no such class"
    assert plan.missing() == [] and plan.merge() == [plan.folder / "one.jsonl"]
    assert (tmp_path / "two.not-run.txt").read_text(encoding="utf-8") == "no such class\n"


def test_jobs_have_the_command_and_the_resources_of_their_cell() -> None:
    """Resources are a device and a class of instruction sets."""
    cells = {cell.name: cell for cell in read_cells()}
    job = job_of_cell(cells["keras3.15-tensorflow-avx2"], ["--device", "gpu"])
    assert job.resources == ("GPU", "isa-avx2") and job.command[:7] == (
        *("{python}", "-m", "tox", "run", "-q", "-e"),
        "keras3.15-tensorflow-avx2",
    )
    assert job_of_cell(cells["arm64-jax"], []).resources == ("aarch64",)
    assert job_of_worker(["--tier", "full"]).resources == ()
    assert {cell.machine for cell in choose_cells(list(cells.values()), "")} == {"x86_64"}
    assert [cell.name for cell in choose_cells(list(cells.values()), "arm64-jax,arm64-jax")] == ["arm64-jax"]
    with pytest.raises(MatrixError, match="did you mean"):
        choose_cells(list(cells.values()), "arm64-jaxx")


@pytest.mark.parametrize("words", [["--cells", "nowhere"], ["--here", "--", "--ledger=x"], ["--shards", "0"]])
def test_a_sweep_that_cannot_be_made_ends_with_a_sentence(
    tmp_path: Path, words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """Without a traceback, and with the exit status of a wrong call."""
    try:
        status = main(["-o", str(tmp_path), *words])
    except SystemExit as end:
        status = int(str(end.code))
    assert status == 4 and "sweep: " in capsys.readouterr().err


def test_merging_what_is_not_complete_exits_with_3(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The message names the missing shards."""
    assert main(["-o", str(tmp_path), "--here", "--merge", "--shards", "2"]) == 3
    assert "not complete, 2 of 2 shards are missing: local shard 1, local shard 2" in capsys.readouterr().out


def test_a_ledger_is_whole_if_its_last_line_is_an_end_row(tmp_path: Path) -> None:
    """A line that was cut off is not an end row."""
    path = write_ledger(tmp_path / "a.jsonl", [make_row(CASES[0])])
    end = attempt.read_end(str(path))
    assert end is not None and end["planned"] == 1
    path.write_bytes(path.read_bytes()[:-1])
    assert attempt.read_end(str(path)) is None and attempt.read_end(str(tmp_path / "b.jsonl")) is None


def test_shards_with_other_options_or_repeated_checks_are_not_merged(tmp_path: Path) -> None:
    """Two shards that were balanced by other durations may both have a case, or neither."""
    paths = [tmp_path / "1.jsonl", tmp_path / "2.jsonl"]
    output = ["-o", str(tmp_path / "all.jsonl")]
    for durations, case, status in (("a", 1, 0), ("b", 1, 3), ("a", 0, 3)):
        for number, path in enumerate(paths):
            facts = {"shard": "%d/2" % (number + 1), "durations": durations if number else "a"}
            write_ledger(path, [make_row(CASES[case * number])], shard=facts["shard"], options=facts)
        assert reports_main(["merge", *map(str, paths), *output]) == status
    merged = ledger.read(tmp_path / "all.jsonl")
    assert [row["case"] for row in merged.rows] == CASES[:2] and json.dumps(merged.run["options"])
