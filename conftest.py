"""Composition root: the options, the bench that asks, and the clerk, the one results writer."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import datetime, timezone
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from fixtures.audit import audit
from fixtures.bench import Bench
from fixtures.case import AXES, Case
from fixtures.choices import check
from fixtures.contract.migration import given
from fixtures.covering import of_rows
from fixtures.deviations import FILE, DeviationError, read
from fixtures.exploring import register_profiles
from fixtures.faults import FAULTS
from fixtures.options import OPTIONS, BadOption, Run
from fixtures.registry import MIGRATION, PROPERTIES, SUITES
from reports import ledger

register_profiles()  # before Hypothesis' own plugin looks for the one that --hypothesis-profile names
ROOT = Path(__file__).resolve().parent
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
            read(run.deviations or FILE)
        clerk = Clerk(run)
        handed_over = getattr(config, "workerinput", {}).get("parity_done", ())
        done = clerk.prepare() if alone else {(case, suite, mode) for case, suite, mode in handed_over}
    except (BadOption, DeviationError) as error:
        raise pytest.UsageError(str(error)) from None
    except ledger.LedgerError as error:
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
    """Collects rows into the ledger, adds them up and settles the exit status."""

    def __init__(self, run: Run) -> None:
        self.run = run
        cell = os.environ.get("TOX_ENV_NAME", "local")
        again = "-again" if run.cases else ""  # asking one question must not cost the run it is from
        self.path = Path(run.ledger or ROOT / "reports" / "out" / (cell + again + ".jsonl"))
        self.rows: list[dict[str, Any]] = []
        self.header: dict[str, Any] = {}
        self.writer: ledger.Writer | None = None
        self.session: pytest.Session | None = None
        self.done: set[tuple[str, str, str]] = set()
        self.planned, self.infrastructure, self.page = 0, "", ""
        self.complaints: list[str] = []

    def _resume(self) -> None:
        before = ledger.read(self.path)
        told = before.run["asked"]
        differing = [key for key, value in self.run.asked().items() if (told.get(key) or "") != (value or "")]
        if differing:
            raise BadOption("--resume: %s was asked with another %s" % (self.path, ", ".join(differing)))
        self.rows, self.header = before.rows, before.run

    def prepare(self) -> set[tuple[str, str, str]]:
        """Refuse what would only fail at the end of the run; the questions that the ledger has answered."""
        if next(self.run.selected(), None) is None:
            raise BadOption("no case is selected: shard %d/%d of these cases is empty" % self.run.shard)
        if self.run.report and (sys.version_info < (3, 11) or find_spec("jinja2") is None):
            raise BadOption("--report needs Python 3.11 and jinja2; build the page there with python -m reports build")
        for flag, path in (("--ledger", self.path), ("--report", Path(self.run.report or "page.html"))):
            try:
                path.parent.mkdir(parents=True, exist_ok=True)
            except OSError as error:
                raise BadOption("%s %s cannot be written: %s" % (flag, path, error)) from None
            if path.is_dir() or not os.access(str(path.parent), os.W_OK):
                raise BadOption("%s %s cannot be written: give the path of a file" % (flag, path))
        if self.run.resume and self.path.exists():
            self._resume()
        self.done = {(row["case"], row["suite"], row["mode"]) for row in self.rows}
        return self.done

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node: Any) -> None:
        """An xdist worker, a replaced one too, collects what was missing when the run began."""
        node.workerinput["parity_done"] = sorted(self.done)

    def pytest_report_header(self) -> str:
        """What is judged, in one line."""
        run = self.run
        count = sum(1 for _ in run.selected())
        what = "%d named cases" % len(run.cases) if run.cases else "tier %s, %d cases" % (run.tier, count)
        facts = (run.subject, run.device, what, "+".join(run.modes), self.path)
        return "keras-parity: %s on %s, %s, %s; ledger %s" % facts

    def pytest_sessionstart(self, session: pytest.Session) -> None:
        """Keep the session, to be able to stop it."""
        self.session = session

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Without xdist: how many questions there are."""
        self.planned = sum(1 for item in session.items if item.get_closest_marker("suite"))

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_node_collection_finished(self, ids: list[str]) -> None:
        """With xdist the workers collect, each the same."""
        self.planned = sum(1 for name in ids if "[" in name and "selftest" not in name)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Write a question's row as soon as it is answered."""
        for name, value in report.user_properties if report.when == "call" else ():
            if name == "header":
                self._start(json.loads(str(value)))
            elif name == "row" and self.writer is not None:
                self.rows.append(json.loads(str(value)))
                self.writer.write(self.rows[-1])
            elif name == "infrastructure":
                self._give_up(str(value))

    def _give_up(self, reason: str) -> None:
        """Nothing more can be asked of a subject that is not there."""
        self.infrastructure = reason
        if self.session is not None:
            self.session.shouldstop = reason

    def _start(self, environment: dict[str, Any]) -> None:
        if self.writer is not None:
            return  # another xdist worker: the same environment
        changed = [
            key for key in environment if self.header and self.header.get(key) != environment[key] and key != "device"
        ]
        if changed:
            self._give_up("--resume: %s was written with another %s" % (self.path, ", ".join(changed)))
            return
        self.writer = ledger.Writer(self.path, append=bool(self.header))
        if self.header:
            return
        asked = self.run.asked()
        self.header = {"kind": "run", "schema": ledger.SCHEMA, "cell": self.path.stem, **environment}
        self.header.update(
            {key: asked[key] for key in ("tier", "shard", "modes", "deviations")},
            asked=asked,
            seed="the case's hash",
            planned=self.planned,
            faults={fault.name: fault.sentence for fault in FAULTS},
            axes=[list(axis) for axis in AXES],
            started=datetime.now(timezone.utc).isoformat(timespec="seconds"),
        )
        self.writer.write(self.header)

    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        """The end row if every question has its answer, the audit, the page, the exit status."""
        if not self.rows and not session.testscollected and exitstatus == pytest.ExitCode.NO_TESTS_COLLECTED:
            facts = (self.run.subject, "+".join(self.run.modes))
            self.infrastructure = (
                "no suite that was chosen asks any of these cases of %s in mode %s; what must be refused "
                "(python -m fixtures explain CASE) is asked by rejection alone, the contract of layers about its own "
                "cases (python -m fixtures questions), migration with --artefacts only" % facts
            )
        if self.infrastructure:
            session.exitstatus = INFRASTRUCTURE
        if not self.header or self.infrastructure:
            return
        complete = len(self.rows) == self.header["planned"]
        if complete:
            writer = self.writer or ledger.Writer(self.path, append=True)
            end = {"kind": "end", "counts": ledger.tally(self.rows), "planned": self.header["planned"]}
            writer.write(end if self.run.cases else {**end, "coverage": of_rows(self.rows)})
            writer.close()
        self.complaints = self._audit()
        failed = any(ledger.outcome(row) in ledger.FAILING for row in self.rows) or bool(self.complaints)
        failed = failed or not complete
        if exitstatus in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED):
            session.exitstatus = pytest.ExitCode.TESTS_FAILED if failed else pytest.ExitCode.OK
        if self.rows and all(row["verdict"] == "not-run" for row in self.rows):
            session.exitstatus = INFRASTRUCTURE  # nothing at all could be asked
        if self.run.report and not self._build_page():
            session.exitstatus = INFRASTRUCTURE

    def _audit(self) -> list[str]:
        if self.run.deviations is None:
            return []
        known = [entry for entry in read(self.run.deviations or FILE) if entry.applies(self.header)]
        complete = len(self.rows) == self.header["planned"] and self.header["tier"] in ("standard", "full")
        every = {row["suite"] for row in self.rows} >= set(SUITES) - {MIGRATION, PROPERTIES}
        return audit(known, self.rows, complete and every and self.header["shard"] == "1/1", self.run.subject)

    def _artefacts_left(self) -> int:
        """Stored models that this run was given and did not ask about."""
        asked = {(row["case"], row["mode"]) for row in self.rows}
        return sum((one.case, one.way) not in asked for one in given()) if self.run.artefacts else 0

    def _build_page(self) -> bool:
        """The builder needs a newer Python and more packages than the run, so it has its own process."""
        command = [sys.executable, "-m", "reports", "build", str(self.path.resolve())]
        command += ["-o", str(Path(self.run.report).resolve())]
        built = subprocess.run(command, cwd=str(ROOT), capture_output=True, text=True, check=False)
        self.page = (built.stdout + built.stderr).strip()
        return built.returncode == 0

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        """Counts that add up, mismatches by cause, where the page is."""
        write = terminalreporter.write_line
        if self.infrastructure:
            write("keras-parity cannot ask: " + self.infrastructure, red=True)
        if not self.rows:
            return
        terminalreporter.section("keras-parity")
        counts = {ledger.OUTCOMES[key]: n for key, n in ledger.tally(self.rows).items() if n}
        parts = " + ".join("%d %s" % (n, name) for name, n in counts.items())
        write("%d asked of %d = %s" % (len(self.rows), self.header["planned"], parts))
        for (outcome, cause), n in ledger.causes(self.rows, self.header["contract"]).items():
            write("  %5d  %-18s %s" % (n, outcome, cause))
        drawn = sum(row["measured"].get("examples", 0) for row in self.rows)
        if drawn:
            write("properties drew %d examples" % drawn)
        unasked = [case.id for case in self.run.cases if case.id not in {row["case"] for row in self.rows}]
        if unasked:
            write("not asked, for no chosen suite asks %s about them: %s" % (self.run.subject, ", ".join(unasked)))
        left = self._artefacts_left()
        if left:
            write("not asked, for this tier, shard or mode leaves them out: %d stored models" % left, red=True)
        for line in (*self.complaints, self.page):
            if line:
                write(line)
