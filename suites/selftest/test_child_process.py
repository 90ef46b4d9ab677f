"""Tests of the child process: a process that dies by itself loses one call, one that others end loses nothing."""

from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Iterator

import pytest

from fixtures.observation import Lost
from fixtures.run import child_process, temporary_folder
from fixtures.run.child_process import ChildError, Process
from fixtures.run.start_method import StartMethod
from suites.fuzz.system_processes import is_alive, wait_until
from suites.selftest import child_functions as child


@pytest.fixture(scope="module", autouse=True)
def _start_as_in_a_run() -> Iterator[None]:
    """Let children have a new interpreter, as in a run."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(child_process, "start_method", StartMethod())
        yield


@pytest.fixture(scope="module")
def _shared(_start_as_in_a_run: None) -> Iterator[Process]:
    with Process() as made:
        yield made


@pytest.fixture
def process(_shared: Process) -> Process:
    """Return a process that starts with the first call; one that the test before left alive counts as started."""
    _shared.processes = int(_shared._child is not None and _shared._child.is_alive())
    return _shared


@pytest.mark.parametrize("name", ["SIGKILL", "SIGTERM", "SIGSEGV"])
def test_a_child_that_dies_between_two_calls_is_replaced(process: Process, name: str) -> None:
    """The next call gets a new process, and the death is recorded."""
    first = process.call_in_child(20, child.pid)
    os.kill(first, getattr(signal, name))
    assert wait_until(lambda: not is_alive(first), 20)
    second = process.call_in_child(20, child.pid)
    assert isinstance(second, int) and second != first and process.processes == 2
    (loss,) = process.losses
    assert loss.between and loss.reason == "the process died of %s" % name
    assert process.call_in_child(20, child.pid) == second and not process.losses


@pytest.mark.parametrize(("name", "repeated"), [("SIGKILL", True), ("SIGHUP", True), ("SIGSEGV", False)])
def test_only_a_call_that_others_ended_is_repeated(process: Process, tmp_path: Path, name: str, repeated: bool) -> None:
    """A call that SIGKILL ends is repeated in a new process; a segmentation fault is the call's own."""
    found = process.call_in_child(20, child.die_once, name, str(tmp_path / "marker"))
    assert (found == "answered") == repeated
    assert [loss.reason for loss in process.losses] == ["the process died of %s" % name] * repeated


def test_a_call_that_sigkill_ends_twice_is_lost(process: Process) -> None:
    """The reason says that it was tried twice."""
    found = process.call_in_child(20, child.die_always, "SIGKILL")
    assert isinstance(found, Lost) and found.reason.startswith("the process died of SIGKILL, twice")
    assert process.processes == 2


def test_what_a_child_prints_is_not_printed_by_its_parent(process: Process, capfd: pytest.CaptureFixture[str]) -> None:
    """TensorFlow prints when it exports a model; the output of the commands is read by programs."""
    found = process.call_in_child(20, child.print_and_exit, "Saved artifact")
    assert isinstance(found, Lost) and "Saved artifact" in found.stderr
    assert capfd.readouterr().out == ""


def test_a_child_that_exits_with_status_0_has_crashed(process: Process) -> None:
    """A subject that ends the process quietly gives no answer."""
    found = process.call_in_child(20, child.leave, 0)
    assert isinstance(found, Lost) and found.reason == "the process ended itself with status 0"


def test_a_child_that_closes_its_connection_has_crashed(process: Process, monkeypatch: pytest.MonkeyPatch) -> None:
    """The parent does not wait for the time limit, but for the end of the process."""
    monkeypatch.setattr(child_process, "_LEAVE", 0.1)
    found = process.call_in_child(60, child.close_everything)
    assert isinstance(found, Lost) and "closed its connection" in found.reason


def test_a_keyboard_interrupt_in_the_child_does_not_end_the_run(process: Process) -> None:
    """The call raises ChildError, and the process stays alive."""
    with pytest.raises(ChildError, match="from the layer"):
        process.call_in_child(20, child.raise_interrupt)
    assert process.call_in_child(20, child.pid) and process.processes == 1


