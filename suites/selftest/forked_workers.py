"""Forks the workers of xdist when a test runs pytest in its own process.

execnet starts a worker as a new interpreter that reads its program from its standard input. A forked process that has
made the imports does the same. Its own child processes are forked too.
"""

from __future__ import annotations

import multiprocessing
import os
import sys
from contextlib import AbstractContextManager, nullcontext
from multiprocessing.connection import Connection
from typing import Any, Mapping
from unittest import mock

from execnet import gateway_io
from execnet.gateway_base import Popen2IO

from fixtures.run import child_process
from suites.selftest.fork_server import ForkServer, ServerFacts, as_in_new_interpreter, start_forked

FOR_THIS_PROCESS = "PYTEST_ADDOPTS"  # further options of pytest, which no worker gets


def workers_forked() -> AbstractContextManager[Any]:
    """Return a context in which execnet forks its workers, where that is possible."""
    possible = isinstance(child_process.start_method, ForkServer)
    return mock.patch.object(gateway_io, "Popen2IOMaster", _ForkedIO) if possible else nullcontext()


class _ForkedIO(gateway_io.Popen2IOMaster):
    """The pipes to a forked worker, in place of execnet's pipes to a new interpreter."""

    def __init__(self, _: object, execmodel: Any) -> None:
        context, server = multiprocessing.get_context("forkserver"), child_process.start_method
        assert isinstance(server, ForkServer)
        standard_input, ours = context.Pipe(duplex=False)
        theirs, standard_output = context.Pipe(duplex=False)
        environment = {name: value for name, value in os.environ.items() if name != FOR_THIS_PROCESS}
        facts = (standard_input, standard_output, os.getcwd(), environment, server.facts)
        process = start_forked(_in_child_execute_input, facts)
        standard_input.close()
        standard_output.close()
        files = os.fdopen(os.dup(ours.fileno()), "wb"), os.fdopen(os.dup(theirs.fileno()), "rb")
        ours.close()
        theirs.close()
        self.popen = process
        Popen2IO.__init__(self, *files, execmodel=execmodel)

    def wait(self) -> int | None:
        """Wait for the end of the process; return its exit status."""
        self.popen.join()
        status: int | None = self.popen.exitcode
        return status


def _in_child_execute_input(
    standard_input: Connection,
    standard_output: Connection,
    folder: str,
    environment: Mapping[str, str],
    server: ServerFacts,
) -> None:
    os.dup2(standard_input.fileno(), 0)
    os.dup2(standard_output.fileno(), 1)
    standard_input.close()
    standard_output.close()
    sys.stdin, sys.stdout = os.fdopen(0, "r", 1, closefd=False), os.fdopen(1, "w", 1, closefd=False)
    child_process.start_method = ForkServer(server)
    with as_in_new_interpreter(folder, environment):
        exec(eval(sys.stdin.readline()), {"__name__": "__main__"})  # as the program of execnet's interpreters does
