"""Tests of the command ``upstream``: which reports apply here, and whether their code shows the mistake."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

from fixtures.__main__ import main
from fixtures.run.snippet_check import DIES, NOT, SHOWS, run_code
from fixtures.upstream import applicability
from fixtures.upstream.applicability import explain_why_not_here
from fixtures.upstream.report import FOLDER, read_report
from suites.selftest.sample_report import WHOLE, write_report

if sys.version_info >= (3, 8):
    from importlib.metadata import PackageNotFoundError
else:  # pytest brings it
    from importlib_metadata import PackageNotFoundError


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
