"""The fuzzer of inputs: deviations files, matrix.toml, baselines, artefacts, options and command lines."""

from __future__ import annotations

import random

from suites.fuzz.table import Table


def run(table: Table, count: int, seed: int) -> None:
    """Inject ``count`` damaged inputs and record them in the table."""
    draw = random.Random(seed)
    for _ in range(count):
        draw.random()
