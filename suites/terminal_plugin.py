"""The plugin that prints what a run checks, how far it is, and at its end the causes and counts."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from typing import Any, Generator

import pytest

from fixtures.run import metadata
from fixtures.run.options import Run
from fixtures.run.row_reports import ROWS
from reports.ledger import terminal_output
from reports.ledger.writer import LedgerWriter


@dataclass
class EndOfRun:
    """What the end of a run says besides its verdicts.

    ``infrastructure`` says why no further check could run, ``complaints`` what contradicts the known deviations, and
    ``page`` where the page is; each is empty if there is nothing to say.
    """

    infrastructure: str = ""
    complaints: list[str] = field(default_factory=list)
    page: str = ""


class TerminalPlugin:
    """The plugin that writes to pytest's terminal reporter; without one, as in a worker of xdist, it writes nothing."""

    def __init__(self, run: Run, config: pytest.Config, run_ledger: LedgerWriter) -> None:
        self.run, self.config, self.run_ledger = run, config, run_ledger
        self.end_of_run = EndOfRun()
        self._counter: terminal_output.Counter | None = None

    def describe_plan(self, cases: str, checks: int) -> None:
        """Print what the run will check, and on a terminal start the counter; ``cases`` are their number in words."""
        before, header = len(self.run_ledger.done), self.run_ledger.header
        self.say(*terminal_output.describe_plan(self.run.to_options(), cases, checks, before, self.run_ledger.path))
        if header:
            self.describe_subject()
        quiet = self.config.getoption("verbose") < 0  # with -v pytest itself names every test
        if quiet and terminal_output.is_live(sys.stdout):
            self._counter = terminal_output.Counter(before, checks)

    def describe_subject(self) -> None:
        """Print the subject and its environment."""
        self.say(*terminal_output.describe_subject(self.run_ledger.header))

    def count(self, row: dict[str, Any]) -> None:
        """Count a row in the line of progress, if there is one."""
        if self._counter is not None:
            self._counter.count(row)

    def say(self, *lines: str, **markup: bool) -> None:
        """Print lines; ``markup`` is that of pytest's terminal writer, such as ``red=True``."""
        reporter: Any = self.config.pluginmanager.get_plugin("terminalreporter")
        if self._counter is not None:
            self._counter.clear()
        for line in lines if reporter is not None else ():
            reporter.write_line(line, **markup)

    def forget_reports(self) -> None:
        """Remove the reports without a result, which pytest keeps, so that the memory does not grow."""
        reporter: Any = self.config.pluginmanager.get_plugin("terminalreporter")
        if reporter is not None:
            reporter.stats.pop("", None)

    @pytest.hookimpl(hookwrapper=True)
    def pytest_report_teststatus(self, report: pytest.TestReport) -> Generator[None, Any, None]:
        """Leave out the dots of checks while the counter is shown."""
        result = yield
        if report.when == ROWS:
            result.force_result(("", "", ""))
        elif self._counter is not None and any(name == "row" for name, _ in report.user_properties):
            result.force_result((result.get_result()[0], "", ""))

    @pytest.hookimpl(hookwrapper=True, tryfirst=True)
    def pytest_terminal_summary(self, terminalreporter: Any) -> Generator[None, None, None]:
        """Print, after pytest's list of failures, the causes, counts that add up, and where the page is."""
        yield
        if self.end_of_run.infrastructure:
            self.say("keras-parity cannot ask: " + self.end_of_run.infrastructure, red=True)
        if not self.run_ledger.rows:
            return
        terminalreporter.section("keras-parity")
        everything = self.config.getoption("verbose") >= 0
        for colour, line in terminal_output.describe_summary(self.run_ledger.header, self.run_ledger.rows, everything):
            self.say(line, **{colour: True} if colour else {})
        self.say(*metadata.explain_left_out_cases(self.run, self.run_ledger.rows))
        self.say(*metadata.explain_repetitions(self.run_ledger.rows))
        self.say(*self.end_of_run.complaints, red=True)
        self.say(*metadata.explain_by_hardware(self.run, self.run_ledger.header, self.run_ledger.rows))
        self.say(*filter(None, [self.end_of_run.page]))
