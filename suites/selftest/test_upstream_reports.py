"""Tests of the reports in docs/upstream: each is complete, and the runner tells whether its code shows the mistake."""

from __future__ import annotations

import ast
import sys
from pathlib import Path
from typing import Any

import pytest

from fixtures.__main__ import main
from fixtures.deviations import Cause, read_deviations
from fixtures.run.snippet_check import DIES, NOT, SHOWS, run_code
from fixtures.upstream import applicability
from fixtures.upstream.applicability import explain_why_not_here
from fixtures.upstream.coverage import find_problems
from fixtures.upstream.report import FOLDER, SECTIONS, Report, ReportError, read_report, read_reports

if sys.version_info >= (3, 8):
    from importlib.metadata import PackageNotFoundError
else:  # pytest brings it
    from importlib_metadata import PackageNotFoundError

MODULES = {"os", "numpy", "keras", "tensorflow", "tf_keras", "jax"}  # packages that a maintainer has
WHOLE = """---
title: One and one is three
cause: one-and-one
repository: keras-team/keras
versions: all
hardware: any
requires: packaging
ends: mismatch
---

## Code

```python
print("expected 2 observed", 1 + 1)
print("mismatch: yes")
```

## Expected

2.

## Observed

3.

## Analysis

None.
"""


def write_report(folder: Path, text: str = WHOLE, **changes: str) -> Path:
    """Write a report to a file, with each ``old=new`` change made, and return its path."""
    for key, value in changes.items():
        lines = text.split("\n")
        at = next((i for i, line in enumerate(lines) if line.startswith(key + ":")), 1)
        if lines[at].startswith(key + ":"):
            lines[at] = "%s: %s" % (key, value)
        else:
            lines.insert(at, "%s: %s" % (key, value))
        text = "\n".join(lines)
    path = folder / "one.md"
    path.write_text(text, encoding="utf-8")
    return path


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


@pytest.mark.parametrize(
    ("changes", "installed", "isa", "reason"),
    [
        ({}, "1.0", None, ""),
        ({"requires": "keras>=3.7,<3.15"}, "3.14.1", None, ""),
        ({"requires": "keras>=3.7,<3.15"}, "3.15.1", None, "3.15.1 is installed"),
        ({"requires": "keras>=3.7"}, None, None, "not installed"),
        ({"requires": "torch>=2.13"}, "2.13.0+cpu", None, ""),
        ({"isa": ">=avx512_core_bf16"}, "1.0", "avx2", "this process has avx2"),
        ({"isa": ">=avx512_core_bf16"}, "1.0", None, "none known"),
        ({"isa": ">=avx512_core_bf16"}, "1.0", "avx512_core_fp16", ""),
        ({"isa": "avx2 or aarch64"}, "1.0", "sve", ""),
        ({"isa": "x86_64"}, "1.0", "asimd", "asimd"),
    ],
)
def test_a_report_that_does_not_apply_here_has_a_reason(
    tmp_path: Path, changes: dict[str, str], installed: str | None, isa: str | None, reason: str
) -> None:
    """Versions are compared first, then the processor."""
    report = read_report(write_report(tmp_path, **changes))
    found = explain_why_not_here(report, {report.requires[0].name: installed}, isa)
    assert reason in found and bool(reason) == bool(found)


def test_the_version_of_tensorflow_is_read_from_any_of_its_distributions(monkeypatch: pytest.MonkeyPatch) -> None:
    """The CPU wheel has another name."""

    def version(name: str) -> str:
        if name != "tensorflow-cpu":
            raise PackageNotFoundError(name)
        return "2.21.0"

    monkeypatch.setattr(applicability, "version", version)
    assert applicability.installed_version("tensorflow") == "2.21.0"
    assert applicability.installed_version("keras") is None


@pytest.mark.parametrize(
    ("code", "dies", "end"),
    [
        ("print('mismatch: yes')", False, SHOWS),
        ("print('mismatch: no')", False, NOT),
        ("1 / 0", False, NOT),
        ("import os\nos.abort()", True, DIES),
        ("import os\nos.abort()", False, NOT),
        ("print('mismatch: yes')", True, NOT),
        ("print('mismatch: no')", True, NOT),
    ],
)
def test_the_end_of_a_reports_code_is_classified(code: str, dies: bool, end: str) -> None:
    """It shows the mistake, crashes, or does neither."""
    assert run_code(code, dies, 60)[0] == end


@pytest.mark.parametrize(
    ("changes", "code", "status", "output"),
    [
        ({}, None, 0, "one: shows it"),
        ({}, "mismatch: no", 1, "one: wrong"),
        ({"ends": "death"}, None, 1, "one: wrong"),
        ({"requires": "no-such-package>=1"}, "mismatch: no", 3, "does not show it here: it needs no-such-package>=1"),
    ],
)
def test_the_command_upstream_has_an_exit_status_for_each_result(
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
    changes: dict[str, Any],
    code: str | None,
    status: int,
    output: str,
) -> None:
    """0 if every report shows its mistake, 1 if one does not, 3 if none can be run."""
    write_report(tmp_path, WHOLE.replace("mismatch: yes", code or "mismatch: yes"), **changes)
    assert main(["upstream", "--execute", "--folder", str(tmp_path)]) == status
    assert output in capfd.readouterr().out


def test_the_command_upstream_refuses_an_unknown_report(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """The exit status is 4, and the message lists the known names."""
    write_report(tmp_path)
    assert main(["upstream", "two", "--execute", "--folder", str(tmp_path)]) == 4
    assert "two: no such report; known: one" in capfd.readouterr().err


def test_the_command_upstream_runs_the_code_of_another_folder_only_with_execute(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """The reports of this project need no such word, whatever the path is that names their folder."""
    mark = tmp_path / "ran"
    write_report(tmp_path, WHOLE.replace("print(", "open(%r, 'w').close(); print(" % str(mark), 1))
    (tmp_path / "link").symlink_to(tmp_path)
    for folder in (tmp_path, tmp_path / "link"):
        assert main(["upstream", "--folder", str(folder)]) == 4 and not mark.exists()
        assert "if you trust it, add --execute" in capfd.readouterr().err
    assert main(["upstream", "two", "--folder", str(FOLDER.parent / "upstream")]) == 4
    assert "two: no such report" in capfd.readouterr().err
    assert main(["upstream", "--execute", "--folder", str(tmp_path)]) == 0 and mark.exists()
