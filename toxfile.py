"""A tox plugin that makes an environment for every cell of matrix.toml; tox.ini has ``matrix``, which runs them all.

It also gives the environments of tox.ini a Python that TensorFlow has wheels for.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from pathlib import Path

from tox.config.loader.memory import MemoryLoader
from tox.config.sets import ConfigSet
from tox.config.types import Command
from tox.plugin import impl
from tox.report import HandledError
from tox.session.state import State

ROOT = Path(__file__).resolve().parent
sys.path.insert(0, str(ROOT))

# Importable only now: tox does not have this folder on its path.
from reports.matrix import run_requirements  # noqa: E402
from reports.matrix_file import WITHOUT, Cell, MatrixError, read_cells, read_coming_cells  # noqa: E402
from reports.pythons import find_base_python, find_uv  # noqa: E402

# The environments of tox.ini that need such a Python and name none themselves.
BOUND = (
    *("latest", "latest-gpu", "snippets", "upstream", "fault-matrix", "selftest", "mutants", "select", "check"),
    *("browser", "docs", "page", "matrix", "migration", "examples", "lock"),
)


@impl
def tox_extend_envs() -> Iterable[str]:
    """Return the names of the cells, such as tf2.15-tfkeras and keras3.8-torch."""
    return [cell.name for cell in _cells()]


@impl
def tox_add_core_config(core_conf: ConfigSet, state: State) -> None:
    """Set what the environment of each cell installs and runs, and the Python of the others."""
    base_python = find_base_python(sys.version_info[:2], find_uv())
    for name in BOUND if base_python else ():
        state.conf.memory_seed_loaders[name].append(MemoryLoader(base_python=[base_python]))
    for cell in _cells():
        state.conf.memory_seed_loaders[cell.name].append(_loader(cell, state.conf.pos_args(None) or ()))


def _cells() -> list[Cell]:
    try:
        return [*read_cells(), *read_coming_cells()]
    except MatrixError as error:
        raise HandledError(str(error)) from None  # tox prints this error in one line


def _loader(cell: Cell, options: Iterable[str]) -> MemoryLoader:
    if cell.machine != "x86_64":
        return MemoryLoader(
            description="judge %s on %s on ARM64, emulated where the machine is another" % (cell.subject, cell.backend),
            base_python=["python%s" % cell.python],
            deps="uv",
            pass_env=["KERAS_PARITY_*", "TF_*", "ONEDNN_*", "UV_*"],
            set_env=_as_lines(_wheels_of_the_machine()),
            commands=[Command(["python", "-m", "reports.arm64", cell.name, *options])],
        )
    if not cell.environment:
        return _loader_of_coming(cell, options)
    lock = "locks/%s.txt" % cell.environment
    # The lock overrides a package that requires another version than the one it is tested with.
    variables = {"KERAS_BACKEND": cell.backend, "UV_OVERRIDE": str(ROOT / lock), **_wheels_of_the_machine()}
    if not cell.unlocked:  # torch has no hash; uv still verifies those that the lock has
        variables["UV_REQUIRE_HASHES"] = "1"
    return MemoryLoader(
        description="judge %s on %s in the environment %s" % (cell.subject, cell.backend, cell.environment),
        base_python=["python%s" % cell.python],
        deps="\n".join(["-r " + lock, *cell.unlocked]),
        set_env=_as_lines(variables),
        commands=[_command(cell, options)],
    )


def _loader_of_coming(cell: Cell, options: Iterable[str]) -> MemoryLoader:
    """Return the environment of a coming release: the newest of what it requires, without a lock."""
    variables = {"KERAS_BACKEND": cell.backend, **_wheels_of_the_machine()}
    if cell.without:
        variables["UV_OVERRIDE"] = str(WITHOUT[cell.without])
    return MemoryLoader(
        description="judge a coming release: %s" % ", ".join(cell.requires),
        base_python=["python%s" % cell.python],
        deps="\n".join([*cell.requires, *run_requirements()]),
        set_env=_as_lines(variables),
        commands=[_command(cell, options)],
    )


def _command(cell: Cell, options: Iterable[str]) -> Command:
    subject = ("--subject", cell.subject, *cell.options)
    return Command(["pytest", *subject, "--ledger=reports/out/%s.jsonl" % cell.name, *options])


def _wheels_of_the_machine() -> dict[str, str]:
    """Return the variable that gives uv the machine's folder of wheels, if any: uv does not read pip's settings."""
    return {"UV_FIND_LINKS": os.environ["PIP_FIND_LINKS"]} if "PIP_FIND_LINKS" in os.environ else {}


def _as_lines(variables: dict[str, str]) -> str:
    return "\n".join("%s=%s" % item for item in variables.items())
