"""The cells of matrix.toml and their locks. ``python -m reports.matrix`` has the commands lock, run and names."""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

import tomllib

from reports.command_line import CommandParser
from reports.ledger import reason_path
from reports.matrix_file import PLATFORMS, ROOT, Cell, MatrixError, read_cells

LOCKS = ROOT / "locks"
USAGE = 4  # the exit status for a matrix.toml that cannot be used
INFRASTRUCTURE = 3  # the exit status of a run that could not do any check


def run_requirements() -> list[str]:
    """Return the requirements that run next to a framework: the dependency group ``run`` of pyproject.toml."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    return list(project["dependency-groups"]["run"])


def resolve_lock(cell: Cell, upgrade: bool = False) -> str:
    """Return the lock of a cell's environment, with versions and hashes, as uv resolves it.

    Versions of an existing lock are kept where they still fit, unless ``upgrade`` is True. Raises ``SystemExit`` if uv
    finds no solution.
    """
    target = LOCKS / (cell.environment + ".txt")
    title = "# uv pip compile of the environment %s of matrix.toml, Python %s\n" % (cell.environment, cell.python)
    command = ["uv", "pip", "compile", "--quiet", "--no-header", "--no-annotate", "--generate-hashes"]
    command += ["--python-version", cell.python, "--python-platform", cell.platform]
    with tempfile.TemporaryDirectory() as folder:
        # Overrides are needed because a newer TensorFlow requires a newer Keras than the one it is combined with here.
        overrides, made = Path(folder, "overrides.txt"), Path(folder, "lock.txt")
        overrides.write_text("\n".join(cell.requires), encoding="utf-8")
        if target.exists() and not upgrade:
            # uv keeps the versions of this file that still fit.
            made.write_text(target.read_text(encoding="utf-8"), encoding="utf-8")
        command += ["--override", str(overrides), "--output-file", str(made), "-"]
        requirements = "\n".join((*cell.requires, *run_requirements()))
        ran = subprocess.run(command, input=requirements, capture_output=True, text=True, check=False)
        if ran.returncode:
            raise SystemExit("%s cannot be resolved:\n%s" % (cell.environment, ran.stderr))
        return title + made.read_text(encoding="utf-8")


def write_locks(check: bool, upgrade: bool) -> int:
    """Write the locks, or with ``check`` print which of them differ from what uv resolves. Return the exit status."""
    LOCKS.mkdir(exist_ok=True)
    stale = []
    for cell in {cell.environment: cell for cell in read_cells()}.values():
        target = LOCKS / (cell.environment + ".txt")
        made = resolve_lock(cell, upgrade)
        if not check:
            target.write_text(made, encoding="utf-8")
        elif not target.exists() or target.read_text(encoding="utf-8") != made:
            stale.append(cell.environment)
    if stale:
        print("locks differ from matrix.toml: %s; write them with tox run -e lock" % ", ".join(stale))
    return 1 if stale else 0


def cell_names_for_machine(machine: str) -> list[str]:
    """Return the names of the cells that are locked for a machine."""
    return [cell.name for cell in read_cells() if cell.machine == machine]


def run_cells(parallel: int, options: list[str]) -> int:
    """Run every x86-64 cell with tox, continue after a failure, and build the merged page. Return the exit status.

    A cell of ARM64 takes minutes under emulation and does not run here: the page shows it as not run.
    """
    cells = cell_names_for_machine("x86_64")
    out = ROOT / "reports" / "out"
    for name in cells:  # the page must not show an old ledger for a cell that does not run
        (out / (name + ".jsonl")).unlink(missing_ok=True)
        reason_path(out / (name + ".jsonl")).unlink(missing_ok=True)
    out.mkdir(parents=True, exist_ok=True)
    results = out / "matrix-results.json"
    command = [sys.executable, "-m", "tox", "run-parallel", "--parallel", str(parallel), "--parallel-no-spinner"]
    command += ["--result-json", str(results), "-e", ",".join(cells), "--", *options]
    subprocess.run(command, cwd=ROOT, check=False)
    failed = _exit_status_of_cells(results, cells, out)
    found = [str(out / (name + ".jsonl")) for name in cells if (out / (name + ".jsonl")).exists()]
    page = [sys.executable, "-m", "reports", "build", "--matrix", *found, "-o", str(out / "matrix.html")]
    built = subprocess.run(page, cwd=ROOT, check=False)
    return failed or built.returncode


def _exit_status_of_cells(results: Path, cells: list[str], out: Path) -> int:
    """Return 1 if any cell failed, else 0.

    A cell that this machine cannot run is not counted as failed; its run wrote the reason to a file.
    """
    try:
        ended = json.loads(results.read_text(encoding="utf-8"))["testenvs"]
    except (OSError, ValueError, KeyError):
        return 1  # tox ended before it wrote the results
    for name in cells:
        status = ended.get(name, {}).get("result", {}).get("exit_code", 1)
        if status and not (status == INFRASTRUCTURE and reason_path(out / (name + ".jsonl")).exists()):
            return 1
    return 0


def main(arguments: list[str] | None = None) -> int:
    """Run the command line and return the exit status."""
    parser = CommandParser(prog="python -m reports.matrix", description="Cells and their locks.")
    commands = parser.add_subparsers(dest="command", required=True)
    locking = commands.add_parser("lock", help="resolve every environment")
    locking.add_argument("--check", action="store_true", help="only compare")
    locking.add_argument("--upgrade", action="store_true", help="to the newest versions that fit")
    running = commands.add_parser("run", help="judge every cell and build the merged page")
    running.add_argument("--parallel", type=int, default=2, help="cells at a time (default: %(default)s)")
    running.add_argument("options", nargs="*", help="options for pytest, after --")
    naming = commands.add_parser("names", help="the cells, one a line")
    naming.add_argument("--json", action="store_true", help="as a list, for a CI matrix")
    naming.add_argument("--machine", default="x86_64", choices=PLATFORMS, help="locked for it (default: %(default)s)")
    namespace = parser.parse_args(arguments)
    try:
        return _run_command(namespace)
    except MatrixError as error:
        print(error, file=sys.stderr)
        return USAGE


def _run_command(namespace: argparse.Namespace) -> int:
    if namespace.command == "lock":
        return write_locks(namespace.check, namespace.upgrade)
    if namespace.command == "run":
        return run_cells(namespace.parallel, namespace.options)
    found = cell_names_for_machine(namespace.machine)
    print(json.dumps(found) if namespace.json else "\n".join(found))
    return 0


if __name__ == "__main__":
    sys.exit(main())
