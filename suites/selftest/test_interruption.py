"""Tests of runs that are ended from outside: they keep their answers, print a summary, and leave no process or file."""

from __future__ import annotations

import contextlib
import signal
import tempfile
import threading
import time
from pathlib import Path
from types import SimpleNamespace

import pytest

from fixtures.case import Case
from fixtures.run import temporary_folder
from fixtures.run.interruption import ControllerWatch, ShortTraceback
from reports import ledger
from suites.fuzz.system_processes import find_descendants, is_alive, start_pytest, wait_until
from suites.selftest.crashes import BEFORE_CRASH, CRASHING
from suites.selftest.forked_pytest import ForkedRunInFolder
from suites.selftest.pytest_in_process import call_pytest, sorted_verdict_rows

AGREEING = Case(1, (4, 3), 1, 1, (2, 2), (1, 1), (1, 1))
HANGING = Case(1, (5, 3), 1, 1, (2, 2), (1, 1), (1, 1))  # the fault ``hangs`` acts on height 5
XDIST = ("-p", "xdist", "-n1")  # without the other plugins, which starts faster


def start_run(folder: Path, subject: str, *cases: Case, more: tuple[str, ...] = ()) -> ForkedRunInFolder:
    """Start a run of the suite forward on these cases, with its files in ``folder``."""
    chosen = [word for case in cases for word in ("--case", case.id)]
    return ForkedRunInFolder(folder, ["suites/forward", "--subject", subject, *chosen, *more])


def count_ledger_lines(path: Path) -> int:
    """Return the number of lines in the ledger."""
    return path.read_bytes().count(b"\n") if path.exists() else 0


@pytest.mark.parametrize("more", [(), XDIST], ids=["serial", "xdist"])
@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP", "SIGKILL"])
def test_a_run_that_a_signal_ends_keeps_its_answers_and_leaves_no_process(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, more: tuple[str, ...]
) -> None:
    """The subject hangs at that time. After every signal but SIGKILL there is a summary, and no file is left."""
    path = tmp_path / "run.jsonl"
    run = start_run(tmp_path, "numpy_layer:hangs", AGREEING, HANGING, more=more)
    assert wait_until(lambda: count_ledger_lines(path) == 2, 60), "no answer"
    time.sleep(0.1)  # the next check hangs by now
    processes = find_descendants(run.pid)
    assert len(processes) >= 2  # one of them is the resource tracker
    run.send_signal(getattr(signal, name))
    printed = run.communicate(timeout=60)[0].decode("utf-8", "replace")
    assert wait_until(lambda: not any(map(is_alive, processes)), 15), "a process is left"
    rows = ledger.read(path).rows
    assert [row["verdict"] for row in rows] == ["agree"]
    if name != "SIGKILL":
        assert run.returncode == 2 and "1 of 2 checks = 1 agree" in printed, printed
        assert not list(tmp_path.glob("*keras-parity*"))
        return
    assert list(tmp_path.glob("*keras-parity*"))
    temporary_folder.get_folder()  # that of this process is elsewhere
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    if more:  # the start of the next run removes the files that this one could not remove
        temporary_folder.remove_leftovers()
    else:
        status, _ = call_pytest("--subject", "numpy_layer", "--case", AGREEING.id, "--ledger", tmp_path / "next.jsonl")
        assert status == 0
    assert not list(tmp_path.glob("*keras-parity*"))


def test_a_run_in_a_new_interpreter_has_the_same_rows(tmp_path: Path) -> None:
    """The fuzzer of kills starts it so."""
    found = []
    for start in (start_pytest, ForkedRunInFolder):
        folder = tmp_path / start.__name__
        folder.mkdir()
        run = start(folder, ["suites/forward", "--subject", "numpy_layer", "--case", AGREEING.id])
        run.communicate(timeout=60)
        assert run.returncode == 0
        found.append(sorted_verdict_rows(ledger.read(folder / "run.jsonl")))
    assert found[0] == found[1] and len(found[0]) == 1


def test_the_rerun_command_of_a_crash_includes_the_earlier_checks_that_it_needs(tmp_path: Path) -> None:
    """The command has options --after; without them the case agrees."""
    checks = [word for check in (*BEFORE_CRASH, CRASHING) for word in ("--check", str(check))]
    subject, path = ("--subject", "numpy_layer:dies-after-four"), tmp_path / "run.jsonl"
    status, printed = call_pytest("suites/roundtrip", *subject, *checks, "--ledger", path)
    row = ledger.read(path).rows[-1]
    assert (status, row["verdict"], row["history"]["reproduced"]) == (1, "crashed", "after earlier checks")
    assert row["history"]["sentence"] in printed
    (again,) = {line[len("again: ") :] for line in printed.splitlines() if line.startswith("again: ")}
    assert 1 < again.count("--after") == len(row["history"]["needs"]) < row["history"]["earlier"] == 3
    arguments = again.split()[1:]
    alone = [word for place, word in enumerate(arguments) if "--after" not in arguments[max(place - 1, 0) : place + 1]]
    for words, verdict in ((arguments, "crashed"), (alone, "agree")):
        path = tmp_path / ("%s.jsonl" % verdict)
        call_pytest(*words, "--ledger", path)
        assert [row["verdict"] for row in ledger.read(path).rows] == [verdict]


@pytest.mark.parametrize("raised", [KeyboardInterrupt, pytest.exit.Exception])
def test_an_interruption_keeps_the_place_where_it_happened(raised: type[BaseException]) -> None:
    """It is the last entry that is not hidden. The entry of ``pytest.exit`` is hidden."""

    def interrupt() -> None:
        if raised is KeyboardInterrupt:
            raise KeyboardInterrupt
        pytest.exit("enough")

    with pytest.raises(raised) as caught:
        interrupt()
    ShortTraceback().pytest_keyboard_interrupt(caught)
    assert [entry.name for entry in caught.traceback if not entry.ishidden(caught)] == ["interrupt"]


class FakeChannel:
    """A channel of execnet, which ends as an event is set; a plugin that has it stands for that of xdist."""

    def __init__(self) -> None:
        self.channel, self.closed, self.seen = self, threading.Event(), threading.Event()

    def waitclose(self) -> None:
        """Wait until the channel is closed."""
        self.closed.wait()
        self.seen.set()
        raise EOFError


@pytest.mark.parametrize("over", [False, True])
def test_a_worker_whose_controller_ends_interrupts_its_check_at_once(over: bool) -> None:
    """After the end of its session nothing is interrupted."""
    plugins, fake = pytest.PytestPluginManager(), FakeChannel()
    plugins.register(fake)
    watch = ControllerWatch(SimpleNamespace(pluginmanager=plugins))  # type: ignore[arg-type]  # all that it reads
    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell ignores it for background commands
    try:
        with contextlib.ExitStack() as raises:
            if over:
                watch.pytest_sessionfinish()
            else:
                raises.enter_context(pytest.raises(KeyboardInterrupt))
            fake.closed.set()
            assert fake.seen.wait(10)
            time.sleep(0.1 if over else 10)
    finally:
        signal.signal(signal.SIGINT, before)
