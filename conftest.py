"""The root conftest: the options, the plugin that runs checks, and the plugin that writes the ledger."""

from __future__ import annotations

import json
import os
import sys
from collections import Counter
from itertools import islice
from pathlib import Path
from typing import Any, Generator, Sequence

import pytest

from fixtures.case import Case
from fixtures.cases.strategies import register_profiles
from fixtures.check import Check
from fixtures.deviations import KNOWN_DEVIATIONS, DeviationError, check_on_cases, read_deviations
from fixtures.hardware.cores_and_memory import count_fitting_processes
from fixtures.model.model_cases import ModelCaseError, read_case_ids_of_model
from fixtures.run import metadata, temporary_folder
from fixtures.run.blocks import Answered, Block, block_of_item, count_checks
from fixtures.run.check_plugin import CheckPlugin
from fixtures.run.destinations import (
    build_page,
    check_destinations,
    find_baseline,
    is_own_baseline,
    keep_previous,
    ledger_path,
    previous_path,
)
from fixtures.run.interruption import interrupt_on_signals
from fixtures.run.option_values import check_options
from fixtures.run.options import OPTIONS, ROOT, BadOption, Run
from fixtures.run.row_reports import ROWS
from fixtures.suite_registry import suites
from reports.ledger import LedgerError, terminal_output
from reports.ledger.files import find_overwritten
from reports.ledger.rerun import rerun_command
from reports.ledger.stored_rows import AnsweredChecks
from reports.ledger.writer import LedgerWriter

register_profiles()  # must run before Hypothesis' own plugin looks up the profile of --hypothesis-profile
MOST_TRIED = 20000  # cases on which the expressions of known deviations are tried before a run; its end audits all
GIB_OF_PROCESS = 2.0  # of a worker with its subject's process: TensorFlow in all modes, with compiled functions
INFRASTRUCTURE = 3  # the exit status without a framework or device, or with an unreadable ledger


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options of fixtures/run/options.py; each is also an environment variable."""
    group = parser.getgroup("keras-parity", "what is judged, and where the verdicts go")
    for option in OPTIONS:
        action = {
            "--resume": "store_true",
            **dict.fromkeys(("--case", "--check", "--switch", "--after"), "append"),
        }.get(option.flag, "store")
        text = "%s (%s)" % (option.help, option.variable)
        group.addoption(option.flag, action=action, dest="parity_" + option.name, help=text)
    text = "a stored model: its transposed convolutions are named cases, as with --case; see docs/model.md"
    group.addoption("--model", default="", dest="parity_model", metavar="FILE", help=text)


def pytest_configure(config: pytest.Config) -> None:
    """Check the options and register the plugins that this process needs."""
    config.addinivalue_line("markers", "suite(name): the judgement this test asks for, see fixtures/suite_registry.py")
    if config.inipath is None or config.rootpath != ROOT:
        # pytest looks for its settings next to every argument that is an existing path.
        raise pytest.UsageError("pytest took an option's path for a test: write --ledger=PATH, with the equals sign")
    given = {option.name: config.getoption("parity_" + option.name) for option in OPTIONS}
    handed_over: dict[str, Any] = getattr(
        config, "workerinput", {}
    )  # by the controller of xdist, which writes the ledger
    alone = not handed_over
    if not alone:
        temporary_folder.use_folder_of_parent(handed_over["parity_folder"])
    try:
        if config.getoption("parity_model"):
            given["case"] = [*(given["case"] or ()), *read_case_ids_of_model(config.getoption("parity_model"))]
        run = check_options(given)
        if run.deviations is not None:
            entries = read_deviations(run.deviations or KNOWN_DEVIATIONS)
            if alone:
                check_on_cases(
                    entries, islice(run.selected(), MOST_TRIED), run.subject, run.deviations or KNOWN_DEVIATIONS
                )
        ledger_plugin = LedgerPlugin(run, config)
        done = ledger_plugin.prepare() if alone else AnsweredChecks.unpack(*handed_over["parity_done"])
    except (BadOption, DeviationError) as error:
        raise pytest.UsageError(str(error)) from None
    except ModelCaseError as error:
        raise pytest.UsageError("--model: %s" % error) from None
    except LedgerError as error:
        pytest.exit("--ledger: %s" % error, INFRASTRUCTURE)
    config.pluginmanager.register(
        CheckPlugin(run, Answered(done, done.variants), alone, rerun_command), "parity-checks"
    )
    if alone:
        interrupt_on_signals()
        temporary_folder.remove_leftovers()  # also in a run that has nothing left to check
        config.pluginmanager.register(ledger_plugin, "parity-ledger")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int | None:
    """Return the number of processes of ``-n auto``, unless xdist's own variable gives it."""
    return None if "PYTEST_XDIST_AUTO_NUM_WORKERS" in os.environ else count_fitting_processes(GIB_OF_PROCESS)


