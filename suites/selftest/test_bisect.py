"""Tests of ``python -m reports bisect``: planted sequences of results, and releases that cannot be checked."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Mapping, Sequence

import pytest

pytest.importorskip("packaging.version")
if sys.version_info < (3, 11):
    pytest.skip("reports need Python 3.11", allow_module_level=True)

from packaging.version import Version

from fixtures.case import EXAMPLE_ID
from fixtures.cases.contract import PLAIN
from reports.facts.bisections import GOOD
from reports.ledger import Ledger
from reports.ledger.categories import case_hash
from reports.matrix_file import read_cells
from reports.releases import answers as answers_module
from reports.releases import environments
from reports.releases.answers import Answer, Answers, ReleaseChecker
from reports.releases.bisection import Bisection, Costs, Target, bisect
from reports.releases.bisection_text import describe
from reports.releases.environments import CannotInstall
from reports.releases.errors import BisectError
from reports.releases.package_index import PublishedRelease, read_releases
from reports.releases.packages import PACKAGES
from reports.releases.requirements import ReleaseEnvironment, Subject, choose_environment, oldest_pinned_version
from reports.releases.search import NO_RESULT, choose_next
from reports.releases.targets import targets_of_ledger
from suites.selftest.ledgers import make_row, write_ledger

KERAS = PACKAGES["keras"]
BAD = "mismatch (values)"
CHECK = "forward/eager/" + EXAMPLE_ID


def releases(count: int) -> list[PublishedRelease]:
    """Return so many releases, 3.0.0, 3.1.0 and so on."""
    return [PublishedRelease(Version("3.%d.0" % number), "keras") for number in range(count)]


def bisect_planted(planted: Sequence[str], further: int = 0, workers: int = 1) -> tuple[Bisection, list[str]]:
    """Return the bisection of a planted sequence of results, and the releases as they were checked."""
    published, checked = releases(len(planted)), []
    by_name = dict(zip([one.name for one in published], planted))

    def run_checks(release: PublishedRelease, checks: Sequence[str]) -> Answers:
        checked.append(release.name)
        answer = Answer(by_name[release.name], "planted" if by_name[release.name] == NO_RESULT else "")
        return Answers(dict.fromkeys(checks, answer), 1.0, 1.0)

    (found,), costs = bisect([Target(CHECK)], KERAS, published, run_checks, lambda text: None, further, workers)
    assert costs.environments == len(checked) == len(set(checked))
    assert describe([found], costs)
    return found, checked


@pytest.mark.parametrize("workers", [1, 2, 5])
@pytest.mark.parametrize("place", range(1, 40))
def test_each_place_of_a_regression_is_found_with_few_checks(place: int, workers: int) -> None:
    """One change among 40 releases takes the bounds and log2 of 40 rounds."""
    found, checked = bisect_planted([GOOD] * place + [BAD] * (40 - place), workers=workers)
    assert found.since == "3.%d.0" % place and not found.fixed_in
    assert found.sentence == "good in 3.%d.0, mismatch (values) since 3.%d.0" % (place - 1, place)
    assert len(checked) <= 2 + 6 * workers


def test_a_fix_is_found_too() -> None:
    """It is the first good release after the last bad one."""
    found, _ = bisect_planted([BAD] * 7 + [GOOD] * 5)
    assert (found.since, found.fixed_in) == ("", "3.7.0")
    assert found.sentence == "mismatch (values) in 3.6.0, good since 3.7.0"


def test_a_sequence_that_is_not_monotone_is_called_so() -> None:
    """Good, bad, good, bad: each change that was seen is narrowed down, and the sentence counts them."""
    found, _ = bisect_planted([GOOD] * 6 + [BAD] * 10 + [GOOD] * 10 + [BAD] * 6, further=2)
    assert found.sentence == (
        "good in 3.5.0, mismatch (values) from 3.6.0 to 3.15.0, good from 3.16.0 to 3.25.0, mismatch (values) since "
        "3.26.0; not monotone: it changes 3 times"
    )
    assert found.since == "3.26.0"


def test_without_further_releases_a_stretch_between_equal_ends_stays_unseen() -> None:
    """That is why two more releases are checked by default; the text says how many releases were not checked."""
    planted = [GOOD] * 6 + [BAD] * 10 + [GOOD] * 6
    assert bisect_planted(planted, further=0)[0].sentence.startswith("good in all 2 checked releases")
    assert "mismatch" in bisect_planted(planted, further=2)[0].sentence


def test_another_kind_of_failure_is_a_change_of_its_own() -> None:
    """A release that refuses and a later one that computes wrong values are both bad, and differ."""
    refused = "wrongly rejected (rejection)"
    found, _ = bisect_planted([GOOD] * 4 + [refused] * 4 + [BAD] * 4, further=1)
    assert found.since == "3.4.0"
    assert "wrongly rejected (rejection) from 3.4.0 to 3.7.0, mismatch (values) since 3.8.0" in found.sentence


@pytest.mark.parametrize("hole", range(12))
def test_a_release_that_cannot_be_checked_is_named_and_its_neighbours_are_checked(hole: int) -> None:
    """At an end the next release takes its place; at the change the text names it as lying between."""
    planted = [GOOD] * 5 + [BAD] * 7
    planted[hole] = NO_RESULT
    found, _ = bisect_planted(planted)
    (change,) = found.changes
    first_bad = 6 if hole == 5 else 5
    assert change.after == "3.%d.0" % first_bad
    assert change.between == (("3.%d.0" % hole,) if hole in (4, 5) else ())
    if hole in (4, 5):
        assert "cannot be checked between them: 3.%d.0" % hole in describe([found], Costs())


def test_only_holes_end_the_search() -> None:
    """Every release is tried once."""
    found, checked = bisect_planted([NO_RESULT] * 6)
    assert found.sentence == "no release could be checked" and len(checked) == 6
    assert choose_next(["a", "b"], {"a": NO_RESULT, "b": NO_RESULT}, 2) == []


def environment(subject: str) -> ReleaseEnvironment:
    """Return an environment in which a subject of this Python is checked."""
    return ReleaseEnvironment(releases(1)[0], "3.11", ("keras==3.0.0",), subject, "numpy", "")


def test_a_release_is_checked_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The NumPy layer stands for releases: a healthy one, and one with a fault. A second call runs nothing."""
    monkeypatch.setattr(answers_module, "make_environment", lambda one: (Path(sys.executable), 0.5))
    checker = ReleaseChecker(tmp_path)
    assert checker.run_checks(environment("numpy_layer"), [CHECK]).by_check == {CHECK: Answer(GOOD)}
    faulty = checker.run_checks(environment("numpy_layer:bias-missing"), [CHECK])
    assert faulty.by_check == {CHECK: Answer(BAD)} and faulty.check_seconds > 0
    again = ReleaseChecker(tmp_path).run_checks(environment("numpy_layer:bias-missing"), [CHECK])
    assert again == Answers({CHECK: Answer(BAD)}, 0.0, 0.0)


