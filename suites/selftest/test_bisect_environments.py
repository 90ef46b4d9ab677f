"""Tests of ``python -m reports bisect``: environments of releases, and the package index."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Mapping

import pytest

pytest.importorskip("packaging.version")
if sys.version_info < (3, 11):
    pytest.skip("reports need Python 3.11", allow_module_level=True)

from packaging.version import Version

from fixtures.case import EXAMPLE_ID
from reports.ledger import Ledger
from reports.matrix_file import read_cells
from reports.releases import environments
from reports.releases.package_index import PublishedRelease, read_releases
from reports.releases.packages import PACKAGES
from reports.releases.requirements import Subject, choose_environment, oldest_pinned_version
from reports.releases.targets import targets_of_ledger
from suites.selftest.ledgers import make_row
from suites.selftest.sample_releases import make_environment

KERAS = PACKAGES["keras"]
BAD = "mismatch (values)"
CHECK = "forward/eager/" + EXAMPLE_ID


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
    made = [environments.make_environment(make_environment("numpy_layer")) for _ in range(2)]
    assert calls == ["venv", "pip"] and made[0][0] == made[1][0] and made[1][1] == 0
    made[0][0].unlink()
    environments.make_environment(make_environment("numpy_layer"))
    (made[0][0].parents[1] / "complete.txt").unlink()
    environments.make_environment(make_environment("numpy_layer"))
    monkeypatch.setattr(environments, "run_requirements", lambda: ["pytest>=99"])
    environments.make_environment(make_environment("numpy_layer"))
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
