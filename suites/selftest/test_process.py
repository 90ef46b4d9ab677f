"""A child process costs one call when it dies by itself, and nothing when others end it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Callable, Iterator

import pytest

from fixtures.observation import Lost
from fixtures.run import temporary_folder
from fixtures.run.process import ChildError, Process
from suites.selftest import child_functions as child


@pytest.fixture
def process() -> Iterator[Process]:
    """A child that starts with the first call."""
    with Process() as made:
        yield made


def wait_until(condition: Callable[[], bool], seconds: float = 20) -> bool:
    """Return whether the condition is met in time."""
    end = time.monotonic() + seconds
    while not condition() and time.monotonic() < end:
        time.sleep(0.05)
    return condition()


@pytest.mark.parametrize("name", ["SIGKILL", "SIGTERM", "SIGSEGV"])
def test_a_death_between_two_calls_costs_nothing(process: Process, name: str) -> None:
    """The next call gets a new process, and the loss is on record."""
    first = process.ask(20, child.pid)
    os.kill(first, getattr(signal, name))
    assert wait_until(lambda: not child.is_alive(first))
    second = process.ask(20, child.pid)
    assert isinstance(second, int) and second != first and process.processes == 2
    (loss,) = process.losses
    assert loss.between and loss.reason == "the process died of %s" % name
    assert process.ask(20, child.pid) == second and not process.losses


@pytest.mark.parametrize(("name", "repeated"), [("SIGKILL", True), ("SIGHUP", True), ("SIGSEGV", False)])
def test_only_a_signal_of_others_is_repeated(process: Process, tmp_path: Path, name: str, repeated: bool) -> None:
    """A call that dies of SIGKILL is repeated in a new process; a segmentation fault is the call's own."""
    found = process.ask(20, child.die_once, name, str(tmp_path / "marker"))
    assert (found == "answered") == repeated
    assert [loss.reason for loss in process.losses] == ["the process died of %s" % name] * repeated


def test_two_kills_are_a_loss(process: Process) -> None:
    """The reason says that it was run twice."""
    found = process.ask(20, child.die_always, "SIGKILL")
    assert isinstance(found, Lost) and found.reason.startswith("the process died of SIGKILL, twice")
    assert process.processes == 2


def test_an_end_with_status_0_is_a_crash(process: Process) -> None:
    """A subject that ends the process quietly gives no answer."""
    found = process.ask(20, child.leave, 0)
    assert isinstance(found, Lost) and found.reason == "the process ended itself with status 0"


def test_a_process_that_closes_its_connection_is_a_crash(process: Process) -> None:
    """It is not waited for until its time is over."""
    found = process.ask(60, child.close_everything)
    assert isinstance(found, Lost) and "closed its connection" in found.reason


def test_an_interrupt_in_the_child_stays_there(process: Process) -> None:
    """KeyboardInterrupt of a layer does not end the run; the process goes on."""
    with pytest.raises(ChildError, match="from the layer"):
        process.ask(20, child.raise_interrupt)
    assert process.ask(20, child.pid) and process.processes == 1


def test_the_memory_limit_is_named() -> None:
    """The reason names the limit, and the call is not repeated."""
    with Process(memory=0.2) as process:
        found = process.ask(60, child.fill, 1.0)
        assert isinstance(found, Lost) and found.verdict == "crashed"
        assert found.reason == "the process was ended at its limit of 0.2 GiB of memory"
        assert process.processes == 1


@pytest.mark.parametrize("name", ["SIGKILL", "SIGTERM", "SIGSEGV"])
def test_a_child_ends_with_its_parent(tmp_path: Path, name: str) -> None:
    """However the parent ends, while the child hangs."""
    written = tmp_path / "pid"
    command = [sys.executable, "-m", "suites.selftest.child_functions", str(written)]
    parent = subprocess.Popen(command, stderr=subprocess.DEVNULL, cwd=str(Path(__file__).resolve().parents[2]))
    assert wait_until(lambda: written.exists() and written.read_text(encoding="ascii") != "")
    child_pid = int(written.read_text(encoding="ascii"))
    assert child.is_alive(child_pid)
    parent.send_signal(getattr(signal, name))
    parent.wait()
    assert wait_until(lambda: not child.is_alive(child_pid), 5)


def test_temporary_files_are_in_the_folder_of_the_run(process: Process) -> None:
    """What a killed child leaves goes with that folder."""
    path = Path(process.ask(20, child.temporary_file))
    assert path.exists() and temporary_folder.folder() in path.parents


def test_folders_of_dead_runs_are_removed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder without a living owner is removed, one with an owner and one of others are kept."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    code = (
        "import os, sys; from fixtures.run import temporary_folder as t; print(t.folder(), flush=True); "
        "sys.stdin.read(1); os.kill(os.getpid(), 9)"
    )
    environment = {**os.environ, "TMPDIR": str(tmp_path)}
    owner = subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment
    )
    assert owner.stdout is not None and owner.stdin is not None
    folder = Path(owner.stdout.readline().decode("utf-8").strip())
    stranger = tmp_path / "keras-parity-of-others"
    stranger.mkdir()
    temporary_folder.remove_leftovers()
    assert folder.exists()
    owner.communicate(b".")
    assert folder.exists()
    temporary_folder.remove_leftovers()
    assert not folder.exists() and stranger.exists()
