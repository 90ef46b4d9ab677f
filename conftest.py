"""The root conftest: the options, and the plugins that run checks and write the ledger."""

from __future__ import annotations

import os
from itertools import islice
from typing import Any

import pytest

from fixtures.case import Case
from fixtures.check import Check
from fixtures.deviations import KNOWN_DEVIATIONS, DeviationError, check_on_cases, read_deviations
from fixtures.hardware.cores_and_memory import count_fitting_processes
from fixtures.run import temporary_folder
from fixtures.run.blocks import Answered, Block
from fixtures.run.check_plugin import CheckPlugin
from fixtures.run.interruption import ControllerWatch, ShortTraceback, interrupt_on_signals
from fixtures.run.option_bounds import require_known
from fixtures.run.option_values import check_options
from fixtures.run.options import OPTIONS, ROOT, BadOption, Run
from reports.ledger import LedgerError
from reports.ledger.rerun import rerun_command
from reports.ledger.stored_rows import AnsweredChecks
from suites.ledger_plugin import INFRASTRUCTURE, LedgerPlugin

MOST_TRIED = 20000  # cases on which the expressions of known deviations are tried before a run; its end audits all
GIB_OF_PROCESS = 2.0  # of a worker with its subject's process: TensorFlow in all modes, with compiled functions


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
    if not config.option.fulltrace:
        config.pluginmanager.register(ShortTraceback(), "parity-short-traceback")
    # The controller of xdist, which writes the ledger, hands it over to its workers.
    handed_over: dict[str, Any] = getattr(config, "workerinput", {})
    alone = not handed_over
    if not alone:
        temporary_folder.use_folder_of_parent(handed_over["parity_folder"])
    try:
        run = _read_options(config)
        if run.deviations is not None:
            deviations = run.deviations or KNOWN_DEVIATIONS
            entries = read_deviations(deviations)
            if alone:
                check_on_cases(entries, islice(run.selected(), MOST_TRIED), run.subject, deviations)
        ledger_plugin = LedgerPlugin(run, config)
        done = ledger_plugin.prepare() if alone else AnsweredChecks.unpack(*handed_over["parity_done"])
    except (BadOption, DeviationError) as error:
        raise pytest.UsageError(str(error)) from None
    except LedgerError as error:
        pytest.exit("--ledger: %s" % error, INFRASTRUCTURE)
    config.pluginmanager.register(
        CheckPlugin(run, Answered(done, done.variants), alone, rerun_command), "parity-checks"
    )
    if not alone:
        config.pluginmanager.register(ControllerWatch(config), "parity-controller-watch")
    else:
        interrupt_on_signals()
        temporary_folder.remove_leftovers()  # also in a run that has nothing left to check
        config.pluginmanager.register(ledger_plugin, "parity-ledger")
        config.pluginmanager.register(ledger_plugin.terminal, "parity-terminal")


def _read_options(config: pytest.Config) -> Run:
    """Return the options of the run; raise ``BadOption`` if a value cannot be used."""
    profile = config.getoption("--hypothesis-profile", default=None)
    if profile:  # registered here, before Hypothesis' own plugin loads it
        from fixtures.cases.strategies import PROFILES

        require_known("--hypothesis-profile", profile, PROFILES)
    given = {option.name: config.getoption("parity_" + option.name) for option in OPTIONS}
    if config.getoption("parity_model"):
        given["case"] = [*(given["case"] or ()), *_read_case_ids_of_model(config.getoption("parity_model"))]
    return check_options(given)


def _read_case_ids_of_model(path: str) -> list[str]:
    from fixtures.model.model_cases import ModelCaseError, read_case_ids_of_model  # a tenth of the imports of a run

    try:
        return read_case_ids_of_model(path)
    except ModelCaseError as error:
        raise pytest.UsageError("--model: %s" % error) from None


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
