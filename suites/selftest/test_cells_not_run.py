"""Tests of cells that this machine cannot run: each has a reason, and counts neither as passed nor as failed."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from reports.ledger import reason_path
from reports.ledger.writer import LedgerWriter

if sys.version_info >= (3, 11):
    from reports.__main__ import _read_reasons_of_cells
    from reports.matrix import _exit_status_of_cells
    from reports.matrix_file import read_cells
else:
    pytest.skip("the matrix needs Python 3.11", allow_module_level=True)


def test_a_run_that_cannot_start_writes_its_reason_to_a_file(tmp_path: Path) -> None:
    """The next run that starts removes the file; a run that has started writes none."""
    run_ledger = LedgerWriter(tmp_path / "cell.jsonl")
    run_ledger.give_up("this machine has no avx512_fp16")
    assert _read_reasons_of_cells([str(tmp_path / "other.jsonl")]) == {"cell": "this machine has no avx512_fp16"}
    run_ledger.start({"subject": "numpy_layer"}, {"planned": 1})
    assert not reason_path(run_ledger.path).exists()
    run_ledger.give_up("too late")
    assert not reason_path(run_ledger.path).exists()
    run_ledger.close({})


@pytest.mark.parametrize(
    ("statuses", "reason", "expected"),
    [((0, 0), False, 0), ((0, 3), True, 0), ((0, 3), False, 1), ((0, 1), True, 1), ((0,), False, 1)],
)
def test_the_matrix_fails_only_for_cells_that_failed(
    tmp_path: Path, statuses: tuple[int, ...], reason: bool, expected: int
) -> None:
    """Exit status 3 with a reason means that the cell was not run; a cell that tox did not reach has failed."""
    ended = {name: {"result": {"exit_code": status}} for name, status in zip("ab", statuses)}
    (tmp_path / "r.json").write_text(json.dumps({"testenvs": ended}), encoding="utf-8")
    if reason:
        reason_path(tmp_path / "b.jsonl").write_text("no\n", encoding="utf-8")
    assert _exit_status_of_cells(tmp_path / "r.json", ["a", "b"], tmp_path) == expected
    assert _exit_status_of_cells(tmp_path / "none.json", ["a"], tmp_path) == 1


def test_the_matrix_has_a_cell_for_each_instruction_set_class() -> None:
    """The newest Keras has them on TensorFlow and on torch, each with its own cap."""
    capped = {cell.name: cell.options[1] for cell in read_cells() if "isa=" in " ".join(cell.options)}
    for backend in ("tensorflow", "torch"):
        for isa in ("avx2", "avx512_core", "avx512_core_bf16", "avx512_core_fp16"):
            assert capped["keras3.15-%s-%s" % (backend, isa)].endswith("isa=" + isa)
