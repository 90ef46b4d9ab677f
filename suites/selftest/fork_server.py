"""Starts the child processes of the tests by forking a process that has imported what they need.

A new interpreter takes longer than most tests do. The tests of child processes start it as a run does, and so do the
runs of pytest that have a process of their own.
"""

from __future__ import annotations

import multiprocessing
import os
from multiprocessing import forkserver
from typing import Any, Callable, Mapping

from fixtures.run.start_method import StartMethod

MODULES = ("conftest", "fixtures.run.worker", "fixtures.frameworks.numpy_layer", "suites.catalog")


class ForkServer(StartMethod):
    """The start method ``forkserver`` of Python; a child gets the environment that this process has at that time."""

    def __init__(self) -> None:
        self.context = multiprocessing.get_context("forkserver")
        self.context.set_forkserver_preload([*MODULES])

    def make_process(self, target: Callable[..., None], arguments: tuple[Any, ...]) -> Any:
        """Return a process that calls ``target`` with the arguments when it is started."""
        return super().make_process(_in_child_call, (dict(os.environ), target, arguments))

    def find_parent(self) -> int:
        """Return the id of the server, which ends with this process."""
        forkserver.ensure_running()
        return int(forkserver._forkserver._forkserver_pid)  # type: ignore[attr-defined]  # there is no other way


def _in_child_call(environment: Mapping[str, str], target: Callable[..., None], arguments: tuple[Any, ...]) -> None:
    os.environ.clear()
    os.environ.update(environment)
    target(*arguments)