@pytest.fixture
def ask(request: pytest.FixtureRequest) -> Any:
    """Return a function ``ask(check)`` that runs a check and passes, fails, xfails or skips the test."""
    plugin: Any = request.config.pluginmanager.get_plugin("parity-checks")

    def ask_check_or_block(check: Check | Block) -> None:
        if isinstance(check, Block):
            plugin.ask_block(check, request.node)
        else:
            plugin.ask(check, request.node.user_properties)

    return ask_check_or_block


def pytest_make_parametrize_id(val: object) -> str | None:
    """Return a case's id as parameter id, for selftests that parametrise over cases; None for other values."""
    return val.id if isinstance(val, Case) else None


class LedgerPlugin:
    """The plugin that writes answers to the ledger, prints to the terminal and sets the exit status."""

    def __init__(self, run: Run, config: pytest.Config) -> None:
        self.run, self.config, self.run_ledger = run, config, LedgerWriter(ledger_path(run))
        self.session: pytest.Session | None = None
        self.counter: terminal_output.Counter | None = None
        self.planned: Counter[str] | None = None
        self.infrastructure = self.page = ""
        self.complaints: list[str] = []

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
            self._say("")  # xdist leaves the cursor after "bringing up nodes..."
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
        before, path = len(self.run_ledger.done), self.run_ledger.path
        self._say(*terminal_output.describe_plan(self.run.to_options(), cases, checks, before, path))
        if self.run_ledger.header:
            self._say(*terminal_output.describe_subject(self.run_ledger.header))
        quiet = self.config.getoption("verbose") < 0  # with -v pytest itself names every test
        if quiet and terminal_output.is_live(sys.stdout):
            self.counter = terminal_output.Counter(before, checks)

    def _say(self, *lines: str, **markup: bool) -> None:
        reporter: Any = self.config.pluginmanager.get_plugin("terminalreporter")
        if self.counter is not None:
            self.counter.clear()
        for line in lines if reporter is not None else ():
            reporter.write_line(line, **markup)

    @pytest.hookimpl(hookwrapper=True)
    def pytest_report_teststatus(self, report: pytest.TestReport) -> Generator[None, Any, None]:
        """Leave out the dots of checks while the counter is shown."""
        result = yield
        if report.when == ROWS:
            result.force_result(("", "", ""))
        elif self.counter is not None and any(name == "row" for name, _ in report.user_properties):
            result.force_result((result.get_result()[0], "", ""))

    @pytest.hookimpl(tryfirst=True)  # runs before pytest prints the first dot, so that the subject is printed first
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Write a check's row to the ledger as soon as the check has a verdict."""
        if report.when == ROWS:
            self._forget_reports()
        for name, value in report.user_properties if report.when in ("call", ROWS) else ():
            if name == "header":
                self._start(json.loads(str(value)))
            elif name == "row":
                row = json.loads(str(value))
                try:
                    self.run_ledger.add(row)
                except LedgerError as error:
                    self._give_up(self._describe_failure(error))
                if self.counter is not None:
                    self.counter.count(row)
            elif name == "infrastructure":
                self._give_up(str(value))

    def _forget_reports(self) -> None:
        """Remove the reports without a result, which pytest keeps, so that the memory does not grow."""
        reporter: Any = self.config.pluginmanager.get_plugin("terminalreporter")
        if reporter is not None:
            reporter.stats.pop("", None)

    def _describe_failure(self, error: LedgerError) -> str:
        return "%s; it keeps the %d answers before, and --resume continues" % (error, len(self.run_ledger.rows))

    def _give_up(self, reason: str) -> None:
        """Record why no further check can run, and stop the session."""
        self.infrastructure = reason
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
            self._say(*terminal_output.describe_subject(self.run_ledger.header))

    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        """Write the end row if no answer is missing, audit the deviations, build the page, set the exit status."""
        run_ledger = self.run_ledger
        if not run_ledger.rows and not session.testscollected and exitstatus == pytest.ExitCode.NO_TESTS_COLLECTED:
            self.infrastructure = metadata.explain_no_checks(self.run)
        if self.infrastructure:
            session.exitstatus = INFRASTRUCTURE
            run_ledger.give_up(self.infrastructure)
        plugin: Any = self.config.pluginmanager.get_plugin("parity-checks")
        if plugin.unavailable:  # without xdist, pytest.exit has ended the run
            run_ledger.give_up(plugin.unavailable)
        if not run_ledger.header or self.infrastructure:
            return
        if run_ledger.complete and not run_ledger.ended and not self._close():
            session.exitstatus = INFRASTRUCTURE
            return
        self.complaints = metadata.find_unexplained_deaths(run_ledger.rows)
        self.complaints += metadata.find_contradicted_deviations(self.run, run_ledger.header, run_ledger.rows)
        if exitstatus in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED):
            failed = run_ledger.failed or bool(self.complaints)
            session.exitstatus = pytest.ExitCode.TESTS_FAILED if failed else pytest.ExitCode.OK
        if run_ledger.rows and all(row["verdict"] == "not-run" for row in run_ledger.rows):
            session.exitstatus = INFRASTRUCTURE  # no check could run
        if self.run.report:
            built, self.page = build_page(self.run, run_ledger.path)
            session.exitstatus = session.exitstatus if built else INFRASTRUCTURE

    def _close(self) -> bool:
        """Write the end row; return whether that succeeded."""
        try:
            self.run_ledger.close(
                metadata.end_row_fields(self.run, self.run_ledger.header, self.run_ledger.rows, self._say)
            )
        except LedgerError as error:
            self.infrastructure = self._describe_failure(error)
        return not self.infrastructure

    def pytest_unconfigure(self) -> None:
        """Let other processes write to the ledger."""
        self.run_ledger.release()

    @pytest.hookimpl(hookwrapper=True, tryfirst=True)
    def pytest_terminal_summary(self, terminalreporter: Any) -> Generator[None, None, None]:
        """Print, after pytest's list of failures, the causes, counts that add up, and where the page is."""
        yield
        if self.infrastructure:
            self._say("keras-parity cannot ask: " + self.infrastructure, red=True)
        if not self.run_ledger.rows:
            return
        terminalreporter.section("keras-parity")
        everything = self.config.getoption("verbose") >= 0
        for colour, line in terminal_output.describe_summary(self.run_ledger.header, self.run_ledger.rows, everything):
            self._say(line, **{colour: True} if colour else {})
        self._say(*metadata.explain_left_out_cases(self.run, self.run_ledger.rows))
        self._say(*metadata.explain_repetitions(self.run_ledger.rows))
        self._say(*self.complaints, red=True)
        self._say(*metadata.explain_by_hardware(self.run, self.run_ledger.header, self.run_ledger.rows))
        self._say(*filter(None, [self.page]))
