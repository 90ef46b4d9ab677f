"""Composition root: the options, the bench that asks, and the clerk, the one results writer."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest

from fixtures.bench import Bench
from fixtures.case import AXES, Case
from fixtures.deviations import FILE, DeviationError, audit, read
from fixtures.faults import FAULTS
from fixtures.options import OPTIONS, BadOption, Run, check
from reports import ledger

ROOT = Path(__file__).resolve().parent
INFRASTRUCTURE = 3  # exit status: no framework, no device, unreadable ledger


def pytest_addoption(parser: pytest.Parser) -> None:
    """Every option is also an environment variable; see fixtures/options.py."""
    group = parser.getgroup("keras-parity", "what is judged, and where the verdicts go")
    for option in OPTIONS:
        action = {"--case": "append", "--resume": "store_true"}.get(option.flag, "store")
        text = "%s (%s)" % (option.help, option.variable)
        group.addoption(option.flag, action=action, dest="parity_" + option.flag.strip("-"), help=text)


def pytest_configure(config: pytest.Config) -> None:
    """Check the options and install the parts that this process plays."""
    config.addinivalue_line("markers", "suite(name): the judgement this test asks for, see fixtures/judge.py")
    given = {option.flag.strip("-"): config.getoption("parity_" + option.flag.strip("-")) for option in OPTIONS}
    try:
        run = check(given)
        if run.deviations is not None:
            read(run.deviations or FILE)
    except (BadOption, DeviationError) as error:
        raise pytest.UsageError(str(error)) from None
    if next(run.selected(), None) is None:
        raise pytest.UsageError("no case is selected: shard %d/%d of these cases is empty" % run.shard)
    if run.report and sys.version_info < (3, 11):
        raise pytest.UsageError("--report needs Python 3.11; build the page there with python -m reports build")
    clerk = Clerk(run)
    config.pluginmanager.register(Bench(run, clerk.done), "parity-bench")
    if not hasattr(config, "workerinput"):  # under xdist only the controller writes
        config.pluginmanager.register(clerk, "parity-clerk")


@pytest.fixture
def ask(request: pytest.FixtureRequest) -> Any:
    """Ask the subject: ``ask(suite, case, mode)`` passes, fails, xfails or skips the test."""
    bench: Any = request.config.pluginmanager.get_plugin("parity-bench")
    return lambda suite, case, mode: bench.ask(suite, case, mode, request.node.user_properties)


class Clerk:
    """Collects rows into the ledger, adds them up and settles the exit status."""

    def __init__(self, run: Run) -> None:
        self.run = run
        cell = os.environ.get("TOX_ENV_NAME", "local")
        self.path = Path(run.ledger or ROOT / "reports" / "out" / (cell + ".jsonl"))
        self.rows: list[dict[str, Any]] = []
        self.header: dict[str, Any] = {}
        self.writer: ledger.Writer | None = None
        self.planned, self.infrastructure = 0, ""
        self.complaints: list[str] = []
        if run.resume and self.path.exists():
            self._resume()
        self.done = {(row["case"], row["suite"], row["mode"]) for row in self.rows}

    def _resume(self) -> None:
        try:
            before = ledger.read(self.path)
        except ledger.LedgerError as error:
            pytest.exit("--resume: %s" % error, INFRASTRUCTURE)
        self.rows, self.header = before.rows, before.run

    def pytest_report_header(self) -> str:
        """What is judged, in one line."""
        run = self.run
        count = sum(1 for _ in run.selected())
        what = "%d named cases" % len(run.cases) if run.cases else "tier %s, %d cases" % (run.tier, count)
        return "keras-parity: %s on %s, %s, %s; ledger %s" % (
            *(run.subject, run.device, what, "+".join(run.modes)),
            os.path.relpath(self.path),
        )

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Without xdist: how many questions there are."""
        self.planned = sum(1 for item in session.items if item.get_closest_marker("suite"))

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_node_collection_finished(self, ids: list[str]) -> None:
        """With xdist the workers collect, each the same."""
        self.planned = sum(1 for name in ids if "[" in name and "selftest" not in name)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Write a question's row as soon as it is answered."""
        if report.when != "call":
            return
        for name, value in report.user_properties:
            if name == "header":
                self._start(json.loads(str(value)))
            elif name == "row" and self.writer is not None:
                self.rows.append(json.loads(str(value)))
                self.writer.write(self.rows[-1])
            elif name == "infrastructure":
                self.infrastructure = str(value)

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_logfinish(self) -> None:
        """Nothing more can be asked of a subject that is not there."""
        if self.infrastructure and self._session is not None:
            self._session.shouldstop = self.infrastructure

    _session: pytest.Session | None = None

    def pytest_sessionstart(self, session: pytest.Session) -> None:
        """Keep the session, to be able to stop it."""
        self._session = session

    def _start(self, environment: dict[str, Any]) -> None:
        if self.writer is not None:
            return  # another xdist worker: the same environment
        run = self.run
        header = {"kind": "run", "schema": ledger.SCHEMA, "cell": self.path.stem, **environment}
        header.update(
            tier="named cases" if run.cases else run.tier,
            shard="%d/%d" % run.shard,
            modes=list(run.modes),
            deviations=run.deviations if run.deviations is None else os.path.basename(run.deviations or str(FILE)),
            seed="the case's hash",
            planned=self.planned + len(self.rows),
            faults={fault.name: fault.sentence for fault in FAULTS},
            axes=[list(axis) for axis in AXES],
            started=datetime.now(timezone.utc).isoformat(timespec="seconds"),
        )
        differing = [key for key in environment if self.header and self.header.get(key) != environment[key]]
        if differing:
            self.infrastructure = "--resume: %s was written with another %s" % (self.path, ", ".join(differing))
            return
        self.writer = ledger.Writer(self.path, append=bool(self.header))
        if not self.header:
            self.writer.write(header)
        self.header = self.header or header

    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        """The end row if every question has its answer, the audit of the deviations, the exit status."""
        if self.infrastructure:
            session.exitstatus = INFRASTRUCTURE
        if not self.header:
            return
        if len(self.rows) == self.header["planned"]:
            writer = self.writer or ledger.Writer(self.path, append=True)
            writer.write({"kind": "end", "counts": ledger.tally(self.rows), "planned": self.header["planned"]})
            writer.close()
        if self.run.deviations is not None:
            known = [entry for entry in read(self.run.deviations or FILE) if entry.applies(self.header)]
            self.complaints = audit(known, self.rows)
        failed = any(ledger.outcome(row) in ledger.FAILING for row in self.rows) or bool(self.complaints)
        if exitstatus in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED):
            session.exitstatus = pytest.ExitCode.TESTS_FAILED if failed else pytest.ExitCode.OK

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        """Counts that add up, mismatches by cause, where the page is."""
        write = terminalreporter.write_line
        if self.infrastructure:
            write("keras-parity cannot ask: " + self.infrastructure, red=True)
        if not self.rows:
            return
        terminalreporter.section("keras-parity")
        counts = {ledger.OUTCOMES[key]: n for key, n in ledger.tally(self.rows).items() if n}
        write(
            "%d asked of %d = %s"
            % (len(self.rows), self.header["planned"], " + ".join("%d %s" % (n, name) for name, n in counts.items()))
        )
        for (outcome, cause), n in ledger.causes(self.rows).items():
            write("  %5d  %-18s %s" % (n, outcome, cause))
        for complaint in self.complaints:
            write(complaint, red=True)
        if self.run.report:
            self._page(write)

    def _page(self, write: Any) -> None:
        """The builder needs a newer Python and more packages than the run, so it has its own process."""
        command = [sys.executable, "-m", "reports", "build", str(self.path), "-o", self.run.report]
        built = subprocess.run(command, cwd=str(ROOT), capture_output=True, text=True, check=False)
        write((built.stdout + built.stderr).strip(), red=built.returncode != 0)


def pytest_make_parametrize_id(val: object) -> str | None:
    """Cases by their id wherever a selftest parametrises over them."""
    return val.id if isinstance(val, Case) else None
