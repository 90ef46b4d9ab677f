"""Starts the child processes of the tests by forking a process that has imported what they need.

A new interpreter takes longer than most tests do. The tests of child processes start it as a run does, and so do the
runs of pytest that have a process of their own.
"""

from __future__ import annotations

import atexit
import contextlib
import multiprocessing
import os
import tempfile
from multiprocessing import forkserver
from typing import Any, Callable, Iterator, Mapping, NamedTuple

from fixtures.run.start_method import StartMethod
from suites.fuzz.system_processes import accept_signals

_server: Any = forkserver._forkserver  # Python has no public interface for this


class ServerFacts(NamedTuple):
    """What a forked process needs to use the server that forked it: its address, and the id of its process."""

    address: Any
    process: int


class ForkServer(StartMethod):
    """The start method ``forkserver`` of Python; a child gets the environment that this process has at that time.

    A forked process gives the facts of the server that forked it. Otherwise a new one starts, once.
    """

    def __init__(self, facts: ServerFacts | None = None) -> None:
        self.context = multiprocessing.get_context("forkserver")
        self.context.set_forkserver_preload(["suites.selftest.forked_modules"])
        if facts:
            _server._forkserver_address, _server._forkserver_pid = facts
            _server.ensure_running = lambda: None  # it runs, but is no child of this process

    @property
    def facts(self) -> ServerFacts:
        """Return the facts of the server, which starts if there is none."""
        _server.ensure_running()
        return ServerFacts(_server._forkserver_address, int(_server._forkserver_pid))

    def make_process(self, target: Callable[..., None], arguments: tuple[Any, ...]) -> Any:
        """Return a process that calls ``target`` with the arguments when it is started."""
        return super().make_process(_in_child_call, (dict(os.environ), target, arguments))

    def find_parent(self) -> int:
        """Return the id of the server, which ends with this process."""
        return self.facts.process


def start_forked(target: Callable[..., None], arguments: tuple[Any, ...]) -> Any:
    """Return a forked process that calls ``target`` with the arguments.

    It may have child processes. If a failed test leaves it running, it is killed when the tests end.
    """
    process = multiprocessing.get_context("forkserver").Process(target=target, args=arguments)
    process.start()
    atexit.register(process.kill)
    return process


@contextlib.contextmanager
def as_in_new_interpreter(folder: str, environment: Mapping[str, str]) -> Iterator[None]:
    """Let a forked process start and end as a new interpreter does, in this folder and with this environment.

    It accepts signals that the tests may ignore.
    """
    accept_signals()
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    tempfile.tempdir = None  # it is looked up again, in the new environment
    try:
        yield
    finally:
        atexit._run_exitfuncs()  # which a forked process leaves out


def _in_child_call(environment: Mapping[str, str], target: Callable[..., None], arguments: tuple[Any, ...]) -> None:
    os.environ.clear()
    os.environ.update(environment)
    target(*arguments)
