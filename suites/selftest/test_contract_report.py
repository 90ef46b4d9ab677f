"""Tests of the contract's tables on the page: statements, round trips and migrations, and the page as a whole."""

from __future__ import annotations

import sys
from typing import Any

import pytest

if sys.version_info < (3, 11):
    pytest.skip("reports need Python 3.11", allow_module_level=True)

from fixtures.cases.contract import PLAIN
from fixtures.check import Check
from fixtures.frameworks.adapter import Setting, load_subject
from fixtures.run.check_run import run_check
from fixtures.suite_registry import contract_suites, suites
from reports.facts.contract import results_of_contract, results_of_contract_in_runs
from reports.facts.summary import summarise
from reports.page.render import render_page
from suites.selftest.contract_rows import (
    CASE,
    OTHER,
    make_contract_row,
    make_ledger_of_rows,
    make_refusal_row,
    make_shape_row,
)
from suites.selftest.ledger_stores import make_store
from suites.selftest.pages import SCRIPTS, Tags

HOSTILE = "<script>alert('x')</script> \" & \u202e"


def run_contract(subject: str) -> list[dict[str, Any]]:
    """Return the rows of every contract check on the plain case, for the NumPy layer."""
    numpy_layer, rows = load_subject(subject, Setting()), []
    variants = [
        (suite, variant)
        for suite in contract_suites()
        for variant in (suites()[suite].variants_of or (lambda case: ()))(PLAIN)
    ]
    for suite, variant in [*variants, ("forward", "eager")]:
        verdict = run_check(Check(suite, PLAIN, variant), numpy_layer, "CPU:0").to_row()
        rows.append({**make_contract_row(suite, variant), **verdict})
    return rows


def test_statements_show_the_observed_and_the_predicted_verdict() -> None:
    """A difference has a tag; a statement that was not judged has a reason."""
    statement = {"statement": "S", "verdict": "holds", "because": "S1"}
    rows = [
        make_contract_row(
            "statements", "q1", "mismatch", expected=statement, observed={"verdict": "refuted", "numbers": "1 is 2"}
        )
    ]
    rows += [
        make_refusal_row("q2", "call", "E", "wrongly-rejected"),
        make_contract_row("statements", "q3", "not-run", observed={"reason": "none"}),
    ]
    rows[1].update(suite="statements", expected=statement, known_deviation="k")
    first, second, third = results_of_contract(make_ledger_of_rows("a", rows)).statements
    assert (first.shown, first.predicted, first.numbers, first.tag) == ("refuted", "holds", "1 is 2", "not listed")
    assert (second.shown, second.why, second.tag) == ("refused", "E at call: no", "known")
    assert (third.shown, third.why, third.tag) == ("not run", "none", "")
    healthy = make_contract_row(
        "statements", "q1", expected=statement, observed={"verdict": "holds", "numbers": "1 is 1"}
    )
    cells = results_of_contract_in_runs(
        [make_ledger_of_rows("a", rows), make_ledger_of_rows("b", [healthy], tensorflow="2.5")]
    ).statements.rows[0]
    assert cells.title == "S" and [(s.text, s.tag) for s in cells.stretches] == [
        ("refuted", "not listed"),
        ("holds", ""),
    ]


def test_round_trips_are_counted_by_format() -> None:
    """A format that a release does not offer counts neither as right nor as wrong."""
    rows = [
        make_contract_row("roundtrip", "json"),
        make_contract_row("roundtrip", "json", "mismatch", OTHER, known_deviation="k"),
    ]
    rows += [
        make_contract_row("roundtrip", "pickle", "not-run", observed={"reason": "no pickle"}),
        make_contract_row("roundtrip", "h5", "crashed"),
    ]
    h5, json, pickle = results_of_contract(make_ledger_of_rows("a", rows)).trips
    assert (json.agree, json.known, json.new, json.lost) == (1, 1, 0, 0) and h5.new == 1
    assert (pickle.lost, pickle.reason) == (1, "no pickle")
    cells = {
        t.title: [(s.text, s.tag) for s in t.stretches]
        for t in results_of_contract_in_runs([make_ledger_of_rows("a", rows)]).trips.rows
    }
    assert cells == {"h5": [("0 of 1", "new")], "json": [("1 of 2", "known")], "pickle": [("not offered", "")]}


