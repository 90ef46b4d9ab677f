"""Run the suite on ARM64 Linux, emulated on other processors: ``python -m reports.arm64 arm64-tensorflow``.

On another processor this module prepares a folder with QEMU's user emulation, Debian's Python for ARM64 and the locked
aarch64 wheels. It installs nothing on the machine and needs no root: apt-get runs with settings of its own, and the
packages are only unpacked. On an ARM64 machine the wheels run on the Python that runs this module.
"""

from __future__ import annotations

import fcntl
import importlib.util
import os
import platform
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from command_line import CommandParser
from reports import debian
from reports.matrix import LOCKS, USAGE
from reports.matrix_file import ROOT, Cell, MatrixError, read_cells

FOLDER = ROOT / ".tox" / "arm64-root"
ARM64 = ("aarch64", "arm64")  # the names of an ARM64 machine on Linux and on Apple's systems
INFRASTRUCTURE = 3  # the exit status, as for a run without a framework
# The variables of a process under QEMU. Importing TensorFlow alone takes about thirty times as long as natively.
EMULATED = {"EMULATION_TIME_FACTOR": "10", "OMP_NUM_THREADS": "1"}


class Unprepared(Exception):
    """Raised if ARM64 is not available here. The message is one sentence that says what is missing."""


def needs_emulation() -> bool:
    """Return whether this machine has a processor other than ARM64."""
    return platform.machine() not in ARM64


def prepare_folder(cell: Cell, folder: Path) -> tuple[Path, dict[str, str]]:
    """Prepare the folder for a cell. Return the Python to run it with, and the environment variables that it needs.

    The files of an earlier call are kept, unless the cell's lock has changed since. Raises ``Unprepared``.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with open(folder / "in-use", "w", encoding="utf-8") as file:
        fcntl.flock(file, fcntl.LOCK_EX)  # tox may run several cells at the same time
        python, variables = Path(sys.executable), {}
        if needs_emulation():
            try:
                python, variables = debian.unpack_python(folder / "debian", cell.python, print_step), dict(EMULATED)
            except debian.Missing as error:
                raise Unprepared(str(error)) from None
        elif "%d.%d" % sys.version_info[:2] != cell.python:
            raise Unprepared("the cell %s is locked for Python %s; run it with that one" % (cell.name, cell.python))
        variables["PYTHONPATH"] = os.pathsep.join(str(path) for path in _install(cell, folder))
    return python, {**variables, "KERAS_BACKEND": cell.backend}


def _install(cell: Cell, folder: Path) -> list[Path]:
    """Install the cell's wheels, and return their folders in the order in which Python searches them."""
    lock = LOCKS / (cell.environment + ".txt")
    locked = _install_once(folder / cell.environment, lock.read_text(encoding="utf-8"), cell, ["-r", str(lock)])
    # The unlocked requirement is torch, whose wheel from PyPI brings gigabytes of CUDA, so only torch cells get it.
    unlocked = [requirement for requirement in cell.unlocked if requirement.startswith(cell.backend)]
    if not unlocked:
        return [locked]
    target = folder / ("%s-%s" % (cell.environment, cell.backend))
    options = ["--override", str(lock), *unlocked]
    return [locked, _install_once(target, "\n".join(unlocked) + lock.read_text(encoding="utf-8"), cell, options)]


def _install_once(target: Path, requirements: str, cell: Cell, options: Sequence[str]) -> Path:
    done = target / "installed.txt"
    if done.exists() and done.read_text(encoding="utf-8") == requirements:
        return target
    print_step("installing aarch64 wheels into %s" % target)
    if importlib.util.find_spec("uv") is None:
        raise Unprepared("uv is missing, which installs wheels of another processor: python -m pip install uv")
    shutil.rmtree(target, ignore_errors=True)
    command = [sys.executable, "-m", "uv", "pip", "install", "--target", str(target), "--python-version", cell.python]
    command += ["--only-binary", ":all:"]
    if needs_emulation():
        command += ["--python-platform", cell.platform]
    if subprocess.run([*command, *options], cwd=ROOT, check=False).returncode:
        raise Unprepared("the wheels of %s could not be installed; uv says why above" % cell.name)
    done.write_text(requirements, encoding="utf-8")
    return target


def run_cell(cell: Cell, folder: Path, options: Sequence[str]) -> int:
    """Prepare the folder and run the cell's checks there. Return pytest's exit status, or 3 if preparation fails."""
    try:
        python, variables = prepare_folder(cell, folder)
    except Unprepared as error:
        print("keras-parity cannot run ARM64: %s" % error, file=sys.stderr)
        return INFRASTRUCTURE
    how = "emulated by QEMU" if needs_emulation() else "natively"
    print_step("judging %s %s; importing a framework can take minutes under QEMU" % (cell.name, how))
    ledger = "--ledger=reports/out/%s.jsonl" % cell.name
    command = [str(python), "-m", "pytest", "-n", "2", "--subject", cell.subject, *cell.options, ledger, *options]
    status = subprocess.run(command, cwd=ROOT, env={**os.environ, **variables}, check=False).returncode
    print_step("%s ended with exit status %d" % (cell.name, status))
    return status


def print_step(text: str) -> None:
    """Print a step, with the time, as soon as it begins."""
    print("%s arm64: %s" % (time.strftime("%H:%M:%S"), text), flush=True)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return the exit status."""
    try:
        cells = {cell.name: cell for cell in read_cells() if cell.machine in ARM64}
    except MatrixError as error:
        print(error, file=sys.stderr)
        return USAGE
    parser = CommandParser(with_rest=True, prog="python -m reports.arm64", description="Judge a cell of ARM64.")
    parser.add_argument("cell", choices=list(cells))
    parser.add_argument("--folder", type=Path, default=FOLDER, help="kept between runs (default: %(default)s)")
    namespace, options = parser.parse_known_args(arguments)
    return run_cell(cells[namespace.cell], namespace.folder.resolve(), options)


if __name__ == "__main__":
    sys.exit(main())