def test_a_repeated_check_that_varies_is_a_result_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first run is healthy, the second faulty: the release is neither good nor bad, and the text says so."""
    monkeypatch.setattr(answers_module, "make_environment", lambda one: (Path(sys.executable), 0.0))
    assert ReleaseChecker(tmp_path).run_checks(environment("numpy_layer"), [CHECK]).by_check[CHECK].result == GOOD
    (folder,) = tmp_path.iterdir()
    varying = ReleaseChecker(tmp_path / "other").run_checks(environment("numpy_layer:bias-missing"), [CHECK])
    assert varying.by_check[CHECK].result == BAD
    ledger = next((tmp_path / "other").rglob("1.jsonl"))
    (folder / "2.jsonl").write_bytes(ledger.read_bytes())
    again = ReleaseChecker(tmp_path, repeat=2).run_checks(environment("numpy_layer"), [CHECK])
    assert (again.by_check[CHECK].result, again.check_seconds) == ("varies: good, mismatch (values)", 0.0)


def test_a_check_can_be_named_by_the_hash_of_its_case(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The ledger has the id."""
    monkeypatch.setattr(answers_module, "make_environment", lambda one: (Path(sys.executable), 0.0))
    named = "forward/eager/" + case_hash(PLAIN.id)
    assert ReleaseChecker(tmp_path).run_checks(environment("numpy_layer"), [named]).by_check == {named: Answer(GOOD)}


