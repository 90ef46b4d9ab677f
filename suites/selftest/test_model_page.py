"""Tests of the page of a model: what it shows of shapes, layers and other cells, from JSON alone."""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
from dataclasses import asdict
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest

if sys.version_info < (3, 11):
    pytest.skip("the pages need Python 3.11", allow_module_level=True)

from fixtures.model.shape_report import report_shapes
from reports import model_command
from reports.__main__ import main
from reports.facts.model_page import Step, make_model_page, write_shape
from reports.ledger import LedgerError
from reports.page.model_drawing import ROW, draw_chain
from reports.page.render_model import render_model
from suites.selftest.stored_configs import make_unet

VERDICT = {"case": "CASE", "verdict": "mismatch", "property": "values", "error_in_bounds": 2.5, "reason": ""}


@lru_cache(maxsize=None)
def _shapes_of_unet(size: int) -> dict[str, Any]:
    """Return the part of a report on shapes, which no test changes."""
    return {name: value for name, value in asdict(report_shapes(make_unet(size), (), 2)).items() if name != "layers"}


def make_report(size: int = 358, **changed: Any) -> dict[str, Any]:
    """Return the report of a U-Net with one layer, which is wrong on its data."""
    verdict = {**VERDICT, "compared": 7, "expected": {}, "observed": {"differs": 3, "of": 7}}
    layer = {"path": "up2", "class_name": "Conv2DTranspose", "verdicts": [verdict], "checks": {}, "notes": ["<i>note"]}
    cause = {"title": "A title", "link": "https://example.org/1"}
    difference = {"cell": "keras3.8-torch", "effect": "refuses", "cause": cause, "sentence": ""}
    report = {
        "file": "a/unet.keras",
        "written_by": "3.8.0",
        "subject": "keras3",
        "environment": {"keras": "3.15.1"},
        "error": None,
        "stage": None,
        "shapes": _shapes_of_unet(size),
        "layers": [{**layer, "wrong": True}],
        "wrong": ["up2"],
        "elsewhere": {"up2": [difference]},
        "loading": [{"cell": "one", "answer": "no", "why": "too old"}],
    }
    return {**report, **changed}


def render(report: dict[str, Any]) -> str:
    """Return the page of a report."""
    return render_model(make_model_page(json.dumps(report), "a.json"))


def test_the_page_shows_the_conflict_the_fixes_the_wrong_layer_and_other_cells() -> None:
    """All text of the report is escaped, and nothing is loaded from elsewhere."""
    page = render(make_report())
    for words in (
        *("88 meets 89 at join2", "feed 352 (output 352x352) or 360 (output 360x360)", "2.5 of the bound"),
        *("wrong values on the model&#39;s data: 3 of 7 entries", "A title", "keras3.8-torch", "too old"),
        *("&lt;i&gt;note", "1 of 1 transposed convolutions are wrong: up2."),
    ):
        assert words in page, words
    assert "<i>note" not in page and "src=" not in page and "@import" not in page


def test_a_model_that_is_right_has_a_good_sentence() -> None:
    """Nothing is red, and there are no fixes."""
    good = {**VERDICT, "verdict": "agree", "error_in_bounds": 0.1, "compared": 7, "expected": {}, "observed": {}}
    layer = {**make_report()["layers"][0], "verdicts": [good], "wrong": False, "notes": []}
    page = render(make_report(352, layers=[layer], wrong=[]))
    assert "1 of 1 transposed convolutions are right." in page and "All shapes meet." in page
    assert "✗" not in page.split("<main>")[1].split("</main>")[0] and 'id="fixes"' not in page


def test_a_layer_that_no_data_reached_is_right_by_the_configuration_only() -> None:
    """The conflict comes first, and the reason why no data reached it last."""
    checks = {"CASE": {"agree": 9, "others": []}}
    layer = {**make_report()["layers"][0], "verdicts": [], "checks": checks, "wrong": False}
    found = make_model_page(
        json.dumps(make_report(layers=[layer], wrong=[], stage="loading", error="Keras says no.")), "a"
    )
    assert found.sentence.startswith("The shapes do not meet: 88 meets 89 at join2")
    assert found.sentence.endswith(
        "1 of 1 transposed convolutions are right, all by the configuration only. "
        "No data reached up2: the model cannot be loaded: Keras says no."
    )


def test_lines_through_a_lane_do_not_overlap() -> None:
    """The two skip connections that are inside each other have lanes of their own; the bars are relative."""

    def make_step(length: int, *sources: int, conflicts: tuple[str, ...] = ()) -> Step:
        return Step("a", "Conv2D", write_shape((2, length)), length, sources, conflicts, False, False)

    steps = [make_step(8), make_step(4, 0), make_step(2, 1), make_step(4, 2, 1, conflicts=("x",)), make_step(8, 3, 0)]
    drawing = draw_chain(steps)
    assert drawing.height == 5 * ROW and drawing.bars == (100, 50, 25, 50, 100)
    long = [line for line in drawing.lines if "Q" in line.path]
    assert len({line.path.split("Q")[1].split()[2] for line in long}) == 2
    assert [line.tone for line in drawing.lines].count("conflict") == 2 and drawing.lines[-1].tone == "conflict"


@pytest.mark.parametrize("text", ["", "[]", "{}", json.dumps(make_report(352, layers=[{}])), json.dumps({"shapes": 1})])
def test_what_is_not_a_report_is_refused_in_one_sentence(text: str) -> None:
    """The sentence says how to write one."""
    with pytest.raises(
        LedgerError, match=r"a\.json is not a report of a model .* python -m fixtures model FILE --json"
    ):
        make_model_page(text, "a.json")


def test_the_command_reads_a_report_or_judges_a_model(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A configuration of a model is JSON too; it goes to the command ``model`` of this Python."""
    report, config = tmp_path / "report.json", tmp_path / "config.json"
    report.write_text(json.dumps(make_report()), encoding="utf-8")
    config.write_text(json.dumps(make_unet(358)), encoding="utf-8")
    assert main(["model", str(report), "-o", str(tmp_path / "a.html")]) == 1
    assert "88 meets 89" in (tmp_path / "a.html").read_text(encoding="utf-8")
    seen: list[Path] = []

    def judge(path: Path, options: argparse.Namespace) -> str:
        seen.append(path)
        return report.read_text(encoding="utf-8")

    monkeypatch.setattr(model_command, "_judge", judge)
    assert main(["model", str(config), "-o", str(tmp_path / "b.html")]) == 1
    assert seen == [config]
    monkeypatch.undo()
    called: list[list[str]] = []

    def run(command: list[str], cwd: None = None, **more: object) -> subprocess.CompletedProcess[bytes]:
        called.append(command)
        assert cwd is None  # paths in the options belong to the folder of the caller
        return subprocess.CompletedProcess(command, 3, b"", b"a warning\nmodel: --mode eagr is unknown\n")

    monkeypatch.setattr(subprocess, "run", run)
    assert main(["model", str(config), "--mode", "eagr", "--only-data", "--input", "8x8x3"]) == 3
    assert called[0][5:] == ["--json", "--input=8x8x3", "--mode=eagr", "--only-data"]
    assert capsys.readouterr().err == "reports: model: --mode eagr is unknown\n"
    monkeypatch.undo()
    assert main(["model", str(config), "--python", str(tmp_path / "none")]) == 3
    assert re.search(r"--python \S+none cannot be run: .*; give the path of a Python$", capsys.readouterr().err.strip())
    assert main(["model", str(tmp_path / "no.keras"), "-o", str(tmp_path / "c.html")]) == 3