def test_a_child_beyond_its_memory_limit_has_crashed() -> None:
    """The reason names the limit, and the call is not repeated."""
    with Process(memory=0.12) as process:
        found = process.call_in_child(60, child.fill, 0.15)
        assert isinstance(found, Lost) and found.verdict == "crashed"
        assert found.reason == "the process was ended at its limit of 0.12 GiB of memory"
        assert process.processes == 1


@pytest.mark.parametrize("name", ["SIGKILL", "SIGTERM", "SIGSEGV"])
def test_a_hanging_child_ends_when_its_parent_dies(tmp_path: Path, name: str) -> None:
    """This holds for every signal that ends the parent."""
    written = tmp_path / "pid"
    command = [sys.executable, "-m", "suites.selftest.child_functions", str(written)]
    parent = subprocess.Popen(command, stderr=subprocess.DEVNULL, cwd=str(Path(__file__).resolve().parents[2]))
    assert wait_until(lambda: written.exists() and written.read_text(encoding="ascii") != "", 20)
    child_pid = int(written.read_text(encoding="ascii"))
    assert is_alive(child_pid)
    parent.send_signal(getattr(signal, name))
    parent.wait()
    assert wait_until(lambda: not is_alive(child_pid), 5)


def test_temporary_files_of_a_child_are_in_the_folder_of_the_run(process: Process) -> None:
    """Files that a killed child leaves are removed with that folder."""
    path = Path(process.call_in_child(20, child.temporary_file))
    assert path.exists() and temporary_folder.get_folder() in path.parents


@pytest.mark.skipif(sys.platform == "win32", reason="Windows cannot fork")
def test_forked_processes_do_not_share_a_file_for_messages() -> None:
    """Two workers of the fault matrix are forks with the same memory addresses; one removed the file of the other."""
    temporary_folder.get_folder()
    with multiprocessing.get_context("fork").Pool(2) as pool:
        files = pool.map(child.path_of_messages, range(8), chunksize=1)
    assert len(set(files)) == 8


def test_temporary_folders_of_ended_runs_are_removed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Folders of living runs and of other programs stay."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    code = (
        "import os, sys; from fixtures.run import temporary_folder as t; print(t.get_folder(), flush=True); "
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


def test_a_call_ahead_is_answered_by_the_call_itself(process: Process, tmp_path: Path) -> None:
    """The child works before it is asked for the answer, and the call is made once."""
    first, notes = process.call_in_child(20, child.pid), tmp_path / "notes"
    process.call_ahead(child.note, str(notes))
    assert wait_until(notes.exists, 20)
    assert process.call_in_child(20, child.note, str(notes)) == 1
    assert process.call_in_child(20, child.pid) == first and process.processes == 1
    assert len(notes.read_text(encoding="ascii")) == 1


def test_a_death_in_a_call_ahead_belongs_to_that_call(process: Process) -> None:
    """The parent does other things when the child dies; the death is not a loss between two calls."""
    first = process.call_in_child(20, child.pid)
    process.call_ahead(child.die_always, "SIGSEGV")
    assert wait_until(lambda: not is_alive(first), 20)
    found = process.call_in_child(20, child.die_always, "SIGSEGV")
    assert isinstance(found, Lost) and not found.between and found.reason == "the process died of SIGSEGV"
    assert not process.losses and process.processes == 1
    second = process.call_in_child(20, child.pid)
    assert isinstance(second, int) and second != first and not process.losses


def test_a_child_that_others_end_before_it_begins_a_call_ahead_is_replaced(process: Process) -> None:
    """The call is made in a new process, and the death is recorded as one between two calls."""
    first = process.call_in_child(20, child.pid)
    os.kill(first, signal.SIGSTOP)
    process.call_ahead(child.pid)
    os.kill(first, signal.SIGKILL)
    second = process.call_in_child(20, child.pid)
    assert isinstance(second, int) and second != first
    (loss,) = process.losses
    assert loss.between


def test_another_call_than_the_one_ahead_gets_a_new_process(process: Process) -> None:
    """It does not wait, and it does not get the other answer."""
    first = process.call_in_child(20, child.pid)
    process.call_ahead(child.sleep, 60.0)
    second = process.call_in_child(20, child.pid)
    assert isinstance(second, int) and second != first and not process.losses
