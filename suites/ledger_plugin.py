"""The plugin that writes the answers of a run to its ledger, ends it, and sets the exit status."""

from __future__ import annotations

import json
import sys
from collections import Counter
from pathlib import Path
from typing import Any, Sequence

import pytest

from fixtures.run import metadata, temporary_folder
from fixtures.run.blocks import Answered, block_of_item, count_checks
from fixtures.run.destinations import (
    build_page,
    check_destinations,
    find_baseline,
    is_own_baseline,
    keep_previous,
    ledger_path,
    previous_path,
)
from fixtures.run.options import BadOption, Run
from fixtures.run.row_reports import ROWS
from fixtures.suite_registry import suites
from reports.ledger import LedgerError
from reports.ledger.files import find_overwritten
from reports.ledger.stored_rows import AnsweredChecks
from reports.ledger.writer import LedgerWriter
from suites.terminal_plugin import TerminalPlugin

INFRASTRUCTURE = 3  # the exit status without a framework or device, or with an unreadable ledger


class LedgerPlugin:
    """The plugin that writes answers to the ledger and sets the exit status."""

    def __init__(self, run: Run, config: pytest.Config) -> None:
        self.run, self.config, self.run_ledger = run, config, LedgerWriter(ledger_path(run))
        self.terminal = TerminalPlugin(run, config, self.run_ledger)
        self.end_of_run = self.terminal.end_of_run
        self.session: pytest.Session | None = None
        self.planned: Counter[str] | None = None

    def prepare(self) -> AnsweredChecks:
        """Reject options that would only fail at the end of the run; return the checks that the ledger answers already.

        Raises ``BadOption``, and ``LedgerError`` if --resume finds no ledger in
        the file.
        """
        check_destinations(self.run, self.run_ledger.path)
        overwritten = find_overwritten(*self._files())
        if overwritten:
            raise BadOption(overwritten)
        keep_previous(self.run, self.run_ledger.path)
        find_baseline(self.run, self.run_ledger.path)
        if self.run.resume and self.run_ledger.path.exists():
            differing = self.run_ledger.resume(self.run.to_options())
            if differing:
                self.run_ledger.release()
                raise BadOption("--resume: %s was run with another %s" % (self.run_ledger.path, ", ".join(differing)))
        return self.run_ledger.done

    def _files(self) -> tuple[dict[str, Path], dict[str, Path]]:
        """Return the files that the run writes, and those that it reads and must not overwrite, by option."""
        run, ledger = self.run, self.run_ledger.path
        written = {"--ledger": ledger, **({"--report": Path(run.report)} if run.report else {})}
        read_by_option = {"--baseline": run.baseline, "--deviations": run.deviations or ""}
        given = {flag: Path(path) for flag, path in read_by_option.items() if Path(path).is_file()}
        if is_own_baseline(run, ledger):
            given.pop("--baseline", None)
        for text in self.config.getoption("parity_case") or ():
            if text.startswith("@"):
                given["--case %s" % text] = Path(text[1:])
        return written, {"the kept previous run": previous_path(ledger), **given}

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node: Any) -> None:
        """Send the answered checks to an xdist worker, which collects the others.

        A worker that replaces another gets the same list: it collects what was missing when the run began.
        """
        node.workerinput["parity_done"] = self.run_ledger.done.pack()
        node.workerinput["parity_folder"] = str(temporary_folder.get_folder())

    def pytest_sessionstart(self, session: pytest.Session) -> None:
        """Keep the session, so that the run can be stopped."""
        self.session = session

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Count the checks of a run without xdist."""
        marked = [(item, item.get_closest_marker("suite")) for item in session.items]
        self._plan([(marker.args[0], item.nodeid) for item, marker in marked if marker])

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_node_collection_finished(self, ids: list[str]) -> None:
        """Count the checks of a run with xdist; every worker collects the same ones."""
        if self.planned is None and sys.stdout.isatty():
            self.terminal.say("")  # xdist leaves the cursor after "bringing up nodes..."
        folders = ((name.split("/")[1], name) for name in ids if "[" in name and name.startswith("suites/"))
        self._plan([(suite, name) for suite, name in folders if suite in suites()])

    def _count_checks(self, items: Sequence[tuple[str, str]]) -> tuple[Counter[str], int]:
        """Return the number of checks by suite, and the number of cases."""
        if self.run.drawn_tier is None:
            return Counter(suite for suite, _ in items), sum(1 for _ in self.run.selected())
        blocks = list(filter(None, (block_of_item(name) for _, name in items)))
        done = self.run_ledger.done
        counts, cases = count_checks(self.run, blocks, Answered(done, done.variants))
        if blocks and not counts and not done:
            self._give_up(metadata.explain_no_checks(self.run))
        return counts, cases

    def _plan(self, items: Sequence[tuple[str, str]]) -> None:
        """Lock the ledger, print what the run will check, once, and on a terminal start the counter.

        ``items`` has the suite and the name of every pytest item with checks. A resumed run knows its subject from the
        ledger, and prints it too.
        """
        if self.planned is not None:
            return
        self.planned, counted = self._count_checks(items) if items else (Counter(), 0)
        checks = sum(self.planned.values())
        other = self.run_ledger.explain_other_plan(self.planned)
        if other:
            raise pytest.UsageError(other)
        if not checks:
            return
        try:
            self.run_ledger.lock()  # the ledger is locked only if there are checks: the selftests have none
        except LedgerError as error:
            pytest.exit("--ledger: %s" % error, INFRASTRUCTURE)
        shard = ", shard %d/%d" % self.run.shard if self.run.shard != (1, 1) else ""
        cases = "{:,} {}{}".format(
            counted, "named cases" if self.run.cases else "cases of tier " + self.run.tier, shard
        )
        self.terminal.describe_plan(cases, checks)

    @pytest.hookimpl(tryfirst=True)  # runs before pytest prints the first dot, so that the subject is printed first
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Write a check's row to the ledger as soon as the check has a verdict."""
        if report.when == ROWS:
            self.terminal.forget_reports()
        for name, value in report.user_properties if report.when in ("call", ROWS) else ():
            if name == "header":
                self._start(json.loads(str(value)))
            elif name == "row":
                row = json.loads(str(value))
                try:
                    self.run_ledger.add(row)
                except LedgerError as error:
                    self._give_up(self._describe_failure(error))
                self.terminal.count(row)
            elif name == "infrastructure":
                self._give_up(str(value))

    def _describe_failure(self, error: LedgerError) -> str:
        return "%s; it keeps the %d answers before, and --resume continues" % (error, len(self.run_ledger.rows))

    def _give_up(self, reason: str) -> None:
        """Record why no further check can run, and stop the session."""
        self.end_of_run.infrastructure = reason
        if self.session is not None:
            self.session.shouldstop = reason

    def _start(self, environment: dict[str, Any]) -> None:
        known = bool(self.run_ledger.header)
        try:
            changed = self.run_ledger.start(
                environment, metadata.collect_options_and_terms(self.run, self.planned or {})
            )
        except LedgerError as error:
            self._give_up(str(error))
            return
        if changed:
            self._give_up("--resume: %s was written with another %s" % (self.run_ledger.path, ", ".join(changed)))
        elif not known:
            self.terminal.describe_subject()

    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        """Write the end row if no answer is missing, audit the deviations, build the page, set the exit status."""
        run_ledger = self.run_ledger
        if not run_ledger.rows and not session.testscollected and exitstatus == pytest.ExitCode.NO_TESTS_COLLECTED:
            self.end_of_run.infrastructure = metadata.explain_no_checks(self.run)
        if self.end_of_run.infrastructure:
            session.exitstatus = INFRASTRUCTURE
            run_ledger.give_up(self.end_of_run.infrastructure)
        plugin: Any = self.config.pluginmanager.get_plugin("parity-checks")
        if plugin.unavailable:  # without xdist, pytest.exit has ended the run
            run_ledger.give_up(plugin.unavailable)
        if not run_ledger.header or self.end_of_run.infrastructure:
            return
        if run_ledger.complete and not run_ledger.ended and not self._close():
            session.exitstatus = INFRASTRUCTURE
            return
        self.end_of_run.complaints = metadata.find_unexplained_deaths(run_ledger.rows)
        self.end_of_run.complaints += metadata.find_contradicted_deviations(
            self.run, run_ledger.header, run_ledger.rows
        )
        if exitstatus in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED):
            failed = run_ledger.failed or bool(self.end_of_run.complaints)
            session.exitstatus = pytest.ExitCode.TESTS_FAILED if failed else pytest.ExitCode.OK
        if run_ledger.rows and all(row["verdict"] == "not-run" for row in run_ledger.rows):
            session.exitstatus = INFRASTRUCTURE  # no check could run
        if self.run.report:
            built, self.end_of_run.page = build_page(self.run, run_ledger.path)
            session.exitstatus = session.exitstatus if built else INFRASTRUCTURE

    def _close(self) -> bool:
        """Write the end row; return whether that succeeded."""
        try:
            self.run_ledger.close(
                metadata.end_row_fields(self.run, self.run_ledger.header, self.run_ledger.rows, self.terminal.say)
            )
        except LedgerError as error:
            self.end_of_run.infrastructure = self._describe_failure(error)
        return not self.end_of_run.infrastructure

    def pytest_unconfigure(self) -> None:
        """Let other processes write to the ledger."""
        self.run_ledger.release()
