"""Tests of ``python -m reports bisect``: checks of one release, and releases that cannot be checked."""

from __future__ import annotations

import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

pytest.importorskip("packaging.version")
if sys.version_info < (3, 11):
    pytest.skip("reports need Python 3.11", allow_module_level=True)


from fixtures.case import EXAMPLE_ID
from fixtures.cases.contract import PLAIN
from reports.facts.bisections import GOOD
from reports.ledger import read
from reports.ledger.categories import case_hash
from reports.releases import answers as answers_module
from reports.releases.answers import Answer, Answers, ReleaseChecker
from reports.releases.environments import CannotInstall
from reports.releases.errors import BisectError
from reports.releases.packages import PACKAGES
from reports.releases.requirements import ReleaseEnvironment
from reports.releases.search import NO_RESULT
from suites.selftest.ledgers import make_row, write_ledger
from suites.selftest.sample_releases import IN_THIS_PROCESS, make_environment, make_python_that_copies

KERAS = PACKAGES["keras"]
BAD = "mismatch (values)"
CHECK = "forward/eager/" + EXAMPLE_ID


NAMED = "forward/eager/" + case_hash(PLAIN.id)
ABSENT = CHECK.replace("forward", "rejection")  # the example is accepted, so the suite rejection has no check of it
REFUSED = "rejection/eager/b2-i4.5-c3-f2-k3.2-s0.2-d1.1-valid-onone-last-bias-linear-float32"
HEALTHY, FAULTY = make_environment("numpy_layer"), make_environment("numpy_layer:bias-missing")


@dataclass(frozen=True)
class Runs:
    """The folder of two releases that pytest has checked, and what the checker answered."""

    folder: Path
    healthy: Answers
    faulty: Answers

    def find_ledger(self, subject: str) -> Path:
        """Return the ledger of the release that the NumPy layer of that name stands for."""
        (found,) = (path for path in self.folder.rglob("1.jsonl") if read(path).run["subject"] == subject)
        return found


