"""Tests of ``python -m reports bisect``: checks of one release, and releases that cannot be checked."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

pytest.importorskip("packaging.version")
if sys.version_info < (3, 11):
    pytest.skip("reports need Python 3.11", allow_module_level=True)


from fixtures.case import EXAMPLE_ID
from fixtures.cases.contract import PLAIN
from reports.facts.bisections import GOOD
from reports.ledger.categories import case_hash
from reports.releases import answers as answers_module
from reports.releases.answers import Answer, Answers, ReleaseChecker
from reports.releases.environments import CannotInstall
from reports.releases.errors import BisectError
from reports.releases.packages import PACKAGES
from reports.releases.requirements import ReleaseEnvironment
from reports.releases.search import NO_RESULT
from suites.selftest.ledgers import make_row, write_ledger
from suites.selftest.sample_releases import make_environment

KERAS = PACKAGES["keras"]
BAD = "mismatch (values)"
CHECK = "forward/eager/" + EXAMPLE_ID


def test_a_release_is_checked_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The NumPy layer stands for releases: a healthy one, and one with a fault. A second call runs nothing."""
    monkeypatch.setattr(answers_module, "make_environment", lambda one: (Path(sys.executable), 0.5))
    checker = ReleaseChecker(tmp_path)
    assert checker.run_checks(make_environment("numpy_layer"), [CHECK]).by_check == {CHECK: Answer(GOOD)}
    faulty = checker.run_checks(make_environment("numpy_layer:bias-missing"), [CHECK])
    assert faulty.by_check == {CHECK: Answer(BAD)} and faulty.check_seconds > 0
    again = ReleaseChecker(tmp_path).run_checks(make_environment("numpy_layer:bias-missing"), [CHECK])
    assert again == Answers({CHECK: Answer(BAD)}, 0.0, 0.0)


def test_a_repeated_check_that_varies_is_a_result_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first run is healthy, the second faulty: the release is neither good nor bad, and the text says so."""
    monkeypatch.setattr(answers_module, "make_environment", lambda one: (Path(sys.executable), 0.0))
    assert ReleaseChecker(tmp_path).run_checks(make_environment("numpy_layer"), [CHECK]).by_check[CHECK].result == GOOD
    (folder,) = tmp_path.iterdir()
    varying = ReleaseChecker(tmp_path / "other").run_checks(make_environment("numpy_layer:bias-missing"), [CHECK])
    assert varying.by_check[CHECK].result == BAD
    ledger = next((tmp_path / "other").rglob("1.jsonl"))
    (folder / "2.jsonl").write_bytes(ledger.read_bytes())
    again = ReleaseChecker(tmp_path, repeat=2).run_checks(make_environment("numpy_layer"), [CHECK])
    assert (again.by_check[CHECK].result, again.check_seconds) == ("varies: good, mismatch (values)", 0.0)


def test_a_check_can_be_named_by_the_hash_of_its_case(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The ledger has the id."""
    monkeypatch.setattr(answers_module, "make_environment", lambda one: (Path(sys.executable), 0.0))
    named = "forward/eager/" + case_hash(PLAIN.id)
    assert ReleaseChecker(tmp_path).run_checks(make_environment("numpy_layer"), [named]).by_check == {
        named: Answer(GOOD)
    }


def test_a_check_that_the_release_does_not_have_is_no_good_release(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The example is accepted, so the suite rejection has no check of it."""
    monkeypatch.setattr(answers_module, "make_environment", lambda one: (Path(sys.executable), 0.0))
    absent = CHECK.replace("forward", "rejection")
    found = ReleaseChecker(tmp_path).run_checks(make_environment("numpy_layer"), [CHECK, absent]).by_check
    assert found[CHECK].result == GOOD and found[absent].result == NO_RESULT and "no such check" in found[absent].reason


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
        answer = ReleaseChecker(tmp_path).run_checks(make_environment("numpy_layer"), [CHECK]).by_check[CHECK]
        assert answer.result == NO_RESULT and "no wheels with a matching Python" in answer.words
    assert len(calls) == 1


def test_a_release_without_its_framework_has_the_reason(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """pytest exits with 3 if the framework cannot be imported."""
    monkeypatch.setattr(answers_module, "make_environment", lambda one: (Path(sys.executable), 0.0))
    answer = ReleaseChecker(tmp_path).run_checks(make_environment("keras3"), [CHECK]).by_check[CHECK]
    assert answer.result == NO_RESULT and "No module named 'keras'" in answer.reason


def test_a_check_that_a_release_refuses_to_run_does_not_end_the_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """pytest exits with 3 there too, since it has no check left; the next call runs its own check."""
    monkeypatch.setattr(answers_module, "make_environment", lambda one: (Path(sys.executable), 0.0))
    checker, absent = ReleaseChecker(tmp_path), CHECK.replace("forward", "rejection")
    answer = checker.run_checks(make_environment("numpy_layer"), [absent]).by_check[absent]
    assert answer.result == NO_RESULT and "no suite that was chosen" in answer.reason
    assert checker.run_checks(make_environment("numpy_layer"), [CHECK]).by_check[CHECK].result == GOOD


def test_a_run_without_a_result_does_not_hide_the_result_of_another(tmp_path: Path) -> None:
    """A run without a result does not hide the result of another run of the same check."""
    write_ledger(tmp_path / "1.jsonl", [make_row(EXAMPLE_ID, "not-run", observed={"reason": "no memory"})])
    write_ledger(tmp_path / "2.jsonl", [make_row(EXAMPLE_ID, "mismatch")])
    joined = answers_module.join_answers(answers_module.read_answers(tmp_path)[CHECK])
    assert joined == Answer(BAD)


def test_a_failure_of_the_network_is_not_stored(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The next call tries again, and may be lucky."""

    def fail(one: ReleaseEnvironment) -> tuple[Path, float]:
        raise CannotInstall("Failed to fetch: https://pypi.org/simple/keras/")

    monkeypatch.setattr(answers_module, "make_environment", fail)
    answer = ReleaseChecker(tmp_path).run_checks(make_environment("numpy_layer"), [CHECK]).by_check[CHECK]
    assert answer.result == NO_RESULT and "Failed to fetch" in answer.reason
    monkeypatch.setattr(answers_module, "make_environment", lambda one: (Path(sys.executable), 0.5))
    assert ReleaseChecker(tmp_path).run_checks(make_environment("numpy_layer"), [CHECK]).by_check[CHECK].result == GOOD


def test_a_check_that_pytest_does_not_take_ends_the_bisection(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Otherwise an environment would be made for every release, and none of them could check it."""
    monkeypatch.setattr(answers_module, "make_environment", lambda one: (Path(sys.executable), 0.5))
    monkeypatch.chdir(tmp_path)  # a relative folder is in the folder of the caller
    with pytest.raises(BisectError, match="the check: not a case id: batch of 'b02-"):
        ReleaseChecker(Path("out")).run_checks(make_environment("numpy_layer"), [CHECK.replace("b2-", "b02-")])
    assert (
        ReleaseChecker(Path("out")).run_checks(make_environment("numpy_layer"), [CHECK]).by_check[CHECK].result == GOOD
    )
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
