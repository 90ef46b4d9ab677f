"""The cells of matrix.toml and their locks. ``python -m reports.matrix`` has the commands lock and names."""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

import tomllib

from command_line import CommandParser
from reports.matrix_file import PLATFORMS, ROOT, Cell, MatrixError, read_cells

LOCKS = ROOT / "locks"
USAGE = 4  # the exit status for a matrix.toml that cannot be used


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


def main(arguments: list[str] | None = None) -> int:
    """Run the command line and return the exit status."""
    parser = CommandParser(prog="python -m reports.matrix", description="Cells and their locks.")
    commands = parser.add_subparsers(dest="command", required=True)
    locking = commands.add_parser("lock", help="resolve every environment")
    locking.add_argument("--check", action="store_true", help="only compare")
    locking.add_argument("--upgrade", action="store_true", help="to the newest versions that fit")
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
    found = cell_names_for_machine(namespace.machine)
    print(json.dumps(found) if namespace.json else "\n".join(found))
    return 0


if __name__ == "__main__":
    sys.exit(main())
