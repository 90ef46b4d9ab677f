"""Runs a command in a process group of its own, and ends the whole group when standard input closes.

``python supervisor.py COMMAND...`` is the child of a worker, which holds the other end of its standard input. However
the worker ends, that end closes, and nothing that the command started survives. Needs only the standard library.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import threading

_PR_SET_PDEATHSIG = 1  # linux/prctl.h


def _end_with_supervisor() -> None:
    """Let Linux end the command if this process is killed; the group then loses its leader."""
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)


def _end_group(group: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(group, signal.SIGKILL)


def _end_with_input(group: int) -> None:
    while os.read(0, 4096):
        pass
    _end_group(group)


def main(command: list[str]) -> int:
    """Run the command, end what it left behind, and return its exit status; 128 and more for a signal, as shells do."""
    child = subprocess.Popen(command, stdin=subprocess.DEVNULL, start_new_session=True, preexec_fn=_end_with_supervisor)
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, lambda *_: _end_group(child.pid))
    threading.Thread(target=_end_with_input, args=(child.pid,), daemon=True).start()
    status = child.wait()
    _end_group(child.pid)
    return status if status >= 0 else 128 - status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
