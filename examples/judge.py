"""``python -m examples.judge``: cells write the architectures, and cells judge them with ``python -m fixtures model``.

Prints a row for each file and judge as it is ready, and leaves the reports in reports/out/examples. With
``--with-faults`` each model is judged with a fault of the real layer in one of its layers. tox makes the environments
of the cells.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from examples.architectures import ARCHITECTURES
from reports.cell_command import run_in_cell
from reports.matrix_file import ROOT, read_cells

OUT = ROOT / "reports" / "out" / "examples"
NEWEST = "keras3.15-tensorflow"
WRITERS = ("tf2.15-tfkeras", "keras3.8-tensorflow", NEWEST)
# A fault that changes the output of the layer, and the layer that gets it.
FAULTS = {
    "unet-352": ("filters-swapped", "up1"),
    "unet-358": ("output-padding-in-front", "up2"),
    "unet-451": ("bias-missing", "up0"),
    "dcgan": ("crop-other-side", "up256"),
    "vae": ("kernel-rotated", "decoder/up2"),
    "fcn32": ("kernel-flipped-width", "upscore"),
    "wavegan": ("crop-other-side", "up128"),
    "vnet": ("kernel-flipped-height", "up1"),
}
_BATCHES = {"dcgan": 256}  # the batch of a GAN's training
_HEADER = "%-9s %-20s %-20s %6s %5s %6s %5s %7s  %s"


@dataclass(frozen=True)
class Judgement:
    """What the command said of one file: numbers of layers, and what else is in its report."""

    layers: int
    on_data: int
    by_configuration: int
    wrong: tuple[str, ...]
    seconds: float
    note: str

    @property
    def is_complete(self) -> bool:
        """Return whether each layer was judged."""
        return 0 < self.layers == self.on_data + self.by_configuration


def read_report(text: str, seconds: float) -> Judgement:
    """Return the judgement in the JSON text that ``python -m fixtures model --json`` prints; lines may follow it."""
    report, _ = json.JSONDecoder().raw_decode(text[text.index("{") :])
    layers = report["layers"]
    on_data = [layer for layer in layers if any(one["verdict"] != "not-run" for one in layer["verdicts"])]
    checked = [layer for layer in layers if layer not in on_data and layer["checks"]]
    note = "; ".join(_yield_notes(report))
    return Judgement(len(layers), len(on_data), len(checked), tuple(report["wrong"]), seconds, note)


def _yield_notes(report: Mapping[str, Any]) -> Iterator[str]:
    yield from report["shapes"]["conflicts"][:1]
    if report["stage"] == "loading":
        yield "cannot be loaded"
    elif report["stage"] and not report["shapes"]["conflicts"]:
        yield "cannot be called"


def judge_file(path: Path, name: str, judge: str, options: Sequence[str] = ()) -> Judgement:
    """Return the judgement of a file by a cell; without layers if the command failed."""
    subject = {cell.name: cell.subject for cell in read_cells()}[judge]
    batch = ["--batch", str(_BATCHES[name])] if name in _BATCHES else []
    chosen = [] if "--subject" in options else ["--subject", subject]
    command = ["python", "-m", "fixtures", "model", str(path), "--json", *chosen, *batch, *options]
    started = time.monotonic()
    _, output, errors = run_in_cell(judge, command)
    seconds = time.monotonic() - started
    try:
        judgement = read_report(output, seconds)
    except (ValueError, KeyError):
        words = (errors or output).strip().splitlines()
        return Judgement(0, 0, 0, (), seconds, words[-1] if words else "no answer")
    (path.parent / ("%s-by-%s.json" % (path.name, judge))).write_text(output, encoding="utf-8")
    return judgement


def write_models(writer: str, names: Sequence[str], kind: str) -> dict[str, Path]:
    """Let a cell write the architectures, and return the files that it wrote by name."""
    status, _, errors = run_in_cell(writer, ["python", "-m", "examples", str(OUT / writer), *names, "--format", kind])
    if status:
        print("%s writes no models: %s" % (writer, " ".join(errors.split())[-300:]), file=sys.stderr)
    paths = {name: OUT / writer / ("%s.%s" % (name, kind)) for name in names}
    return {name: path for name, path in paths.items() if path.is_file() and not status}


def judge_all(
    writers: Sequence[str], judges: Sequence[str], names: Sequence[str], kind: str, given: Sequence[str]
) -> bool:
    """Print a row for each file and judge; return whether each layer was judged, and right.

    ``given`` are further options of ``python -m fixtures model``.
    """
    print(_HEADER % ("model", "written by", "judged by", "layers", "data", "config", "wrong", "seconds", ""))
    fine = True
    for writer in writers:
        files = write_models(writer, names, kind)
        fine = fine and len(files) == len(names)
        for name, path in files.items():
            for judge in dict.fromkeys(judges or (writer, NEWEST)):
                found = judge_file(path, name, judge, given)
                numbers = (found.layers, found.on_data, found.by_configuration, len(found.wrong))
                print(_HEADER % (name, writer, judge, *numbers, "%.0f" % found.seconds, found.note), flush=True)
                fine = fine and found.is_complete and not found.wrong
    return fine


def judge_faults(names: Sequence[str], kind: str) -> bool:
    """Print where the fault of each architecture was found; return whether it was in its layer, and only there."""
    print("%-9s %-24s %-14s %-14s %7s" % ("model", "fault", "put in", "found in", "seconds"))
    files = write_models(NEWEST, names, kind)
    fine = len(files) == len(names)
    for name, path in files.items():
        fault, layer = FAULTS[name]
        options = ["--subject", "keras3:%s" % fault, "--fault-in", layer, "--mode", "eager"]
        found = judge_file(path, name, NEWEST, options)
        words = ", ".join(found.wrong) or found.note or "none"
        print("%-9s %-24s %-14s %-14s %7.0f" % (name, fault, layer, words, found.seconds), flush=True)
        fine = fine and found.wrong == (layer,)
    return fine


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; return 0 if all is as it should be, 1 if not."""
    parser = argparse.ArgumentParser(prog="python -m examples.judge", description=__doc__.splitlines()[0])
    parser.add_argument("--written-by", default=",".join(WRITERS), help="cells, with commas (default: %(default)s)")
    parser.add_argument("--judged-by", default="", help="cells (default: the one that wrote it, and %s)" % NEWEST)
    parser.add_argument(
        "--architectures", default=",".join(ARCHITECTURES), help="names, with commas (default: %(default)s)"
    )
    parser.add_argument("--format", choices=("keras", "h5"), default="keras")
    parser.add_argument("--mode", default="", help="modes of the checks, with commas (default: all)")
    parser.add_argument("--with-faults", action="store_true", help="put a fault in one layer of each model")
    options = parser.parse_args(arguments)
    names, writers, judges = (
        [word for word in text.split(",") if word]
        for text in (options.architectures, options.written_by, options.judged_by)
    )
    cells = [cell.name for cell in read_cells()]
    for known, chosen in ((cells, [*writers, *judges]), (list(ARCHITECTURES), names)):
        unknown = [word for word in chosen if word not in known]
        if unknown:
            parser.error("%s is unknown; known: %s" % (", ".join(unknown), ", ".join(known)))
    if options.with_faults:
        return 0 if judge_faults(names, options.format) else 1
    given = ["--mode", options.mode] if options.mode else []
    return 0 if judge_all(writers, judges, names, options.format, given) else 1


if __name__ == "__main__":
    sys.exit(main())
