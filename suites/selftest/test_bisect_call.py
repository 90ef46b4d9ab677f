"""Tests of calls of ``python -m reports bisect``: which releases they compare, and which calls are refused."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Sequence

import pytest

pytest.importorskip("duckdb")
if sys.version_info < (3, 11):
    pytest.skip("reports need Python 3.11", allow_module_level=True)

from packaging.version import Version

from fixtures.case import EXAMPLE_ID
from reports.__main__ import main
from reports.facts.bisections import GOOD, read_bisections
from reports.ledger.files import LedgerError, LedgerFile
from reports.matrix_file import MatrixError, read_cells
from reports.releases import bisect_command, release_range
from reports.releases.answers import Answer, Answers, ReleaseChecker
from reports.releases.errors import BisectError
from reports.releases.package_index import PublishedRelease
from reports.releases.packages import PACKAGES
from reports.releases.requirements import ReleaseEnvironment, Subject, choose_environment
from reports.releases.search import NO_RESULT
from reports.releases.targets import choose_targets

KERAS = PACKAGES["keras"]


def read_options(*words: str) -> argparse.Namespace:
    """Return the options of a call."""
    parser = argparse.ArgumentParser()
    bisect_command.add_arguments(parser)
    return parser.parse_args(list(words))


def choose(monkeypatch: pytest.MonkeyPatch, published: str, nightly: str, *words: str) -> list[str]:
    """Return the releases that a call compares, if these are published; ! marks one that was yanked."""
    options = read_options(EXAMPLE_ID, *words)

    def list_releases(distribution: str) -> list[PublishedRelease]:
        named = (nightly if distribution == "keras-nightly" else published).split()
        return [PublishedRelease(Version(one.strip("!")), distribution, None, "!" in one) for one in named]

    monkeypatch.setattr(release_range, "list_releases", list_releases)
    chosen = release_range.choose_releases(options, PACKAGES[options.package], Subject(), read_cells())
    return [one.name for one in chosen]


@pytest.mark.parametrize(
    ("published", "nightly", "words", "chosen"),
    [
        ("3.6.0 3.7.0 3.8.0", "", "--good 3.6 --bad 3.7", "3.6.0 3.7.0"),
        ("3.6.0 3.7.0 3.8.0", "", "--good 3.8.0 --bad 3.7.0", "3.7.0 3.8.0"),
        ("3.6.0 3.7.0! 3.8.0!", "", "--good 3.6.0 --bad 3.8.0", "3.6.0 3.8.0"),
        ("3.6.0 3.7.0rc0 3.7.0 3.8.0rc1", "", "--good 3.6.0", "3.6.0 3.7.0"),
        ("3.6.0 3.7.0rc0 3.7.0 3.8.0rc1", "", "--good 3.6.0 --pre", "3.6.0 3.7.0rc0 3.7.0 3.8.0rc1"),
        ("3.6.0rc0 3.6.0rc1", "", "--good 3.6.0rc0 --pre", "3.6.0rc0 3.6.0rc1"),
        ("3.6.0 3.7.0", "3.7.0.dev9 3.8.0.dev1 3.8.0.dev2", "--good 3.7.0 --pre", "3.7.0 3.8.0.dev1 3.8.0.dev2"),
        ("3.6.0 3.7.0", "3.8.0.dev1 3.8.0.dev2", "--good 3.7.0 --bad 3.8.0.dev1 --pre", "3.7.0 3.8.0.dev1"),
    ],
)
def test_the_releases_between_the_bounds_are_compared(
    published: str, nightly: str, words: str, chosen: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A bound may be spelled shorter, and may be yanked or a nightly build; --pre adds what is newer than a release."""
    assert choose(monkeypatch, published, nightly, "--package", "keras", *words.split()) == chosen.split()


