"""Store models in every cell, and load them in the same and every later release: ``python -m reports.migrate``."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from command_line import CommandParser
from reports.cell_command import run_in_cell
from reports.matrix import USAGE
from reports.matrix_file import ROOT, Cell, MatrixError, read_cells

OUT = ROOT / "reports" / "out"
ARTEFACTS = OUT / "artefacts"
STANDALONE = "keras2"
_NO_MODELS = ("keras.ops", "tf.nn")


def takes_part(cell: Cell) -> bool:
    """Return whether a cell stores and loads models.

    Cells with process switches or another processor take no part, because stored files do not depend on these.
    """
    return cell.subject not in _NO_MODELS and not cell.options and cell.machine == "x86_64"


def release_numbers(index: Path) -> list[list[int]]:
    """Return the versions of Keras and TensorFlow that wrote a folder, as lists of numbers to compare.

    Both are needed, because the tf.keras of two TensorFlow releases may be the same Keras.
    """
    content = json.loads(index.read_text(encoding="utf-8"))
    names = ("keras", "tensorflow")
    return [[int(part) for part in str(content.get(name, "")).split(".")[:3] if part.isdigit()] for name in names]


def find_releases_not_newer(cell: str, folder: Path = ARTEFACTS) -> list[Path]:
    """Return the folders of all releases that are not newer than the release of this cell.

    Standalone Keras 2 loads only its own models. tf.keras is another library, and Keras 2 never promised to load its
    models.
    """
    own = folder / cell / "index.json"
    found = [
        path
        for path in sorted(folder.glob("*/index.json"))
        if own.exists() and release_numbers(path) <= release_numbers(own)
    ]
    return [
        path.parent for path in found if _subject_of_cell(own) != STANDALONE or _subject_of_cell(path) == STANDALONE
    ]


def _subject_of_cell(index: Path) -> str:
    return str(json.loads(index.read_text(encoding="utf-8"))["subject"])


def _run_in_cell(cell: Cell, command: list[str]) -> tuple[int, str]:
    """Run a command in the cell's environment with tox, and return its exit status and its last three lines."""
    status, output, errors = run_in_cell(cell.name, command)
    return status, "\n".join((output + errors).strip().splitlines()[-3:])


def _store_models(cell: Cell) -> tuple[int, str]:
    shutil.rmtree(ARTEFACTS / cell.name, ignore_errors=True)  # the models of an earlier run
    command = ["python", "-m", "fixtures", "store", str(ARTEFACTS / cell.name), "--subject", cell.subject]
    return _run_in_cell(cell, command)


def _load_models(cell: Cell, options: list[str]) -> tuple[int, str]:
    folders = ",".join(str(folder.relative_to(ROOT)) for folder in find_releases_not_newer(cell.name))
    if not folders:
        return 1, "it stored nothing, so what is older than it is not known"
    command = ["pytest", "suites/migration", "--subject", cell.subject, "--artefacts=" + folders]
    return _run_in_cell(cell, [*command, "--ledger=%s" % ledger_path(cell), *options])


def ledger_path(cell: Cell) -> Path:
    """Return the path of the ledger for a cell's migration checks."""
    return OUT / "migration" / (cell.name + ".jsonl")


def _call_for_every_cell(cells: list[Cell], act: Callable[[Cell], tuple[int, str]], title: str, parallel: int) -> int:
    """Call ``act`` for every cell, ``parallel`` at a time, and print each result. Return the greatest exit status."""
    worst = 0
    with ThreadPoolExecutor(parallel) as pool:
        for number, (cell, (status, words)) in enumerate(zip(cells, pool.map(act, cells)), 1):
            suffix = ", " + words if status else ""  # a framework prints much, so only a failure shows its output
            print("%s %d/%d %s: exit %d%s" % (title, number, len(cells), cell.name, status, suffix), flush=True)
            worst = max(worst, status)
    return worst


def migrate(cells: list[Cell], parallel: int, options: list[str]) -> int:
    """Store the models of all cells, load them in all cells, and build the page. Return the greatest exit status."""
    status = _call_for_every_cell(cells, _store_models, "stored", parallel)
    for cell in cells:
        ledger_path(cell).unlink(missing_ok=True)
    status = max(status, _call_for_every_cell(cells, lambda cell: _load_models(cell, options), "loaded", parallel))
    found = [str(ledger_path(cell)) for cell in cells if ledger_path(cell).exists()]
    page = [sys.executable, "-m", "reports", "build", *found, "-o", str(OUT / "migration.html")]
    return max(status, subprocess.run(page, cwd=ROOT, check=False).returncode)


def main(arguments: list[str] | None = None) -> int:
    """Run the command line and return the exit status."""
    parser = CommandParser(prog="python -m reports.migrate", description="Models from release to release.")
    parser.add_argument("--cells", default="", help="with commas between (default: every cell that has models)")
    parser.add_argument("--parallel", type=int, default=2, help="cells at a time (default: %(default)s)")
    parser.add_argument("options", nargs="*", help="options for pytest, after --")
    namespace = parser.parse_args(arguments)
    try:
        cells = [cell for cell in read_cells() if takes_part(cell)]
    except MatrixError as error:
        print(error, file=sys.stderr)
        return USAGE
    names = [cell.name for cell in cells]
    unknown = sorted(set(filter(None, namespace.cells.split(","))) - set(names))
    if unknown:
        parser.error("no cell with models is called %s; known: %s" % (", ".join(unknown), ", ".join(names)))
    chosen = [cell for cell in cells if not namespace.cells or cell.name in namespace.cells.split(",")]
    return migrate(chosen, namespace.parallel, namespace.options)


if __name__ == "__main__":
    sys.exit(main())
