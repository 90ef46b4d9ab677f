"""Functions that the tests run in a child process: they return, crash, hang, use memory or leave files."""

from __future__ import annotations

import os
import signal
import sys
import tempfile
import time
from pathlib import Path

from fixtures.frameworks.call_clock import count_only_calls, count_time
from fixtures.run.child_process import Process


def pid() -> int:
    """Return the id of this process."""
    return os.getpid()


def die_once(signal_name: str, marker: str) -> str:
    """End the process with a signal on the first call, which creates ``marker``; return ``answered`` on later calls."""
    if not Path(marker).exists():
        Path(marker).touch()
        die_always(signal_name)
    return "answered"


def die_always(signal_name: str) -> None:
    """End the process with the signal of that name on every call, also where nohup made this process ignore it."""
    if signal_name != "SIGKILL":  # nobody can ignore SIGKILL
        signal.signal(getattr(signal, signal_name), signal.SIG_DFL)
    os.kill(os.getpid(), getattr(signal, signal_name))


def leave(status: int) -> None:
    """End the process with this exit status, without returning a result."""
    os._exit(status)


def print_and_exit(text: str) -> None:
    """Print a text as a framework does, and end the process."""
    print(text, flush=True)
    os._exit(7)


def raise_interrupt() -> None:
    """Raise KeyboardInterrupt, as Ctrl-C does."""
    raise KeyboardInterrupt("from the layer")


def sleep(seconds: float) -> None:
    """Block the process for this many seconds."""
    time.sleep(seconds)


def note(path: str) -> int:
    """Add a character to a file, and return how many it has then."""
    with open(path, "a", encoding="ascii") as file:
        file.write(".")
        return file.tell()


def own_work(seconds: float) -> str:
    """Spend this many seconds outside of any call of a framework."""
    with count_only_calls():
        time.sleep(seconds)
        with count_time():
            return "answered"


def call_that_sleeps(seconds: float) -> None:
    """Sleep for this many seconds in a call of a framework, which uses no processor time."""
    with count_only_calls(), count_time():
        time.sleep(seconds)


def call_that_computes(seconds: float) -> None:
    """Use this many seconds of processor time in a call of a framework."""
    end = time.process_time() + seconds
    with count_only_calls(), count_time():
        while time.process_time() < end:
            pass


def close_everything() -> None:
    """Close all file descriptors, also the connection to the parent process, and keep running."""
    os.closerange(0, 100)
    time.sleep(60)


def fill(gib: float) -> int:
    """Allocate this many GiB of memory, then wait."""
    block = bytearray(int(gib * 2**30))
    for place in range(0, len(block), 4096):
        block[place] = 1
    time.sleep(60)
    return len(block)


def temporary_file() -> str:
    """Create a temporary file, leave it there and return its path."""
    handle, path = tempfile.mkstemp()
    os.close(handle)
    return path


def path_of_messages(_: int) -> str:
    """Return the path of the file for the messages of a new child process."""
    return str(Process()._stderr)


def report_and_hang(path: str) -> None:
    """Write the id of this process to a file, then block the process."""
    Path(path).write_text("%d" % os.getpid(), encoding="ascii")
    time.sleep(600)


if __name__ == "__main__":  # a parent that a test kills
    with Process() as parent:
        parent.call_in_child(600, report_and_hang, sys.argv[1])
