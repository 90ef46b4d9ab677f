"""Tries one mutant in a process of its own: runs the selftests and returns whether one fails.

mutmut itself changes functions after everything is imported, so tables made at import (the rules of refusal) and cached
results stay unchanged. cosmic-ray itself starts Python again for every mutant. Here the process is forked before the
project is imported, and imports the changed module instead of the original.
"""

from __future__ import annotations

import gc
import os
import resource
import sys
import time
from contextlib import redirect_stdout
from importlib.machinery import ModuleSpec, SourceFileLoader
from importlib.util import spec_from_file_location
from pathlib import Path
from types import CodeType
from typing import Any, Sequence

import pytest

ROOT = Path(__file__).resolve().parents[2]
# The test file that is closest to each module runs first; then come the fast files, then the slow ones.
NEAREST = {
    "fixtures.oracle.expectation": "test_reference",
    "fixtures.oracle.rules": "test_rules",
    "fixtures.oracle.shape": "test_oracle_shape",
    "fixtures.oracle.sampled_reference": "test_sampled_reference",
    "fixtures.oracle.term_counts": "test_term_counts",
    "fixtures.oracle.values": "test_reference",
    "fixtures.compare.verdict": "test_verdict_rows",
    "fixtures.snippets.refusal": "test_verdict_rows",
    "fixtures.compare.reference": "test_reference_bounds",
    "fixtures.oracle.rounding": "test_rounding",
}
STAGES = (
    (
        *("test_oracle_shape", "test_rules", "test_reference", "test_reference_bounds", "test_rounding"),
        *("test_verdict_rows", "test_refusal_rows", "test_array_differences"),
    ),
    ("test_verdict", "test_special", "test_oracle_values", "test_arrays", "test_term_counts", "test_sampled_reference"),
)
# The project's own pytest options and checks at exit are left out, because they cost time in every trial.
OPTIONS = ("-x", "--tb=no", "--assert=plain", "--noconftest", "-pno:unraisableexception", "-pno:threadexception")
MEMORY = 4 * 2**30  # a changed length may need more memory than the machine has


class _ChangedModuleLoader(SourceFileLoader):
    """Loads a given text instead of a module's file, and stores no byte code."""

    def __init__(self, module: str, path: str, text: str) -> None:
        super().__init__(module, path)
        self._text = text

    def get_code(self, fullname: str) -> CodeType:
        return compile(self._text, self.path, "exec", dont_inherit=True)


class _ChangedModuleFinder:
    """Finds one module only: the changed one."""

    def __init__(self, module: str, text: str) -> None:
        self._module, self._text = module, text

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> ModuleSpec | None:
        if name != self._module:
            return None
        file = str(ROOT.joinpath(*name.split(".")).with_suffix(".py"))
        return spec_from_file_location(name, file, loader=_ChangedModuleLoader(name, file, self._text))


class _FirstFailure:
    """A pytest plugin that records the first test that fails."""

    name = ""

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed and not self.name:
            self.name = report.nodeid


def validate_deselected(deselected: Sequence[str]) -> None:
    """Raise ValueError for a name that deselects no test."""
    for name in deselected:
        file, _, test = name.partition("::")
        if Path(file).stem not in {stem for stage in STAGES for stem in stage} or not (ROOT / file).is_file():
            raise ValueError("--deselect %s: %s is none of the files that are run" % (name, file))
        if test and "def %s(" % test.split("[")[0] not in (ROOT / file).read_text(encoding="utf-8"):
            raise ValueError("--deselect %s: there is no such test in %s" % (name, file))


def warm_up() -> None:
    """Let pytest import all its parts before the process is forked."""
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    with open(os.devnull, "w") as nowhere, redirect_stdout(nowhere):
        pytest.main([*OPTIONS, "--collect-only", __file__])
    gc.freeze()  # existing objects are not scanned again in every trial


def try_mutant(module: str, text: str, deselected: Sequence[str] = (), limit: int = 600) -> tuple[bool, str, float]:
    """Return whether a selftest fails with ``text`` as the module, the first such test, and the CPU seconds.

    The calling process must not have imported the project, and ends afterwards. SIGXCPU ends the process when it has
    computed for ``limit`` seconds, however long that took on a busy machine.
    """
    started = time.process_time()
    os.chdir(str(ROOT))
    for descriptor in (1, 2):
        os.dup2(os.open(os.devnull, os.O_WRONLY), descriptor)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (limit, limit + 5))
    finder: Any = _ChangedModuleFinder(module, text)
    sys.meta_path.insert(0, finder)
    first = _FirstFailure()
    options = [*OPTIONS, *("--deselect=%s" % name for name in deselected)]
    for stage in ((NEAREST[module],), *STAGES) if module in NEAREST else STAGES:
        files = ["suites/selftest/%s.py" % name for name in stage]
        status = pytest.main([*options, *files], plugins=[first])
        if status not in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED):  # all tests deselected
            return True, first.name or "import", time.process_time() - started
    return False, "", time.process_time() - started
