"""Tests of ``python -m reports news``: what the package index has and matrix.toml lacks."""

from __future__ import annotations

import sys
import urllib.error
import urllib.request
from datetime import date
from email.message import Message
from pathlib import Path

import pytest

if sys.version_info < (3, 11):
    pytest.skip("reports need Python 3.11", allow_module_level=True)
pytest.importorskip("duckdb")

from packaging.version import Version

from reports import __main__ as command
from reports.matrix_file import Cell, read_cells
from reports.releases import news as news_module
from reports.releases import package_index
from reports.releases.news import describe_news, find_news
from reports.releases.package_index import PackageIndexError, PublishedRelease
from reports.releases.packages import PACKAGES

MATRIX = """
[environments]
"keras3.6" = { python = "3.11", requires = ["keras==3.6.0", "tensorflow-cpu"] }
"keras3.8" = { python = "3.11", requires = ["keras==3.8.0", "tensorflow-cpu"] }
[cells.tensorflow]
subject = "keras3"
environments = ["keras3.6", "keras3.8"]
"""


def read_matrix(folder: Path) -> list[Cell]:
    """Return the cells of a matrix file with Keras 3.6.0 and 3.8.0."""
    path = folder / "matrix.toml"
    path.write_text(MATRIX, encoding="utf-8")
    return read_cells(path)


def list_published(*versions: str) -> news_module.ListReleases:
    """Return a function that lists these versions of Keras, and one nightly build."""

    def list_all(distribution: str) -> list[PublishedRelease]:
        named = ["3.10.0.dev2026102704"] if distribution == "keras-nightly" else versions
        return [PublishedRelease(Version(one.strip("!")), distribution, date(2026, 1, 2), "!" in one) for one in named]

    return list_all


def test_newer_minor_and_patch_releases_are_named(tmp_path: Path) -> None:
    """3.7 lies between two of the matrix and is not asked for; yanked and pre-releases are passed over."""
    listed = list_published("3.5.0", "3.6.0", "3.6.1", "3.7.0", "3.8.0", "3.9.0", "3.9.1", "3.9.2!", "3.10.0rc0")
    (found,) = find_news([PACKAGES["keras"]], read_matrix(tmp_path), listed)
    assert (found.newest, found.in_matrix, found.date) == ("3.9.1", "3.8.0", "2026-01-02")
    assert (found.missing, found.patches) == (["3.9.1"], [("3.6.0", "3.6.1")])
    assert found.nightly == "3.10.0.dev2026102704"
    assert "- keras 3.9.1 is in no cell of matrix.toml" in describe_news([found])
    assert "- keras 3.6.0 has the newer patch release 3.6.1" in describe_news([found])


def test_a_matrix_with_every_newest_release_lacks_nothing(tmp_path: Path) -> None:
    """The text says so."""
    found = find_news([PACKAGES["keras"]], read_matrix(tmp_path), list_published("3.6.0", "3.8.0"))
    assert "matrix.toml has every newest release." in describe_news(found)


def test_an_index_that_cannot_be_reached_gives_one_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The exit status is 3."""
    monkeypatch.setenv("UV_DEFAULT_INDEX", "http://127.0.0.1:9/simple")
    with pytest.raises(PackageIndexError, match="cannot be read from http://127"):
        package_index.list_releases("keras")
    assert command.main(["news"]) == 3
    assert capsys.readouterr().err.startswith("reports: the list of releases of keras cannot be read")


def test_a_package_with_pre_releases_only_has_no_newest_release(tmp_path: Path) -> None:
    """A yanked nightly build is not shown either."""
    cells, packages = read_matrix(tmp_path), [PACKAGES["keras"], PACKAGES["jax"]]
    found = find_news(packages, cells, list_published("3.10.0rc0"))
    assert [(one.newest, one.missing, one.in_matrix) for one in found] == [("", [], "3.8.0"), ("", [], "")]
    assert "| jax | none |  | none |  |" in describe_news(found)


@pytest.mark.parametrize(
    ("index", "words"),
    [
        ("http://me:secret@127.0.0.1:9/simple", "cannot be read from http://127.0.0.1:9/simple: "),
        ("http://exa mple/simple", "cannot be read from http://exa mple/simple: "),
        ("http://[/simple", "cannot be read from the package index: "),
    ],
)
def test_an_address_that_cannot_be_used_is_named_without_its_password(
    index: str, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The summary of a CI step is public."""
    monkeypatch.setenv("UV_DEFAULT_INDEX", index)
    with pytest.raises(PackageIndexError) as error:
        package_index.list_releases("keras")
    assert words in str(error.value) and "secret" not in str(error.value)


@pytest.mark.parametrize(("status", "words"), [(404, "has no package keras"), (503, "cannot be read from http://")])
def test_only_a_missing_package_is_called_missing(status: int, words: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """An index that is out of order says nothing about its packages. The password is sent to it."""
    sent = []

    def refuse(request: urllib.request.Request, timeout: float) -> None:
        sent.append(request.get_header("Authorization"))
        raise urllib.error.HTTPError(request.full_url, status, "refused", Message(), None)

    monkeypatch.setenv("UV_DEFAULT_INDEX", "http://me:secret@index.example/simple")
    monkeypatch.setattr(urllib.request, "urlopen", refuse)
    with pytest.raises(PackageIndexError, match=words):
        package_index.list_releases("keras")
    assert sent == ["Basic bWU6c2VjcmV0"]
