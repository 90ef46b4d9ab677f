"""Composition root: the options, the bench that asks, and the clerk, the one results writer."""

from __future__ import annotations

import json
import sys
from typing import Any, Generator

import pytest

from fixtures import account
from fixtures.bench import Bench
from fixtures.case import Case
from fixtures.choices import check
from fixtures.destinations import build_page, check_destinations, find_baseline, keep_previous, ledger_path
from fixtures.deviations import KNOWN, DeviationError, read
from fixtures.exploring import register_profiles
from fixtures.options import OPTIONS, ROOT, BadOption, Run
from reports import terminal
from reports.book import Book
from reports.ledger import LedgerError

register_profiles()  # before Hypothesis' own plugin looks for the one that --hypothesis-profile names
INFRASTRUCTURE = 3  # exit status: no framework, no device, unreadable ledger


def pytest_addoption(parser: pytest.Parser) -> None:
    """Every option is also an environment variable; see fixtures/options.py."""
    group = parser.getgroup("keras-parity", "what is judged, and where the verdicts go")
    for option in OPTIONS:
        action = {"--resume": "store_true", **dict.fromkeys(("--case", "--mode", "--switch"), "append")}.get(
            option.flag, "store"
        )
        text = "%s (%s)" % (option.help, option.variable)
        group.addoption(option.flag, action=action, dest="parity_" + option.flag.strip("-"), help=text)


def pytest_configure(config: pytest.Config) -> None:
    """Check the options and install the parts that this process plays."""
    config.addinivalue_line("markers", "suite(name): the judgement this test asks for, see fixtures/registry.py")
    if config.inipath is None or config.rootpath != ROOT:
        # pytest looks for its settings next to every argument that is an existing path.
        raise pytest.UsageError("pytest took an option's path for a test: write --ledger=PATH, with the equals sign")
    given = {option.flag.strip("-"): config.getoption("parity_" + option.flag.strip("-")) for option in OPTIONS}
    alone = not hasattr(config, "workerinput")  # under xdist only the controller writes
    try:
        run = check(given)
        if run.deviations is not None:
            read(run.deviations or KNOWN)
        clerk = Clerk(run, config)
        handed_over = getattr(config, "workerinput", {}).get("parity_done", ())
        done = clerk.prepare() if alone else {(case, suite, mode) for case, suite, mode in handed_over}
    except (BadOption, DeviationError) as error:
        raise pytest.UsageError(str(error)) from None
    except LedgerError as error:
        pytest.exit("--resume: %s" % error, INFRASTRUCTURE)
    config.pluginmanager.register(Bench(run, done, alone), "parity-bench")
    if alone:
        config.pluginmanager.register(clerk, "parity-clerk")


@pytest.fixture
def ask(request: pytest.FixtureRequest) -> Any:
    """Ask the subject: ``ask(suite, case, mode)`` passes, fails, xfails or skips the test."""
    bench: Any = request.config.pluginmanager.get_plugin("parity-bench")
    return lambda suite, case, mode: bench.ask(suite, case, mode, request.node.user_properties)


def pytest_make_parametrize_id(val: object) -> str | None:
    """Cases by their id wherever a selftest parametrises over them."""
    return val.id if isinstance(val, Case) else None