def test_a_check_that_the_release_does_not_have_is_no_good_release(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The example is accepted, so the suite rejection has no check of it."""
    monkeypatch.setattr(answers_module, "make_environment", lambda one: (Path(sys.executable), 0.0))
    absent = CHECK.replace("forward", "rejection")
    found = ReleaseChecker(tmp_path).run_checks(environment("numpy_layer"), [CHECK, absent]).by_check
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
        answer = ReleaseChecker(tmp_path).run_checks(environment("numpy_layer"), [CHECK]).by_check[CHECK]
        assert answer.result == NO_RESULT and "no wheels with a matching Python" in answer.words
    assert len(calls) == 1


def test_a_release_without_its_framework_has_the_reason(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """pytest exits with 3 if the framework cannot be imported."""
    monkeypatch.setattr(answers_module, "make_environment", lambda one: (Path(sys.executable), 0.0))
    answer = ReleaseChecker(tmp_path).run_checks(environment("keras3"), [CHECK]).by_check[CHECK]
    assert answer.result == NO_RESULT and "No module named 'keras'" in answer.reason


def test_a_check_that_a_release_refuses_to_run_does_not_end_the_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """pytest exits with 3 there too, since it has no check left; the next call runs its own check."""
    monkeypatch.setattr(answers_module, "make_environment", lambda one: (Path(sys.executable), 0.0))
    checker, absent = ReleaseChecker(tmp_path), CHECK.replace("forward", "rejection")
    answer = checker.run_checks(environment("numpy_layer"), [absent]).by_check[absent]
    assert answer.result == NO_RESULT and "no suite that was chosen" in answer.reason
    assert checker.run_checks(environment("numpy_layer"), [CHECK]).by_check[CHECK].result == GOOD


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
    answer = ReleaseChecker(tmp_path).run_checks(environment("numpy_layer"), [CHECK]).by_check[CHECK]
    assert answer.result == NO_RESULT and "Failed to fetch" in answer.reason
    monkeypatch.setattr(answers_module, "make_environment", lambda one: (Path(sys.executable), 0.5))
    assert ReleaseChecker(tmp_path).run_checks(environment("numpy_layer"), [CHECK]).by_check[CHECK].result == GOOD


def test_a_check_that_pytest_does_not_take_ends_the_bisection(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Otherwise an environment would be made for every release, and none of them could check it."""
    monkeypatch.setattr(answers_module, "make_environment", lambda one: (Path(sys.executable), 0.5))
    monkeypatch.chdir(tmp_path)  # a relative folder is in the folder of the caller
    with pytest.raises(BisectError, match="the check: not a case id: batch of 'b02-"):
        ReleaseChecker(Path("out")).run_checks(environment("numpy_layer"), [CHECK.replace("b2-", "b02-")])
    assert ReleaseChecker(Path("out")).run_checks(environment("numpy_layer"), [CHECK]).by_check[CHECK].result == GOOD
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


def test_an_environment_is_made_again_if_its_python_or_a_requirement_is_gone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A half made one has no file that says it is complete."""
    calls = []

    def run_uv(*words: str) -> None:
        calls.append(words[0])
        if words[0] == "venv":
            (Path(words[-1]) / "bin").mkdir(parents=True)
            (Path(words[-1]) / "bin" / "python").touch()

    monkeypatch.setattr(environments, "FOLDER", tmp_path)
    monkeypatch.setattr(environments, "_run_uv", run_uv)
    made = [environments.make_environment(environment("numpy_layer")) for _ in range(2)]
    assert calls == ["venv", "pip"] and made[0][0] == made[1][0] and made[1][1] == 0
    made[0][0].unlink()
    environments.make_environment(environment("numpy_layer"))
    (made[0][0].parents[1] / "complete.txt").unlink()
    environments.make_environment(environment("numpy_layer"))
    monkeypatch.setattr(environments, "run_requirements", lambda: ["pytest>=99"])
    environments.make_environment(environment("numpy_layer"))
    assert calls == ["venv", "pip"] * 4


@pytest.mark.parametrize(
    ("package", "version", "subject", "python", "contains", "without"),
    [
        ("keras", "3.7.0", Subject(), "3.11", "tensorflow-cpu==2.21.0", "jax"),
        ("keras", "3.7.0", Subject(backend="torch"), "3.11", "torch==2.13.0", "tensorflow-cpu"),
        ("keras", "3.7.0", Subject(backend="numpy"), "3.11", "jax==0.10.2", "torch"),
        ("keras", "3.7.0", Subject(backend="openvino"), "3.11", "jax==0.10.2", "torch"),
        ("tensorflow", "2.10.0", Subject(), "3.10", "numpy<2", "keras"),
        ("tensorflow", "2.18.0", Subject(), "3.11", "keras==3.15.1", "jax"),
        ("torch", "2.9.0", Subject(), "3.11", "keras==3.15.1", "tensorflow-cpu"),
        ("torch", "2.9.0", Subject(cell="keras3.13-torch"), "3.11", "keras==3.13.2", "tensorflow-cpu"),
        ("tf-keras", "2.17.0", Subject(), "3.11", "tensorflow-cpu==2.17.*", "keras"),
    ],
)
def test_only_the_package_differs_between_the_environments(
    package: str, version: str, subject: Subject, python: str, contains: str, without: str
) -> None:
    """The release stands in place of the cell's own; backends that are not used are left out."""
    named = PACKAGES[package]
    release = PublishedRelease(Version(version), named.distributions[0])
    made = choose_environment(release, named, subject, read_cells())
    assert made.python == python and release.requirement in made.requirements and contains in made.requirements
    names = [text.partition("=")[0].partition("<")[0] for text in made.requirements]
    assert without not in names and names.count(named.distributions[0]) == 1


def test_tensorflow_before_2_16_is_checked_with_its_own_keras() -> None:
    """The line of releases of TensorFlow is tf.keras, then Keras 3."""
    package = PACKAGES["tensorflow"]
    subjects = [
        choose_environment(
            PublishedRelease(Version(version), "tensorflow-cpu"), package, Subject(), read_cells()
        ).subject
        for version in ("2.15.1", "2.16.1")
    ]
    assert subjects == ["tf.keras", "keras3"]
    assert oldest_pinned_version(package, Subject(), read_cells()) == Version("1.15.0")


def test_the_index_is_read_with_the_day_of_the_first_file_and_what_was_yanked() -> None:
    """Files that are neither wheels nor source archives are passed over."""
    files: list[Mapping[str, object]] = [
        {"filename": "keras-3.9.2.tar.gz", "upload-time": "2025-04-03T19:03:08Z", "yanked": False},
        {"filename": "keras-3.9.2-py3-none-any.whl", "upload-time": "2025-04-02T19:03:08.953791Z", "yanked": False},
        {"filename": "keras-3.10.0-py3-none-any.whl", "yanked": "broken"},
        {"filename": "Keras-0.2.0-py2.7.egg", "upload-time": "2017-07-07T21:25:47Z"},
    ]
    found = read_releases("keras", files)
    assert [(one.name, str(one.uploaded), one.yanked) for one in found] == [
        ("3.9.2", "2025-04-02", False),
        ("3.10.0", "None", True),
    ]


def test_the_changes_of_the_code_have_a_link() -> None:
    """Nightly builds have no tag."""
    assert KERAS.link_of_changes(Version("3.6.0"), Version("3.7.0")).endswith("keras/compare/v3.6.0...v3.7.0")
    assert KERAS.link_of_changes(Version("3.6.0"), Version("3.7.0.dev20260101")) == ""


def test_the_check_of_a_cause_has_few_uncommon_arguments() -> None:
    """A smaller case with output_padding 0 would be refused by older releases, which is another cause."""
    odd = "b1-i1.1-c1-f1-k1.1-s1.1-d1.1-same-o0.0-first-bias-linear-float32"
    plain = "b2-i4.5-c3-f2-k3.2-s2.1-d1.1-valid-onone-first-bias-linear-float32"
    rows = [make_row(case, "mismatch") for case in (odd, plain)]
    (target,) = targets_of_ledger(Ledger("a.jsonl", {"known_deviations": [], "faults": {}}, rows))
    assert target.check == "forward/eager/" + plain
    assert (target.severity, target.title) == ("wrong-values", "Output values are not those of the definition")