@pytest.mark.parametrize(
    ("published", "words", "sentence"),
    [
        ("", "--good 3.6.0", "keras has no release on the package index; --pre adds pre-releases"),
        ("3.7.0rc0", "", "keras has no release on the package index; --pre adds pre-releases"),
        ("3.6.0 3.7.0", "--good 3.6 --bad 3.6.0", "keras has only one release from 3.6.0 to 3.6.0; give other bounds"),
        ("3.6.0 3.7.0", "--good 3.6.1", "--good 3.6.1 is not published; the nearest release is 3.6.0"),
        ("3.6.0 3.7.0", "--bad new", "--bad new is not a version"),
    ],
)
def test_bounds_that_cannot_be_used_are_refused(
    published: str, words: str, sentence: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In one sentence, before an environment is made."""
    with pytest.raises(BisectError) as error:
        choose(monkeypatch, published, "", "--package", "keras", *words.split())
    assert str(error.value) == sentence


@pytest.mark.parametrize(
    "words",
    [
        "",
        "CASE --ledger a.jsonl",
        "CASE --severity wrong-values",
        "a/b/CASE --mode graph",
        "--ledger a.jsonl --suite x",
    ],
)
def test_options_without_effect_are_refused(words: str) -> None:
    """They would be passed over in silence."""
    with pytest.raises(BisectError, match=r"give a case|leave (it|them) out"):
        choose_targets(read_options("--package", "keras", *words.split()), Subject())


@pytest.mark.parametrize(
    "subject", [Subject(backend="none", cell="keras3.13-torch"), Subject(cell="keras3.13-torch,x")]
)
def test_an_unknown_backend_and_a_list_of_cells_are_refused(subject: Subject) -> None:
    """In one sentence each."""
    with pytest.raises(MatrixError, match=r"is unknown; known: tensorflow|give one cell"):
        choose_environment(PublishedRelease(Version("3.0.0"), "keras"), KERAS, subject, read_cells())


def test_two_bisections_of_a_package_do_not_share_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Their ledgers would have the same names."""
    monkeypatch.setattr(bisect_command, "choose_releases", lambda *given: [PublishedRelease(Version("3.0.0"), "keras")])
    lock = LedgerFile(tmp_path / "keras.lock")
    with pytest.raises(LedgerError, match="in use by another run: wait for its end, or give another path"):
        bisect_command.run(read_options(EXAMPLE_ID, "--package", "keras", "-o", str(tmp_path)))
    lock.close_or_remove_if_empty()
    assert not list(tmp_path.iterdir())


def run_planted(
    monkeypatch: pytest.MonkeyPatch, folder: Path, case: str, results: dict[str, str], words: str = ""
) -> int:
    """Return the exit status of a bisection of two releases with planted results."""
    released = [PublishedRelease(Version(name), "keras") for name in ("3.6.0", "3.7.0")]
    monkeypatch.setattr(release_range, "list_releases", lambda distribution: released)

    def run_checks(self: ReleaseChecker, environment: ReleaseEnvironment, checks: Sequence[str]) -> Answers:
        answer = Answer(results[environment.release.name], "planted")
        return Answers(dict.fromkeys(checks, answer), 0.0, 1.0)

    monkeypatch.setattr(ReleaseChecker, "run_checks", run_checks)
    call = [case, "--package", "keras", "--good", "3.6.0", "-o", str(folder), *words.split()]
    return bisect_command.run(read_options(*call))


def test_the_results_of_another_check_are_added_to_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The same check again replaces its own; a line for each release says what it gave."""
    found = {"3.6.0": GOOD, "3.7.0": "mismatch (values)"}
    assert run_planted(monkeypatch, tmp_path, EXAMPLE_ID, found) == 0
    assert "  3.7.0: mismatch (values) (1 s)" in capsys.readouterr().out
    assert run_planted(monkeypatch, tmp_path, EXAMPLE_ID, found, "--mode graph") == 0
    assert run_planted(monkeypatch, tmp_path, EXAMPLE_ID, found) == 0
    checks = [record.check for record in read_bisections([tmp_path / "keras.json"])]
    assert checks == ["forward/graph/" + EXAMPLE_ID, "forward/eager/" + EXAMPLE_ID]


def test_where_no_release_could_be_checked_the_earlier_results_stay(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The exit status is 3."""
    assert run_planted(monkeypatch, tmp_path, EXAMPLE_ID, {"3.6.0": GOOD, "3.7.0": "mismatch (values)"}) == 0
    before = (tmp_path / "keras.json").read_bytes()
    assert run_planted(monkeypatch, tmp_path, EXAMPLE_ID, dict.fromkeys(("3.6.0", "3.7.0"), NO_RESULT)) == 3
    assert (tmp_path / "keras.json").read_bytes() == before


def test_ctrl_c_ends_with_a_sentence(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """The answers that there are stay."""

    def interrupt(options: argparse.Namespace) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr(bisect_command, "run", interrupt)
    assert main(["bisect", EXAMPLE_ID, "--package", "keras"]) == 130
    assert "the same command goes on" in capsys.readouterr().err
