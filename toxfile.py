"""A tox environment for every cell of matrix.toml, and ``matrix``, which runs them all."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from pathlib import Path

from tox.config.loader.memory import MemoryLoader
from tox.config.sets import ConfigSet
from tox.config.types import Command
from tox.plugin import impl
from tox.session.state import State

ROOT = Path(__file__).resolve().parent
sys.path.insert(0, str(ROOT))

from reports.matrix import Cell, read  # noqa: E402  # this folder is not on tox's path before


@impl
def tox_extend_envs() -> Iterable[str]:
    """Names like tf2.15-tfkeras and keras3.8-torch."""
    return [cell.name for cell in read()]


@impl
def tox_add_core_config(core_conf: ConfigSet, state: State) -> None:
    """What each of them installs and runs."""
    for cell in read():
        state.conf.memory_seed_loaders[cell.name].append(_loader(cell, state.conf.pos_args(None) or ()))


def _loader(cell: Cell, options: Iterable[str]) -> MemoryLoader:
    lock = "locks/%s.txt" % cell.environment
    # The lock is the last word where a package asks for another version than the one it is tried with.
    variables = {"KERAS_BACKEND": cell.backend, "UV_OVERRIDE": str(ROOT / lock)}
    if "PIP_FIND_LINKS" in os.environ:  # uv does not read pip's settings: where the machine keeps wheels of its own
        variables["UV_FIND_LINKS"] = os.environ["PIP_FIND_LINKS"]
    return MemoryLoader(
        description="judge %s on %s in the environment %s" % (cell.subject, cell.backend, cell.environment),
        base_python=["python%s" % cell.python],
        deps="\n".join(["-r " + lock, *cell.unlocked]),
        set_env="\n".join("%s=%s" % item for item in variables.items()),
        commands=[
            Command(
                [
                    *("pytest", "--subject", cell.subject, *cell.options),
                    *("--ledger=reports/out/%s.jsonl" % cell.name, *options),
                ]
            )
        ],
    )
