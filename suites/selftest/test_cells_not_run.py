"""Tests of cells that this machine cannot run: each has a reason, and counts neither as passed nor as failed."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from reports.ledger import reason_path
from reports.ledger.writer import LedgerWriter

if sys.version_info >= (3, 11):
    from reports.__main__ import _read_reasons_of_cells
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


def test_the_matrix_has_a_cell_for_each_instruction_set_class() -> None:
    """The newest Keras has them on TensorFlow and on torch, each with its own cap."""
    capped = {cell.name: cell.options[1] for cell in read_cells() if "isa=" in " ".join(cell.options)}
    for backend in ("tensorflow", "torch"):
        for isa in ("avx2", "avx512_core", "avx512_core_bf16", "avx512_core_fp16"):
            assert capped["keras3.15-%s-%s" % (backend, isa)].endswith("isa=" + isa)
