"""Functions that tests run in a child process: what a subject, or a stranger, does to it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from fixtures.run.process import Process


def pid() -> int:
    """Return the id of the process."""
    return os.getpid()


def die_once(signal_name: str, marker: str) -> str:
    """Die of a signal if the marker does not exist, and make it first; return ``answered`` if it exists."""
    if not Path(marker).exists():
        Path(marker).touch()
        os.kill(os.getpid(), getattr(signal, signal_name))
    return "answered"


def die_always(signal_name: str) -> None:
    """Die of a signal."""
    os.kill(os.getpid(), getattr(signal, signal_name))


def leave(status: int) -> None:
    """End the process without an answer."""
    os._exit(status)


def raise_interrupt() -> None:
    """Raise what Ctrl-C raises."""
    raise KeyboardInterrupt("from the layer")


def sleep(seconds: float) -> None:
    """Block the process."""
    time.sleep(seconds)


def close_everything() -> None:
    """Close all files, the connection to the parent too, and go on."""
    os.closerange(0, 100)
    time.sleep(60)


def fill(gib: float) -> int:
    """Use that much memory, then wait."""
    block = bytearray(int(gib * 2**30))
    for place in range(0, len(block), 4096):
        block[place] = 1
    time.sleep(60)
    return len(block)


def temporary_file() -> str:
    """Return the path of a temporary file that is not removed."""
    handle, path = tempfile.mkstemp()
    os.close(handle)
    return path


def report_and_hang(path: str) -> None:
    """Write this process' id to a file, and block the process."""
    Path(path).write_text("%d" % os.getpid(), encoding="ascii")
    time.sleep(600)


def is_alive(process: int) -> bool:
    """Return whether a process exists and is no zombie."""
    ran = subprocess.run(["ps", "-o", "stat=", "-p", str(process)], stdout=subprocess.PIPE, check=False)
    state = ran.stdout.decode("ascii").strip()
    return bool(state) and not state.startswith("Z")


if __name__ == "__main__":  # a parent that a test kills
    with Process() as parent:
        parent.ask(600, report_and_hang, sys.argv[1])
