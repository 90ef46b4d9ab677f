"""Tests of the files of reports: their endings, unknown formats, and that no input and no whole page is lost."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

import pytest

if sys.version_info < (3, 11):
    pytest.skip("reports need Python 3.11", allow_module_level=True)

from reports.__main__ import main
from reports.formats import FORMATS, Format
from suites.selftest.ledgers import CASES, make_row, write_ledger


def test_each_report_format_is_written_to_a_file_with_its_ending(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A single format is written to the given path; github is printed unless a file is given."""
    source = str(write_ledger(tmp_path / "one.jsonl", [make_row(CASES[0])]))
    assert main(["build", source, "--format", "json", "-o", str(tmp_path / "a.txt")]) == 0
    assert json.loads((tmp_path / "a.txt").read_text(encoding="utf-8"))["good"]
    assert main(["build", source, "--format=csv,junit", "-o", str(tmp_path / "tf2.15-b")]) == 0
    assert (tmp_path / "tf2.15-b.csv").exists() and (tmp_path / "tf2.15-b.xml").exists()
    assert main(["build", source, "--format=github", "-o", str(tmp_path / "c")]) == 0
    assert (tmp_path / "c").read_text(encoding="utf-8").startswith("::notice title=keras-parity")
    assert main(["build", source, "-o", str(tmp_path / "d.html"), "--summary", str(tmp_path / "d.md")]) == 0
    assert (tmp_path / "d.md").read_text(encoding="utf-8").startswith("## ✓ one\n")
    assert main(["build", source, "--format=md,github", "-o", str(tmp_path / "e.markdown")]) == 0
    assert (tmp_path / "e.markdown").read_text(encoding="utf-8").startswith("## ✓ one\n")
    assert "::notice" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "near"), [("jnuit", "junit"), ("HTML", "html"), ("markdown,md", "md"), ("zzz", ""), ("", "")]
)
def test_an_unknown_format_is_refused(words: str, near: str, capsys: pytest.CaptureFixture[str]) -> None:
    """The message has the nearest known format."""
    with pytest.raises(SystemExit) as ended:
        main(["build", "x.jsonl", "--format", words])
    printed = capsys.readouterr().err
    assert ended.value.code == 4 and "there is no format %r" % words.split(",")[0] in printed
    assert ("did you mean %s?" % near in printed) if near else "did you mean" not in printed


def test_an_output_never_replaces_an_input_or_another_output(tmp_path: Path) -> None:
    """Each command exits with 3, whatever links and relative paths name the file, and changes nothing."""
    path = write_ledger(tmp_path / "a.jsonl", [make_row(CASES[0])])
    (tmp_path / "page.html").symlink_to(path)
    before, page = path.read_bytes(), str(tmp_path / "b.html")
    for arguments in (
        ["build", str(path), "-o", str(tmp_path / "page.html")],
        ["build", str(path), "-o", page, "--summary", page],
        ["build", str(path), "-o", page, "--previous", str(path), "--summary", str(path)],
        ["diff", str(path), str(path), "-o", str(tmp_path / ".." / tmp_path.name / "a.jsonl")],
        ["history", str(tmp_path), "-o", str(path)],
    ):
        assert main(arguments) == 3
    assert path.read_bytes() == before and not os.path.exists(page)


def test_a_page_is_replaced_as_a_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A build that fails half-way keeps the page before it, and leaves no other file."""
    path, page = write_ledger(tmp_path / "a.jsonl", [make_row(CASES[0])]), tmp_path / "a.csv"
    page.write_text("before", encoding="utf-8")

    def fail(summary: Any, store: Any, file: Any) -> None:
        file.write("half")
        raise OSError(28, "No space left on device")

    monkeypatch.setitem(FORMATS, "csv", Format("csv", ".csv", fail))
    assert main(["build", str(path), "--format", "csv", "-o", str(page)]) == 3
    assert page.read_text(encoding="utf-8") == "before" and sorted(os.listdir(tmp_path)) == ["a.csv", "a.jsonl"]