def test_loaded_models_are_counted_by_the_release_that_stored_them() -> None:
    """One run also counts them by format."""
    rows = [
        make_contract_row("migration", "tf2.4-tfkeras.json.keras-2.4.0"),
        make_contract_row("migration", "tf2.4-tfkeras.h5-file.keras-2.4.0", "mismatch", OTHER),
    ]
    assert [
        (trip.variant, trip.agree, trip.new) for trip in results_of_contract(make_ledger_of_rows("a", rows)).migrations
    ] == [
        ("tf2.4-tfkeras.h5-file.keras-2.4.0", 0, 1),
        ("tf2.4-tfkeras.json.keras-2.4.0", 1, 0),
    ]
    (track,) = results_of_contract_in_runs([make_ledger_of_rows("a", rows)]).migrations.rows
    assert (track.title, track.stretches[0].text, track.stretches[0].tag) == ("tf2.4-tfkeras", "1 of 2", "new")


def test_the_page_shows_the_name_of_a_contract_check_and_its_command() -> None:
    """Two variants of one suite are separate causes, also with the same property."""
    rows = [make_contract_row("promises", "fan-in", "mismatch", property="signature", expected={"losses": [-11.0]})]
    rows += [make_contract_row("promises", "fan-out", "mismatch", property="signature")]
    summary = summarise(make_store([make_ledger_of_rows("a", rows)]))
    assert {group.title for group in summary.groups} == {
        "promises, fan-in: wrong signature",
        "promises, fan-out: wrong signature",
    }
    page = Tags(render_page(summary)).text
    assert "pytest suites/promises --subject tf.keras --variant fan-in --case " + CASE in page
    assert "(-11.0)" in page and summary.groups[0].exemplar.check == "fan-in"


def test_the_contract_page_of_the_numpy_layer_has_every_section() -> None:
    """Every table has a caption, and every header cell has a scope."""
    runs = [
        make_ledger_of_rows(name, run_contract(name), subject=name, backend="numpy")
        for name in ("numpy_layer", "numpy_layer:crop-other-side")
    ]
    several, page = Tags(render_page(summarise(make_store(runs)))), Tags(render_page(summarise(make_store(runs[:1]))))
    for title in ("Statements about the layer", "Refusals by stage and class", "Round trips"):
        assert title in page.text and title in several.text
    assert "Shapes that disagree with each other" in page.text
    page.elements += several.elements
    names = [tag for tag, _ in page.elements]
    captioned = [after for tag, after in zip(names, names[1:]) if tag == "table"]
    assert captioned.count("caption") == len(captioned)
    headers = [attributes for tag, attributes in page.elements if tag == "th"]
    assert all("scope" in attributes for attributes in headers)
    (statement,) = [
        row for row in results_of_contract_in_runs(runs).statements.rows if row.title.startswith("Conv2DTranspose with")
    ]
    assert [s.text for s in statement.stretches] == ["holds", "holds"]


def test_the_page_of_an_older_ledger_has_no_contract_sections() -> None:
    """Older ledgers do not record the contract."""
    old = make_ledger_of_rows("a", [make_shape_row("eager", [2, 9, 6, 2])])
    del old.run["contract"]
    page = render_page(summarise(make_store([old])))
    assert not any(title in page for title in ("Claims from", "Shapes that", "Refusals by", "Round trips"))


def test_hostile_text_in_contract_rows_is_escaped_on_the_page() -> None:
    """The hostile text is in statements, numbers, messages, error classes and reasons."""
    statement = {"statement": HOSTILE, "verdict": HOSTILE, "because": HOSTILE}
    due = {"given": HOSTILE, "because": HOSTILE, "refuses": [HOSTILE]}
    refused = {"stage": "call", "error": HOSTILE, "message": HOSTILE}
    rows = [make_refusal_row(HOSTILE, HOSTILE, HOSTILE, "unclear-rejection", HOSTILE)]
    rows += [
        make_contract_row(
            "statements", "q1", "mismatch", expected=statement, observed={"verdict": HOSTILE, "numbers": HOSTILE}
        )
    ]
    rows += [make_contract_row("roundtrip", HOSTILE, "not-run", observed={"reason": HOSTILE})]
    rows += [make_contract_row("rejection", "eager", "agree", OTHER, expected=due, observed=refused)]
    rows += [
        make_shape_row("symbolic", [3, 1]),
        make_contract_row("shapes", "traced", "crashed", observed={"reason": HOSTILE}),
    ]
    runs = [make_ledger_of_rows("a", rows), make_ledger_of_rows(HOSTILE, rows, tensorflow="9")]
    for shown in (runs, runs[:1]):
        page = Tags(render_page(summarise(make_store(shown))))
        assert [tag for tag, _ in page.elements].count("script") == SCRIPTS and "<script>" in page.text
