"""The processes of this machine, as Linux lists them in /proc."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Callable, Sequence


def is_alive(process: int) -> bool:
    """Return whether a process exists and is not a zombie."""
    return _read_state_and_parent(process)[0] not in ("", "Z", "X")


def find_descendants(process: int) -> dict[int, str]:
    """Return the command lines of the processes that descend from a process, by id; those of children come first."""
    parents = {int(path.name): _read_state_and_parent(int(path.name))[1] for path in Path("/proc").glob("[0-9]*")}
    found = [process]
    for one in found:
        found += [child for child, parent in parents.items() if parent == one]
    return {child: _read_command_line(child) for child in found[1:]}


def accept_signals() -> None:
    """Let SIGINT and SIGHUP reach this process. A shell ignores SIGINT for a command in the background; nohup, SIGHUP.

    It runs in a new process before its program starts.
    """
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGHUP, signal.SIG_DFL)


def prepare_run(folder: Path, words: Sequence[str]) -> tuple[list[str], dict[str, str], str]:
    """Return pytest's arguments, the environment and the working directory of a run with its files in ``folder``."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("KERAS_PARITY", "PYTEST"))}
    alone = {} if "-n" in words else {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}  # starts a second faster
    arguments = [*words, "--ledger=%s" % (folder / "run.jsonl")]
    return arguments, {**clean, **alone, "TMPDIR": str(folder)}, str(Path(__file__).resolve().parents[2])


def start_pytest(folder: Path, words: Sequence[str]) -> subprocess.Popen[bytes]:
    """Start pytest with these arguments in a session of its own, with its ledger and temporary files in ``folder``."""
    arguments, environment, root = prepare_run(folder, words)
    return subprocess.Popen(
        [sys.executable, "-m", "pytest", *arguments],
        cwd=root,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
        preexec_fn=accept_signals,
    )


def wait_until(condition: Callable[[], object], seconds: float) -> bool:
    """Return whether the condition is met in time."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True


def _read_state_and_parent(process: int) -> tuple[str, int]:
    """Return the state and the parent of a process; an empty state if there is no such process."""
    try:
        text = Path("/proc/%d/stat" % process).read_text(encoding="utf-8", errors="replace")
        state, parent = text.rsplit(")", 1)[1].split()[:2]
        return state, int(parent)
    except (OSError, IndexError, ValueError):  # it has just ended
        return "", 0


def _read_command_line(process: int) -> str:
    try:
        return Path("/proc/%d/cmdline" % process).read_text(encoding="utf-8", errors="replace").replace("\0", " ")
    except OSError:
        return ""