@pytest.fixture(autouse=True)
def this_python(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let this Python stand for the environment of every release."""
    monkeypatch.setattr(answers_module, "make_environment", lambda one: (Path(sys.executable), 0.5))


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Runs:
    """Return the runs of two releases, made once: the NumPy layer stands for a healthy one and for one with a fault.

    The first is in a process of its own, as all runs of a bisection are.
    """
    folder = tmp_path_factory.mktemp("runs")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(answers_module, "make_environment", lambda one: (Path(sys.executable), 0.5))
        patch.setenv("KERAS_PARITY_SUBJECT", "none")  # what the caller's own run has is not that of the releases
        patch.setenv("KERAS_PARITY_MODE", "none")
        patch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")  # the run starts faster
        checker = ReleaseChecker(folder)
        healthy = checker.run_checks(HEALTHY, [CHECK, NAMED, ABSENT, REFUSED])
        patch.setattr(answers_module, "subprocess", IN_THIS_PROCESS)
        return Runs(folder, healthy, checker.run_checks(FAULTY, [CHECK]))


def test_a_release_is_checked_once(runs: Runs) -> None:
    """A second call runs nothing."""
    assert runs.healthy.by_check[CHECK] == Answer(GOOD)
    assert runs.faulty.by_check == {CHECK: Answer(BAD)} and runs.faulty.check_seconds > 0
    assert runs.faulty.install_seconds == 0.5
    assert ReleaseChecker(runs.folder).run_checks(FAULTY, [CHECK]) == Answers({CHECK: Answer(BAD)}, 0.0, 0.0)


def test_a_repeated_check_that_varies_is_a_result_of_its_own(runs: Runs, tmp_path: Path) -> None:
    """The first run is healthy, the second faulty: the release is neither good nor bad, and the text says so."""
    healthy = runs.find_ledger("numpy_layer")
    folder = tmp_path / healthy.parent.name
    folder.mkdir()
    shutil.copy(str(healthy), str(folder / "1.jsonl"))
    shutil.copy(str(runs.find_ledger("numpy_layer:bias-missing")), str(folder / "2.jsonl"))
    again = ReleaseChecker(tmp_path, repeat=2).run_checks(HEALTHY, [CHECK])
    assert (again.by_check[CHECK].result, again.check_seconds) == ("varies: good, mismatch (values)", 0.0)


def test_a_check_can_be_named_by_the_hash_of_its_case(runs: Runs) -> None:
    """The ledger has the id."""
    assert runs.healthy.by_check[NAMED] == Answer(GOOD)
    assert PLAIN.id in {row["case"] for row in read(runs.find_ledger("numpy_layer")).rows}


def test_a_check_that_the_release_does_not_have_is_no_good_release(runs: Runs) -> None:
    """The other checks of the call have their results, in each suite."""
    absent = runs.healthy.by_check[ABSENT]
    assert absent.result == NO_RESULT and "no such check" in absent.reason
    assert runs.healthy.by_check[CHECK] == runs.healthy.by_check[REFUSED] == Answer(GOOD)


def test_a_release_that_cannot_be_installed_has_the_reason_and_is_not_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The reason is uv's own."""
    calls = []

    def refuse(one: ReleaseEnvironment) -> tuple[Path, float]:
        calls.append(one)
        raise CannotInstall("No solution found: keras==3.0.0 has no wheels with a matching Python version tag")

    monkeypatch.setattr(answers_module, "make_environment", refuse)
    for _ in range(2):
        answer = ReleaseChecker(tmp_path).run_checks(HEALTHY, [CHECK]).by_check[CHECK]
        assert answer.result == NO_RESULT and "no wheels with a matching Python" in answer.words
    assert len(calls) == 1


def test_a_release_without_its_framework_has_the_reason(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """pytest exits with 3 if the framework cannot be imported."""
    monkeypatch.setattr(answers_module, "subprocess", IN_THIS_PROCESS)
    answer = ReleaseChecker(tmp_path).run_checks(make_environment("keras3"), [CHECK]).by_check[CHECK]
    assert answer.result == NO_RESULT and "No module named 'keras'" in answer.reason
    assert "exit status" not in answer.reason


def test_a_check_that_a_release_refuses_to_run_does_not_end_the_others(
    runs: Runs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """pytest exits with 3 there too, since it has no check left; the next call runs its own check."""
    checker = ReleaseChecker(tmp_path)
    with monkeypatch.context() as patch:
        patch.setattr(answers_module, "subprocess", IN_THIS_PROCESS)
        answer = checker.run_checks(HEALTHY, [ABSENT]).by_check[ABSENT]
    assert answer.result == NO_RESULT and "no suite that was chosen" in answer.reason
    python = make_python_that_copies(runs.find_ledger("numpy_layer"), tmp_path)
    monkeypatch.setattr(answers_module, "make_environment", lambda one: (python, 0.5))
    assert checker.run_checks(HEALTHY, [CHECK]).by_check[CHECK].result == GOOD


def test_a_run_without_a_result_does_not_hide_the_result_of_another(tmp_path: Path) -> None:
    """A run without a result does not hide the result of another run of the same check."""
    write_ledger(tmp_path / "1.jsonl", [make_row(EXAMPLE_ID, "not-run", observed={"reason": "no memory"})])
    write_ledger(tmp_path / "2.jsonl", [make_row(EXAMPLE_ID, "mismatch")])
    joined = answers_module.join_answers(answers_module.read_answers(tmp_path)[CHECK])
    assert joined == Answer(BAD)


def test_a_failure_of_the_network_is_not_stored(runs: Runs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The next call tries again, and may be lucky."""

    def fail(one: ReleaseEnvironment) -> tuple[Path, float]:
        raise CannotInstall("Failed to fetch: https://pypi.org/simple/keras/")

    monkeypatch.setattr(answers_module, "make_environment", fail)
    answer = ReleaseChecker(tmp_path).run_checks(HEALTHY, [CHECK]).by_check[CHECK]
    assert answer.result == NO_RESULT and "Failed to fetch" in answer.reason
    python = make_python_that_copies(runs.find_ledger("numpy_layer"), tmp_path)
    monkeypatch.setattr(answers_module, "make_environment", lambda one: (python, 0.5))
    assert ReleaseChecker(tmp_path).run_checks(HEALTHY, [CHECK]).by_check[CHECK].result == GOOD


def test_a_check_that_pytest_does_not_take_ends_the_bisection(
    runs: Runs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Otherwise an environment would be made for every release, and none of them could check it."""
    monkeypatch.chdir(tmp_path)  # a relative folder is in the folder of the caller
    with monkeypatch.context() as patch:
        patch.setattr(answers_module, "subprocess", IN_THIS_PROCESS)
        with pytest.raises(BisectError, match="the check: not a case id: batch of 'b02-"):
            ReleaseChecker(Path("out")).run_checks(HEALTHY, [CHECK.replace("b2-", "b02-")])
    python = make_python_that_copies(runs.find_ledger("numpy_layer"), tmp_path)
    monkeypatch.setattr(answers_module, "make_environment", lambda one: (python, 0.5))
    assert ReleaseChecker(Path("out")).run_checks(HEALTHY, [CHECK]).by_check[CHECK].result == GOOD
    assert list((tmp_path / "out").rglob("*.jsonl"))


@pytest.mark.parametrize(
    ("status", "output", "reason"),
    [
        (3, "", "pytest ended with exit status 3: it printed nothing"),
        (3, "INTERNALERROR> KeyError: 3\n", "pytest ended with exit status 3: INTERNALERROR> KeyError: 3"),
        (4, "ImportError while loading conftest\nE   No module", "pytest ended with exit status 4: E   No module"),
        (-9, "forward ..", "pytest ended with exit status -9: forward .."),
        (1, "1 failed", ""),
    ],
)
def test_every_end_of_pytest_has_a_reason(status: int, output: str, reason: str) -> None:
    """It is killed, or has an error of its own."""
    assert answers_module.describe_end(status, output) == reason
