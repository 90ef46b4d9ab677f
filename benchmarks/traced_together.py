"""Measure what one traced function for several layers saves: ``python -m benchmarks.traced_together``.

A check traces a function for its own layer alone. So a failure belongs to that layer, and the snippet of a mismatch
does what the check did. This command compares the processor time with that of functions that call several layers each.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path
from typing import Any, Sequence

from benchmarks.bare_loop import CalledLayer, record_agreeing_checks
from benchmarks.checks import choose_checks
from fixtures.frameworks.adapter import Setting, SubjectUnavailable, load_subject

MODES = {"graph": False, "xla": True}


def _build_layers(subject: Any, called: Sequence[CalledLayer]) -> list[tuple[Any, Any]]:
    """Return new layers, each with the tensor of its first recorded call."""
    found = []
    for one in called:
        call, layer = one.calls[0], subject.construct(one.case)
        subject.build(layer, call.case, call.weights)
        found.append((layer, subject.tools.tensor(call.fed["x"], one.case.compute_dtype)))
    return found


def _time_functions(subject: Any, called: Sequence[CalledLayer], compiled: bool, together: int) -> float:
    """Return the milliseconds of processor time for each layer, with ``together`` layers in a function, called once."""
    layers = _build_layers(subject, called)
    began = time.process_time()
    for first in range(0, len(layers), together):
        some = layers[first : first + together]

        def call_all(tensors: Sequence[Any], some: Sequence[tuple[Any, Any]] = some) -> list[Any]:
            return [layer(tensor) for (layer, _), tensor in zip(some, tensors)]

        traced = subject.backend.tf.function(call_all, jit_compile=compiled, autograph=False)
        traced([tensor for _, tensor in some])
    return (time.process_time() - began) / len(layers) * 1e3


def measure_mode(mode: str, sizes: Sequence[int], number: int, rounds: int) -> dict[str, Any]:
    """Return the milliseconds for each layer by the number of layers in a function: the least of several rounds."""
    subject = load_subject("keras3", Setting())
    recorded = record_agreeing_checks(choose_checks("forward", (mode,), "keras3", number), subject)
    called = [layer for one in recorded for layer in one.layers]
    times = {size: min(_time_functions(subject, called, MODES[mode], size) for _ in range(rounds)) for size in sizes}
    return {"mode": mode, "layers": len(called), "milliseconds": times}


def main(arguments: list[str] | None = None) -> int:
    """Print the times and write them to a file; no limit is checked. The status is 3 without TensorFlow."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.traced_together", description=__doc__.partition(":")[0])
    parser.add_argument(
        "--layers", type=int, default=64, help="how many checks of the tier smoke (default: %(default)s)"
    )
    parser.add_argument("--rounds", type=int, default=3, help="how often all is measured (default: %(default)s)")
    parser.add_argument("-o", "--output", type=Path, default=Path("reports/out/benchmark-traced-together.json"))
    options = parser.parse_args(arguments)
    try:
        rows = [measure_mode(mode, (1, 4, 8, 16), options.layers, options.rounds) for mode in MODES]
    except SubjectUnavailable as error:
        print("python -m benchmarks.traced_together: %s" % error, file=sys.stderr)
        return 3
    for row in rows:
        print("%s, %d layers, milliseconds for each by the number in one function:" % (row["mode"], row["layers"]))
        print("  " + ", ".join("%d: %.1f" % one for one in row["milliseconds"].items()))
    options.output.parent.mkdir(parents=True, exist_ok=True)
    options.output.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
