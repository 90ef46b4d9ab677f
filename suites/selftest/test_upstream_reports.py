"""The reports of docs/upstream have every part, and what runs them tells a report that shows from one that does not."""

from __future__ import annotations

import ast
import sys
from pathlib import Path
from typing import Any

import pytest

from fixtures.__main__ import main
from fixtures.deviations import Cause, read_deviations
from fixtures.run.snippet_check import DIES, NOT, SHOWS, run_code
from fixtures.upstream import place
from fixtures.upstream.coverage import find_problems
from fixtures.upstream.place import explain_why_not_here
from fixtures.upstream.report import FOLDER, SECTIONS, Report, ReportError, read_report, read_reports

if sys.version_info >= (3, 8):
    from importlib.metadata import PackageNotFoundError
else:  # pytest brings it
    from importlib_metadata import PackageNotFoundError

MODULES = {"os", "numpy", "keras", "tensorflow", "tf_keras", "jax"}  # what a maintainer has
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


def write(folder: Path, text: str = WHOLE, **changes: str) -> Path:
    """Return a file with a report, each ``old=new`` of the changes made (a key of the front matter and its value)."""
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
def test_report_is_ready_to_file(report: Report) -> None:
    """Short code that says what it expects and observes, numbers, an analysis."""
    assert 20 < len(report.title) <= 150
    lines = [line for line in report.code.splitlines() if line.strip()]
    assert len(lines) <= 25, "shorten the code"
    assert max(map(len, lines)) <= 120
    assert "expected" in report.code and "observed" in report.code
    if not (report.dies or report.isa):  # where it was seen, a number was seen
        assert any(character.isdigit() for character in report.sections["Expected"]), "Expected has no number"
    assert len(report.sections["Analysis"]) > 100


@pytest.mark.parametrize("report", read_reports(), ids=lambda report: report.name)
def test_code_needs_only_what_a_maintainer_has(report: Report) -> None:
    """No import but a framework, NumPy and os; each framework is among the requirements."""
    imported: set[str] = set()
    for node in ast.walk(ast.parse(report.code)):
        if isinstance(node, ast.Import):
            imported.update(alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            imported.add(str(node.module).split(".")[0])
    assert imported <= MODULES
    required = {requirement.name.replace("-", "_") for requirement in report.requires}
    assert imported - {"os", "numpy"} <= required


def test_every_grave_cause_has_a_link_or_a_report() -> None:
    """No cause that kills the process or gives wrong values is left out; no report is of another cause."""
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
def test_problems_of_coverage(tmp_path: Path, cause: str, severity: str, link: str, problem: str) -> None:
    """A grave cause left out, a misspelled cause and a report of what is reported already are found."""
    report = read_report(write(tmp_path, cause=cause))
    found = find_problems([Cause("one-and-one", "Three", severity, "Keras", link, "It adds one.")], [report])
    assert (len(found) == 1 and problem in found[0]) if problem else not found


def test_only_reports_are_there() -> None:
    """A file of another kind would be overlooked."""
    assert {path.suffix for path in FOLDER.iterdir()} == {".md"}


@pytest.mark.parametrize("key", ["title", "cause", "repository", "versions", "hardware", "requires", "ends"])
def test_missing_key_is_named(tmp_path: Path, key: str) -> None:
    """Each key of the front matter is needed."""
    text = "\n".join(line for line in WHOLE.split("\n") if not line.startswith(key + ":"))
    with pytest.raises(ReportError, match=key):
        read_report(write(tmp_path, text))


@pytest.mark.parametrize("name", SECTIONS)
def test_missing_section_is_named(tmp_path: Path, name: str) -> None:
    """Each section is needed."""
    with pytest.raises(ReportError, match=name):
        read_report(write(tmp_path, WHOLE.replace("## %s\n" % name, "## Other\n")))


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
def test_unusable_part_is_named(tmp_path: Path, old: str, new: str, message: str) -> None:
    """Misspelled and malformed parts are refused."""
    with pytest.raises(ReportError, match=message):
        read_report(write(tmp_path, WHOLE.replace(old, new)))


def test_folder_without_reports_is_refused(tmp_path: Path) -> None:
    """An empty folder is no success."""
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
def test_reason_not_here(
    tmp_path: Path, changes: dict[str, str], installed: str | None, isa: str | None, reason: str
) -> None:
    """Versions first, then the processor."""
    report = read_report(write(tmp_path, **changes))
    found = explain_why_not_here(report, {report.requires[0].name: installed}, isa)
    assert reason in found and bool(reason) == bool(found)


def test_tensorflow_has_several_distributions(monkeypatch: pytest.MonkeyPatch) -> None:
    """The wheel for the CPU has another name."""

    def version(name: str) -> str:
        if name != "tensorflow-cpu":
            raise PackageNotFoundError(name)
        return "2.21.0"

    monkeypatch.setattr(place, "version", version)
    assert place.installed_version("tensorflow") == "2.21.0"
    assert place.installed_version("keras") is None


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
def test_how_code_ends(code: str, dies: bool, end: str) -> None:
    """Shown, died, or neither."""
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
def test_command(
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
    changes: dict[str, Any],
    code: str | None,
    status: int,
    output: str,
) -> None:
    """Exit status 0 where all shows, 1 where something does not, 3 where nothing can."""
    write(tmp_path, WHOLE.replace("mismatch: yes", code or "mismatch: yes"), **changes)
    assert main(["upstream", "--folder", str(tmp_path)]) == status
    assert output in capfd.readouterr().out


def test_command_refuses_an_unknown_name(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """Exit status 4, with the known names."""
    write(tmp_path)
    assert main(["upstream", "two", "--folder", str(tmp_path)]) == 4
    assert "two: no such report; known: one" in capfd.readouterr().err
