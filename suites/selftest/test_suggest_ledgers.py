"""Tests of the ledgers that ``suggest`` reads: known deviations, files and rows that are refused, incomplete runs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from fixtures.__main__ import main
from fixtures.deviations import KNOWN_DEVIATIONS
from suites.selftest.numpy_layer_ledgers import COMPUTED, SMALL, make_forward_row, write_numpy_layer_ledger


def test_suggest_leaves_out_known_deviations_unless_all_is_given(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A region that equals that of an entry is named, whatever the order of its terms."""
    wrong = [case for case in COMPUTED if case.dtype == "float64" and case.data_format == "channels_first"]
    refused = {"observed": {"stage": "trace", "error": "Nope", "message": "Op 7 only supports NHWC here"}}
    rows = [make_forward_row(case) for case in COMPUTED if case not in wrong]
    rows += [
        make_forward_row(case, "wrongly-rejected", property="rejection", known_deviation="x", **refused)
        for case in wrong
    ]
    facts: Any = {"subject": "keras3", "backend": "tensorflow", "keras": "3.15.1", "tensorflow": "2.21.0"}
    facts["options"] = {"switches": {"onednn": "off"}}
    path = str(write_numpy_layer_ledger(tmp_path / "a.jsonl", rows, **facts))
    assert main(["suggest", path]) == 0 and capsys.readouterr().out == ""
    assert main(["suggest", "--all", path]) == 0
    text = capsys.readouterr().out
    assert "True of the same checks as cpu-float64-channels-first" in text
    for line in (
        'versions = { keras = "==3.15.*", tensorflow = "==2.21.*" }',
        'switches = { onednn = "off" }',
        'stage = "call"',
        'message = "Op 7 only supports NHWC here"',
        'device = "CPU"',
    ):
        assert line + "\n" in text


BAD = (
    ("nowhere.jsonl", None, "cannot be read"),
    ("a.jsonl", "no json\n", "line 1 is not JSON"),
    ("a.jsonl", "[]\n", "line 1 is not an object"),
    ("a.jsonl", "", "is not a ledger"),
    ("a.jsonl", {"schema": 9}, "has ledger schema 9, this version reads 2"),
)


@pytest.mark.parametrize(("name", "content", "sentence"), BAD)
def test_suggest_refuses_a_file_that_is_not_a_ledger(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str, content: Any, sentence: str
) -> None:
    """The exit status is 3, and the message is one line."""
    if isinstance(content, str):
        (tmp_path / name).write_text(content, encoding="utf-8")
    elif content:
        write_numpy_layer_ledger(tmp_path / name, [], **content)
    assert main(["suggest", str(tmp_path / name)]) == 3
    assert sentence in capsys.readouterr().err


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"suite": "forwards"}, "line 2 has the suite 'forwards', which this version does not know"),
        ({"verdict": "well"}, "line 2: the verdict 'well' is unknown"),
        ({"case": "b1"}, "line 2: not a case id"),
    ],
)
def test_suggest_refuses_a_malformed_row_with_its_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], changes: dict[str, Any], sentence: str
) -> None:
    """It also refuses a repeated check and an output file that is written by hand."""
    damaged = write_numpy_layer_ledger(tmp_path / "a.jsonl", [{**make_forward_row(SMALL[0]), **changes}], ended=False)
    assert main(["suggest", str(damaged)]) == 3
    assert sentence in capsys.readouterr().err
    path = str(write_numpy_layer_ledger(tmp_path / "a.jsonl", [make_forward_row(SMALL[0]), make_forward_row(SMALL[0])]))
    assert main(["suggest", path]) == 3
    assert "answers a check twice" in capsys.readouterr().err
    assert main(["suggest", path, "-o", str(KNOWN_DEVIATIONS)]) == 3
    assert "is written by hand" in capsys.readouterr().err


def test_suggest_warns_about_an_incomplete_run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The rows are used all the same, except a cut last line."""
    rows = [make_forward_row(case, "mismatch" if case.padding == "same" else "agree") for case in COMPUTED]
    path = write_numpy_layer_ledger(tmp_path / "a.jsonl", rows, ended=False, planned=999)
    path.write_text(path.read_text(encoding="utf-8") + '{"kind": "ver', encoding="utf-8")
    assert main(["suggest", str(path)]) == 0
    output = capsys.readouterr()
    assert "is incomplete, %d of 999 have an answer" % len(rows) in output.err and "padding == 'same'" in output.out