class Clerk:
    """pytest's side of the ledger: answers into it, words onto the terminal, and the exit status."""

    def __init__(self, run: Run, config: pytest.Config) -> None:
        self.run, self.config, self.book = run, config, Book(ledger_path(run))
        self.session: pytest.Session | None = None
        self.counter: terminal.Counter | None = None
        self.done: set[tuple[str, str, str]] = set()
        self.planned: int | None = None
        self.infrastructure = self.page = ""
        self.complaints: list[str] = []

    def prepare(self) -> set[tuple[str, str, str]]:
        """Refuse what would only fail at the end of the run; the questions that the ledger has answered."""
        check_destinations(self.run, self.book.path)
        keep_previous(self.run, self.book.path)
        find_baseline(self.run, self.book.path)
        if self.run.resume and self.book.path.exists():
            differing = self.book.resume(self.run.asked())
            if differing:
                raise BadOption("--resume: %s was asked with another %s" % (self.book.path, ", ".join(differing)))
        self.done = self.book.done
        return self.done

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node: Any) -> None:
        """An xdist worker, a replaced one too, collects what was missing when the run began."""
        node.workerinput["parity_done"] = sorted(self.done)

    def pytest_sessionstart(self, session: pytest.Session) -> None:
        """Keep the session, to be able to stop it."""
        self.session = session

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Without xdist: how many questions there are."""
        self._plan(sum(1 for item in session.items if item.get_closest_marker("suite")))

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_node_collection_finished(self, ids: list[str]) -> None:
        """With xdist the workers collect, each the same."""
        if self.planned is None and sys.stdout.isatty():
            self._say("")  # xdist left its cursor behind "bringing up nodes..."
        self._plan(sum(1 for name in ids if "[" in name and "selftest" not in name))

    def _plan(self, questions: int) -> None:
        """Say what will be asked, and of whom where an earlier run knows; on a terminal, count from here."""
        first, self.planned = self.planned is None, questions
        if not first or not questions:
            return
        counted = sum(1 for _ in self.run.selected())
        shard = ", shard %d/%d" % self.run.shard if self.run.shard != (1, 1) else ""
        cases = "{:,} {}{}".format(
            counted, "named cases" if self.run.cases else "cases of tier " + self.run.tier, shard
        )
        self._say(*terminal.plan(self.run.asked(), cases, questions, len(self.done), self.book.path))
        if self.book.header:
            self._say(*terminal.subject(self.book.header))
        if self.config.getoption("verbose") < 0 and terminal.live(sys.stdout):  # -v is pytest's own way to tell
            self.counter = terminal.Counter(len(self.done), questions)

    def _say(self, *lines: str, **markup: bool) -> None:
        reporter: Any = self.config.pluginmanager.get_plugin("terminalreporter")
        if self.counter is not None:
            self.counter.clear()
        for line in lines if reporter is not None else ():
            reporter.write_line(line, **markup)

    @pytest.hookimpl(hookwrapper=True)
    def pytest_report_teststatus(self, report: pytest.TestReport) -> Generator[None, Any, None]:
        """Where questions are counted, their dots are left out."""
        outcome = yield
        if self.counter is not None and any(name == "row" for name, _ in report.user_properties):
            outcome.force_result((outcome.get_result()[0], "", ""))

    @pytest.hookimpl(tryfirst=True)  # before the dot: it is told who answers first
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Write a question's row as soon as it is answered."""
        for name, value in report.user_properties if report.when == "call" else ():
            if name == "header":
                self._start(json.loads(str(value)))
            elif name == "row":
                row = json.loads(str(value))
                self.book.add(row)
                if self.counter is not None:
                    self.counter.count(row)
            elif name == "infrastructure":
                self._give_up(str(value))

    def _give_up(self, reason: str) -> None:
        """Nothing more can be asked of a subject that is not there."""
        self.infrastructure = reason
        if self.session is not None:
            self.session.shouldstop = reason

    def _start(self, environment: dict[str, Any]) -> None:
        known = bool(self.book.header)
        changed = self.book.start(environment, account.told(self.run, self.planned or 0))
        if changed:
            self._give_up("--resume: %s was written with another %s" % (self.book.path, ", ".join(changed)))
        elif not known:
            self._say(*terminal.subject(self.book.header))

    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        """The end row if every question has its answer, the audit, the page, the exit status."""
        book = self.book
        if not book.rows and not session.testscollected and exitstatus == pytest.ExitCode.NO_TESTS_COLLECTED:
            self.infrastructure = account.nothing_asked(self.run)
        if self.infrastructure:
            session.exitstatus = INFRASTRUCTURE
            book.give_up(self.infrastructure)
        bench: Any = self.config.pluginmanager.get_plugin("parity-bench")
        if bench.unavailable:  # without xdist pytest has been told to exit
            book.give_up(bench.unavailable)
        if not book.header or self.infrastructure:
            return
        if book.complete:
            book.close(account.ended(self.run, book.header, book.rows, self._say))
        self.complaints = account.complaints(self.run, book.header, book.rows)
        if exitstatus in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED):
            failed = book.failed or bool(self.complaints)
            session.exitstatus = pytest.ExitCode.TESTS_FAILED if failed else pytest.ExitCode.OK
        if book.rows and all(row["verdict"] == "not-run" for row in book.rows):
            session.exitstatus = INFRASTRUCTURE  # nothing at all could be asked
        if self.run.report:
            built, self.page = build_page(self.run, book.path)
            session.exitstatus = session.exitstatus if built else INFRASTRUCTURE

    @pytest.hookimpl(hookwrapper=True, tryfirst=True)
    def pytest_terminal_summary(self, terminalreporter: Any) -> Generator[None, None, None]:
        """After pytest's list of what failed: by cause, counts that add up, where the page is."""
        yield
        if self.infrastructure:
            self._say("keras-parity cannot ask: " + self.infrastructure, red=True)
        if not self.book.rows:
            return
        terminalreporter.section("keras-parity")
        everything = self.config.getoption("verbose") >= 0
        for colour, line in terminal.summary(self.book.header, self.book.rows, everything):
            self._say(line, **{colour: True} if colour else {})
        self._say(*account.left_out(self.run, self.book.rows))
        self._say(*self.complaints, red=True)
        self._say(*account.explain_by_hardware(self.run, self.book.header, self.book.rows))
        self._say(*filter(None, [self.page]))
