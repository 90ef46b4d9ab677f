"""The fuzzer of inputs: deviations files, expressions, matrix.toml, baselines, artefacts, options and command lines."""

from __future__ import annotations

import os
import random
import sys
import tempfile
from pathlib import Path
from typing import Mapping, Sequence

from suites.fuzz import command_lines, expressions, input_files
from suites.fuzz.input_files import Fault
from suites.fuzz.table import Table

WHOLE_RUN = "option of a whole run"  # takes seconds
# By kind of fault, what injects one, and how many there are in a hundred.
FAULTS: Mapping[str, tuple[Fault, int]] = {
    "deviations file": (input_files.damage_deviations, 28),
    "expression of a deviation": (expressions.damage_expression, 20),
    "options": (command_lines.damage_options, 24),
    "matrix.toml": (input_files.damage_matrix, 8),
    "baseline": (input_files.damage_baseline, 8),
    "stored models": (input_files.damage_artefacts, 6),
    "command line": (command_lines.damage_command_line, 5),
    WHOLE_RUN: (command_lines.damage_whole_run, 1),
}
OLDEST_PYTHON = {"matrix.toml": (3, 11)}


def run(table: Table, count: int, seed: int, left_out: Sequence[str] = ()) -> None:
    """Inject ``count`` damaged inputs, but none of the kinds that are ``left_out``, and record them in the table."""
    kinds = [kind for kind, (_, share) in FAULTS.items() for _ in range(share) if kind not in left_out]
    kinds = [kind for kind in kinds if sys.version_info >= OLDEST_PYTHON.get(kind, (3, 7))]
    random.Random(seed).shuffle(kinds)
    for number in range(count):
        inject(table, kinds[number % len(kinds)], "%d/%d" % (seed, number))


def inject(table: Table, kind: str, seed: str) -> None:
    """Inject one fault of a kind in a folder of its own, and record it; the same seed gives the same fault."""
    with tempfile.TemporaryDirectory(prefix="keras-parity-") as folder:
        before = os.getcwd()
        os.chdir(folder)  # a damaged path may be a relative one
        try:
            problem = FAULTS[kind][0](random.Random(seed), Path(folder))
        finally:
            os.chdir(before)
    table.record(kind, "seed %s: %s" % (seed, problem) if problem else "")
