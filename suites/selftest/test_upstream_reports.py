"""Tests of the reports in docs/upstream: each is complete, and one that is malformed is refused."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from fixtures.deviations import Cause, read_deviations
from fixtures.upstream.coverage import find_problems
from fixtures.upstream.report import FOLDER, SECTIONS, Report, ReportError, read_report, read_reports
from suites.selftest.sample_report import WHOLE, write_report

MODULES = {"os", "numpy", "keras", "tensorflow", "tf_keras", "jax"}  # packages that a maintainer has


@pytest.mark.parametrize("report", read_reports(), ids=lambda report: report.name)
def test_every_upstream_report_is_complete(report: Report) -> None:
    """It has short code, the expected and the observed result, numbers and an analysis."""
    assert 20 < len(report.title) <= 150
    lines = [line for line in report.code.splitlines() if line.strip()]
    assert len(lines) <= 25, "shorten the code"
    assert max(map(len, lines)) <= 120
    assert "expected" in report.code and "observed" in report.code
    if not (report.dies or report.isa):  # a mistake that was seen has a number that was seen
        assert any(character.isdigit() for character in report.sections["Expected"]), "Expected has no number"
    assert len(report.sections["Analysis"]) > 100


@pytest.mark.parametrize("report", read_reports(), ids=lambda report: report.name)
def test_the_code_of_a_report_imports_only_a_framework_numpy_and_os(report: Report) -> None:
    """Each framework is among the report's requirements."""
    imported: set[str] = set()
    for node in ast.walk(ast.parse(report.code)):
        if isinstance(node, ast.Import):
            imported.update(alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            imported.add(str(node.module).split(".")[0])
    assert imported <= MODULES
    required = {requirement.name.replace("-", "_") for requirement in report.requires}
    assert imported - {"os", "numpy"} <= required


def test_every_cause_that_crashes_or_gives_wrong_values_has_a_link_or_a_report() -> None:
    """No report belongs to another cause."""
    causes = {entry.cause.name: entry.cause for entry in read_deviations()}
    assert find_problems(causes.values(), read_reports()) == []


@pytest.mark.parametrize(
    ("cause", "severity", "link", "problem"),
    [
        ("one-and-one", "wrong-values", "not reported", ""),
        ("none", "wrong-values", "not reported", "cause one-and-one (wrong-values) has no upstream link and no report"),
        ("none", "process-death", "not reported", "cause one-and-one (process-death) has no upstream link"),
        ("none", "process-death", "https://github.com/keras-team/keras/issues/1", ""),
        ("none", "wrong-shape", "not reported", ""),
        ("one-and-two", "wrong-shape", "not reported", "one.md: no cause is named 'one-and-two'"),
        ("one-and-one", "wrong-values", "https://github.com/keras-team/keras/issues/1", "is reported already: https"),
    ],
)
def test_a_missing_or_misspelled_report_of_a_cause_is_found(
    tmp_path: Path, cause: str, severity: str, link: str, problem: str
) -> None:
    """So is a report of a cause that has a link already."""
    report = read_report(write_report(tmp_path, cause=cause))
    found = find_problems([Cause("one-and-one", "Three", severity, "Keras", link, "It adds one.")], [report])
    assert (len(found) == 1 and problem in found[0]) if problem else not found


def test_the_upstream_folder_contains_only_reports() -> None:
    """A file of another kind would be overlooked."""
    assert {path.suffix for path in FOLDER.iterdir()} == {".md"}


@pytest.mark.parametrize("key", ["title", "cause", "repository", "versions", "hardware", "requires", "ends"])
def test_a_report_without_a_key_of_its_front_matter_is_refused(tmp_path: Path, key: str) -> None:
    """The message names the key."""
    text = "\n".join(line for line in WHOLE.split("\n") if not line.startswith(key + ":"))
    with pytest.raises(ReportError, match=key):
        read_report(write_report(tmp_path, text))


@pytest.mark.parametrize("name", SECTIONS)
def test_a_report_without_a_section_is_refused(tmp_path: Path, name: str) -> None:
    """The message names the section."""
    with pytest.raises(ReportError, match=name):
        read_report(write_report(tmp_path, WHOLE.replace("## %s\n" % name, "## Other\n")))


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("---\ntitle", "title", "front matter"),
        ("keras-team/keras", "keras-team/kears", "repository"),
        ("ends: mismatch", "ends: hang", "ends"),
        ("ends: mismatch", "ends: mismatch\nsince: 3", "since"),
        ("ends: mismatch", "ends: mismatch\nisa: avx3", "avx3"),
        ("requires: packaging", "requires: >=3", "one.md"),
        ('1 + 1)\nprint("mismatch: yes")', "1 + 1)", "last line"),
        ("1 + 1)", "1 + )", "not Python"),
        ("```python", "```", "python blocks"),
    ],
)
def test_a_misspelled_or_malformed_part_of_a_report_is_refused(
    tmp_path: Path, old: str, new: str, message: str
) -> None:
    """The message names the part."""
    with pytest.raises(ReportError, match=message):
        read_report(write_report(tmp_path, WHOLE.replace(old, new)))


def test_an_upstream_folder_without_reports_is_refused(tmp_path: Path) -> None:
    """An empty folder is not a success."""
    with pytest.raises(ReportError, match="no reports"):
        read_reports(tmp_path)
