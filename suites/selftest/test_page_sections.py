"""Tests of two sections of the page: changes since the previous run, and the fault matrix."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

if sys.version_info < (3, 11):
    pytest.skip("reports need Python 3.11", allow_module_level=True)

from reports import ledger
from reports.__main__ import main
from reports.facts.changes import changes_since
from reports.facts.fault_matrix import read_fault_matrix
from reports.facts.machine import describe_run_duration
from reports.facts.summary import summarise
from reports.page.render import join_style_sheets, render_page
from suites.selftest.ledger_stores import make_store
from suites.selftest.ledgers import make_ledger
from suites.selftest.ledgers import save_ledger as write
from suites.selftest.test_run_comparison import make_verdict_row, run_ledger


def test_the_page_begins_with_the_changes_since_the_previous_run(tmp_path: Path) -> None:
    """Changes are listed by kind and cell; cells that appeared or are gone are named."""
    before, after = (
        run_ledger("a", [make_verdict_row("r-1"), make_verdict_row("s-1"), make_verdict_row("x-1")]),
        run_ledger("b", [make_verdict_row("r-1", "mismatch"), make_verdict_row("s-1")]),
    )
    old, new = write(before, tmp_path / "old"), write(after, tmp_path / "new")
    found = changes_since([old], [new])
    assert found.kinds == [("regressed", "agreed, and does not any more", 1)]
    assert (found.same, found.only_before, found.only_after) == (1, 1, 0)
    page = render_page(summarise(make_store([after]), since=found))
    assert "Since the previous run" in page and "agreed, and does not any more" in page and "<code>r-1</code>" in page
    assert page.index("Since the previous run") < page.index("Every cause in full</h2>")
    assert ">new</span>" in page and "1 unlisted cause (new since the previous run)" in page and not found.causes_gone
    back = changes_since([new], [old])
    assert back.causes_gone == {"wrong values, no named fault explains it"} == found.causes_new
    unasked = changes_since([new], [write(run_ledger("a", [make_verdict_row("s-1")]), tmp_path / "less")])
    assert not unasked.causes_gone and unasked.only_before == 1
    assert "1 cause that shows no more" in render_page(summarise(make_store([before]), since=back))
    other = write(run_ledger("c", [make_verdict_row("s-1")]), tmp_path / "other")
    several = changes_since([old, other], [write(run_ledger("a", [make_verdict_row("r-1")]), tmp_path / "a"), new])
    assert (list(several.differences), several.appeared, several.gone) == (["a"], ["b"], ["c"])
    with pytest.raises(ledger.LedgerError, match="no cell of b is among those of a, c"):
        changes_since([old, other], [new])
    with pytest.raises(ledger.LedgerError, match="more than one ledger is of the cell a"):
        changes_since([old, old], [new])
    assert "Nothing: every check" in render_page(summarise(make_store([after]), since=changes_since([new], [new])))


def test_a_page_of_the_quick_tier_says_what_that_tier_covers() -> None:
    """The sentence is in the section Environment alone; a page of another tier has none."""
    selection = {"cell": "Keras 9", "checks": [1200, 16000], "seconds": [9, 90], "faults": [129, 130]}
    selection.update(causes=[7, 8], pairs=[2000, 2770], refused=[4, 4])
    rows = [make_verdict_row("r-1")]
    page = render_page(summarise(make_store([make_ledger("a", rows, tier="quick", selection=selection)])))
    sentence = (
        "has 1,200 of 16,000 checks of the standard tier. When it was chosen, they detected 129 of 130 named faults"
    )
    assert page.count(sentence) == 1 and page.index('<h2 id="environment">') < page.index(sentence)
    assert "2,000 of 2,770 pairs of values" in page and "known causes on Keras 9" in page
    assert "checks of the standard tier" not in render_page(summarise(make_store([make_ledger("a", rows)])))


@pytest.mark.parametrize(
    ("seconds", "text"), [(29.4, "29 s"), (60, "1 min 00 s"), (548, "9 min 08 s"), (3720, "1 h 02 min")]
)
def test_the_duration_of_a_run_has_no_zero_minutes(seconds: float, text: str) -> None:
    """A run of less than a minute has seconds alone."""
    assert describe_run_duration({"seconds": seconds}) == [("duration", text)]


def detection(fault: str, suite: str, own: bool, caught: bool) -> dict[str, Any]:
    """Return one record of the fault matrix, as the command writes it."""
    facts = {"subject": "numpy_layer", "fault": fault, "suite": suite, "own": own, "caught": caught, "checks": 3}
    return {
        **facts,
        "case": "b1-i1" if caught else "",
        "variant": "eager",
        "verdict": "mismatch" if caught else "agree",
    }


def test_the_page_draws_the_fault_matrix(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """It shows detected and undetected faults by suite, and false alarms; another file is refused."""
    detections = [detection("healthy", suite, False, False) for suite in ("forward", "shapes")]
    detections += [detection("late", "forward", True, True), detection("late", "shapes", False, True)]
    detections += [detection("list", "shapes", True, False), detection("list", "forward", False, False)]
    path = tmp_path / "fault-matrix.json"
    path.write_text(json.dumps(detections), encoding="utf-8")
    (subject,) = read_fault_matrix(path)
    assert (subject.detected, len(subject.faults), subject.undetected, subject.false_alarms) == (1, 2, ["list"], [])
    forward, shapes = subject.suites
    assert (forward.marks, forward.missed) == ([("■", "late"), ("·", "list")], [])
    assert (shapes.marks, shapes.missed, shapes.own) == ([("□", "late"), ("✗", "list")], ["list"], 1)
    page = render_page(summarise(make_store([run_ledger("a", [make_verdict_row("r-1")])]), strength=[subject]))
    assert "numpy_layer: 1 of 2 faults detected" in page and "not detected: list" in page
    (false_alarms,) = (replace(one, false_alarms=["shapes"]) for one in (subject,))
    shown = render_page(summarise(make_store([run_ledger("a", [make_verdict_row("r-1")])]), strength=[false_alarms]))
    assert "it is reported by shapes" in shown and "it is reported by" not in page
    run = write(run_ledger("a", [make_verdict_row("r-1")]), tmp_path / "run")
    assert main(["build", str(run), "--fault-matrix", str(run), "-o", str(tmp_path / "p.html")]) == 3
    path.write_text("[1]", encoding="utf-8")
    assert main(["build", str(run), "--fault-matrix", str(path), "-o", str(tmp_path / "p.html")]) == 3
    printed = capsys.readouterr().err
    assert "cannot be read" in printed and "is not a fault matrix" in printed


def test_every_category_that_passes_has_a_colour_in_the_style_sheet() -> None:
    """A category without a rule would have the colour of failures."""
    sheet = join_style_sheets("style.css")
    for key in set(ledger.CATEGORIES) - ledger.FAILING:
        name = key.replace(" ", "-")
        assert ".bar .%s" % name in sheet and ".swatch.%s" % name in sheet
