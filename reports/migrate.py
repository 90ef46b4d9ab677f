"""Every cell writes models, every later one of its line and of Keras 3 loads them: ``python -m reports.migrate``."""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from reports.matrix import ROOT, Cell, read

OUT = ROOT / "reports" / "out"
ARTEFACTS = OUT / "artefacts"
STANDALONE = "keras2"
_NO_MODELS = ("keras.ops", "tf.nn")
_SECONDS = 1800  # one cell, its installation included


def takes_part(cell: Cell) -> bool:
    """Whether it has models, and nothing is switched nor the processor another: files do not depend on that."""
    return cell.subject not in _NO_MODELS and not cell.options and cell.machine == "x86_64"


def release(index: Path) -> list[list[int]]:
    """The Keras that wrote a folder; tf.keras of two TensorFlows may be one Keras."""
    told = json.loads(index.read_text(encoding="utf-8"))
    names = ("keras", "tensorflow")
    return [[int(part) for part in str(told.get(name, "")).split(".")[:3] if part.isdigit()] for name in names]


def older(cell: str, folder: Path = ARTEFACTS) -> list[Path]:
    """Folders of the releases that are not newer than the one that wrote the cell's.

    Standalone Keras 2 loads its own only: tf.keras is another library, whose models it never promised to load.
    """
    own = folder / cell / "index.json"
    found = [path for path in sorted(folder.glob("*/index.json")) if own.exists() and release(path) <= release(own)]
    return [path.parent for path in found if _subject(own) != STANDALONE or _subject(path) == STANDALONE]


def _subject(index: Path) -> str:
    return str(json.loads(index.read_text(encoding="utf-8"))["subject"])


def _in_cell(cell: Cell, command: list[str]) -> tuple[int, str]:
    """A command in the cell's environment, by tox; its exit status and last lines."""
    full = [sys.executable, "-m", "tox", "exec", "-q", "-e", cell.name, "--", *command]
    try:
        ran = subprocess.run(full, cwd=ROOT, capture_output=True, text=True, check=False, timeout=_SECONDS)
    except subprocess.TimeoutExpired:
        return 1, "no end within %d s" % _SECONDS
    return ran.returncode, "\n".join((ran.stdout + ran.stderr).strip().splitlines()[-3:])


def _store(cell: Cell) -> tuple[int, str]:
    shutil.rmtree(ARTEFACTS / cell.name, ignore_errors=True)  # of an earlier run
    command = ["python", "-m", "fixtures", "store", str(ARTEFACTS / cell.name), "--subject", cell.subject]
    return _in_cell(cell, command)


def _load(cell: Cell, options: list[str]) -> tuple[int, str]:
    folders = ",".join(str(folder.relative_to(ROOT)) for folder in older(cell.name))
    if not folders:
        return 1, "it stored nothing, so what is older than it is not known"
    command = ["pytest", "suites/test_migration.py", "--subject", cell.subject, "--artefacts=" + folders]
    return _in_cell(cell, [*command, "--ledger=%s" % ledger(cell), *options])


def ledger(cell: Cell) -> Path:
    """Where a cell's answers go."""
    return OUT / "migration" / (cell.name + ".jsonl")


def _each(cells: list[Cell], act: Callable[[Cell], tuple[int, str]], title: str, parallel: int) -> int:
    """Do it in every cell, tell how each ended; the greatest exit status."""
    worst = 0
    with ThreadPoolExecutor(parallel) as pool:
        for number, (cell, (status, words)) in enumerate(zip(cells, pool.map(act, cells)), 1):
            told = ", " + words if status else ""  # frameworks chatter
            print("%s %d/%d %s: exit %d%s" % (title, number, len(cells), cell.name, status, told), flush=True)
            worst = max(worst, status)
    return worst


def migrate(cells: list[Cell], parallel: int, options: list[str]) -> int:
    """Write everywhere, then read everywhere, then build the page; exit status."""
    status = _each(cells, _store, "stored", parallel)
    for cell in cells:
        ledger(cell).unlink(missing_ok=True)
    status = max(status, _each(cells, lambda cell: _load(cell, options), "loaded", parallel))
    found = [str(ledger(cell)) for cell in cells if ledger(cell).exists()]
    page = [sys.executable, "-m", "reports", "build", *found, "-o", str(OUT / "migration.html")]
    return max(status, subprocess.run(page, cwd=ROOT, check=False).returncode)


def main(arguments: list[str] | None = None) -> int:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m reports.migrate", description="Models from release to release.")
    parser.add_argument("--cells", default="", help="with commas between (default: every cell that has models)")
    parser.add_argument("--parallel", type=int, default=2, help="cells at a time (default: %(default)s)")
    parser.add_argument("options", nargs="*", help="options for pytest, after --")
    asked = parser.parse_args(arguments)
    cells = [cell for cell in read() if takes_part(cell)]
    names = [cell.name for cell in cells]
    unknown = sorted(set(filter(None, asked.cells.split(","))) - set(names))
    if unknown:
        parser.error("no cell with models is called %s; known: %s" % (", ".join(unknown), ", ".join(names)))
    chosen = [cell for cell in cells if not asked.cells or cell.name in asked.cells.split(",")]
    return migrate(chosen, asked.parallel, asked.options)


if __name__ == "__main__":
    sys.exit(main())
