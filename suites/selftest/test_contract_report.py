"""Tests of the contract's tables on the page: shapes, refusals, statements, round trips and migrations."""

from __future__ import annotations

import sys
from typing import Any

import pytest

if sys.version_info < (3, 11):
    pytest.skip("reports need Python 3.11", allow_module_level=True)

from fixtures.case import Case
from fixtures.cases.contract import PLAIN
from fixtures.check import Check
from fixtures.frameworks.adapter import Setting, load_subject
from fixtures.run.pipeline import run_check
from fixtures.suite_registry import contract_suites, suites
from reports import ledger
from reports.facts.contract import results_of_contract, results_of_contract_in_runs
from reports.facts.refusals import find_refusals, refusals_along_releases
from reports.facts.shapes import find_disagreement
from reports.facts.summary import summarise
from reports.page.render import render_page
from suites.selftest import ledgers
from suites.selftest.ledger_stores import make_store
from suites.selftest.pages import SCRIPTS, Tags

CASE, OTHER = PLAIN.id, Case(1, (3, 4), 1, 1, (2, 2), (1, 1), (1, 1)).id
HOSTILE = "<script>alert('x')</script> \" & \u202e"


def make_contract_row(suite: str, mode: str, verdict: str = "agree", case: str = CASE, **more: Any) -> dict[str, Any]:
    """Return a verdict row of a contract suite."""
    defaults = {"suite": suite, "variant": mode, "property": "rejection", "expected": {}, "observed": {}, "checked": []}
    return ledgers.make_row(case, verdict, **{**defaults, **more})


def make_shape_row(
    source: str, lengths: list[Any], verdict: str = "agree", case: str = CASE, **more: Any
) -> dict[str, Any]:
    """Return a row with the shape that one source states; the formula's shape is 2 x 9 x 6 x 2, or 1 x 4 x 5 x 1."""
    suite = "forward" if source in ("eager", "xla") else "shapes"
    expected = {"shape": [2, 9, 6, 2] if case == CASE else [1, 4, 5, 1], **more}
    return make_contract_row(suite, source, verdict, case, expected=expected, observed={"shape": lengths, **more})


def make_refusal_row(
    variant: str, stage: str, error: str, verdict: str = "agree", message: str = "no"
) -> dict[str, Any]:
    """Return a row for an argument that the subject refused."""
    observed = {"stage": stage, "error": error, "message": message}
    return make_contract_row("arguments", variant, verdict, expected={"given": variant + "=?"}, observed=observed)


def make_ledger_of_rows(cell: str, rows: list[dict[str, Any]], **run: Any) -> ledger.Ledger:
    """Return a complete ledger of tf.keras with these rows."""
    head = {"subject": "tf.keras", "backend": "tensorflow", "tensorflow": "2.4", "keras": "2.4", "switches": {}}
    return ledgers.make_ledger(
        cell, rows, **{**head, "modes": ["eager", "contract"], "contract": list(contract_suites()), **run}
    )


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


def test_shapes_of_two_sources_that_differ_by_one_are_counted() -> None:
    """The count is kept for each pair of sources, with a case; a pair that agrees is counted too."""
    rows = [
        make_shape_row("compute-output-shape", [2, 9, 6, 2]),
        make_shape_row("symbolic", [2, 9, 7, 2]),
        make_shape_row("eager", [2, 9, 6, 2]),
    ]
    rows += [
        make_shape_row("compute-output-shape", [1, 4, 5, 1], case=OTHER),
        make_shape_row("eager", [1, 4, 5, 1], case=OTHER),
    ]
    found = find_disagreement(rows)
    assert found is not None
    assert found.pairs["formula", "symbolic"] == found.pairs["symbolic", "eager"] == (1, 1)
    assert found.pairs["compute-output-shape", "eager"] == (2, 0)
    (case, shapes) = found.cases[0]
    assert case == CASE and ("symbolic", "2 x 9 x 7 x 2") in shapes and ("formula", "2 x 9 x 6 x 2") in shapes
    assert find_disagreement(rows[2:3]) is None


def test_sources_without_a_shape_are_counted_separately() -> None:
    """They refused, or stated a shape of unknown lengths; a wrong container type alone is no different shape."""
    facts: dict[str, Any] = {"input": [2, 4, 5, 3], "unknown": "nothing"}
    rows = [make_shape_row("compute-output-shape", [2, 9, 6, 2], "mismatch", type="list", **facts)]
    rows += [make_shape_row("symbolic", [None, None, None, 2], "mismatch", input=[None, 4, 5, 3], unknown="axis 0")]
    rows += [
        make_contract_row(
            "shapes", "traced", "wrongly-rejected", observed={"stage": "call", "error": "E", "message": "no"}
        )
    ]
    found = find_disagreement(
        [
            *rows,
            make_shape_row("xla", [2, 9, 6, 3], "mismatch"),
            make_contract_row("shapes", "traced", "not-run", OTHER),
        ]
    )
    assert found is not None
    counts = {source.name: (source.checks, source.refused, source.elsewhere) for source in found.sources}
    assert counts["symbolic"] == (1, 0, 1) and counts["traced"] == (1, 1, 0)
    assert found.pairs["formula", "compute-output-shape"] == (1, 0) and found.pairs["formula", "symbolic"] == (0, 0)
    assert found.pairs["formula", "xla"] == (1, 1)


def test_shapes_are_compared_although_the_batch_differs() -> None:
    """The index proof has one batch element for each input cell, so its batch is not that of the case."""
    wide = {"expected": {"shape": [60, 9, 6, 2]}}
    for lengths, differ in (([60, 9, 6, 2], 0), ([59, 9, 6, 2], 1), ([60, 9, 5, 2], 1)):
        rows = [make_shape_row("symbolic", [2, 9, 6, 2]), {**make_shape_row("eager", lengths, "mismatch"), **wide}]
        found = find_disagreement(rows)
        assert found is not None and found.pairs["symbolic", "eager"] == (1, differ)


def test_refusals_are_counted_by_stage_and_class() -> None:
    """Deviating refusals are counted too. Accepted arguments and processes that died are listed separately."""
    rows = [
        make_refusal_row("a.x", "construction", "ValueError"),
        make_refusal_row("a.y", "call", "ValueError", "unclear-rejection"),
    ]
    rows += [
        make_contract_row("arguments", "a.z", "wrongly-accepted"),
        make_contract_row("arguments", "a.w", property="values"),
    ]
    rows += [
        make_contract_row("rejection", "eager", "crashed", OTHER),
        make_contract_row("arguments", "a.v", "not-run"),
    ]
    found = find_refusals(rows)
    assert found is not None and found.stages == ["construction", "call"]
    assert found.classes == [("ValueError", [1, 1], 1)]
    assert dict(found.ends) == {"accepted": 1, "taken for what it means": 1, "process died": 1}
    lines = {line.check: line for line in found.lines}
    assert (lines["a.y"].text, lines["a.y"].tag, lines["a.y"].given) == ("call ValueError", "not listed", "a.y=?")
    assert lines["rules not recorded"].text == "process died"


def test_the_release_in_which_a_refusal_changes_its_stage_is_marked() -> None:
    """Runs are sorted by release, and consecutive equal releases form one stretch of the table."""
    stages = {"2.10": "construction", "2.4": "call", "2.9": "construction", "2.5": "call"}
    runs = [
        make_ledger_of_rows(
            "v" + release,
            [make_refusal_row("a.x", stage, "E"), make_refusal_row("a.y", "call", "E")],
            tensorflow=release,
        )
        for release, stage in stages.items()
    ]
    found = refusals_along_releases(
        [*runs, make_ledger_of_rows("other", [make_refusal_row("a.x", "run", "E")], backend="jax")]
    )
    assert found.lines == [
        ("tf.keras, then keras3 on tensorflow", ["v2.4", "v2.5", "v2.9", "v2.10"]),
        ("tf.keras on jax", ["other"]),
    ]
    moved, stays = found.rows
    assert [(s.text, s.tag, s.width) for s in moved.stretches] == [
        ("call E", "", 2),
        ("construction E", "changed", 2),
        ("run E", "", 1),
    ]
    assert moved.changed and not stays.changed and stays.stretches[1].text == ""


def test_a_process_that_dies_where_earlier_releases_refused_is_a_change() -> None:
    """The rules come from the other runs of the case; releases that did not run the case are skipped."""
    refused = make_contract_row(
        "rejection", "eager", expected={"refuses": ["R1"]}, observed={"stage": "call", "error": "E"}
    )
    runs = [make_ledger_of_rows("a", [refused], tensorflow="1"), make_ledger_of_rows("b", [], tensorflow="2")]
    (found,) = refusals_along_releases(
        [*runs, make_ledger_of_rows("c", [make_contract_row("rejection", "eager", "crashed")], tensorflow="3")]
    ).rows
    assert found.title == "R1" and found.changed
    assert [(s.text, s.tag) for s in found.stretches] == [("call E", ""), ("", ""), ("process died", "changed")]


def test_two_cases_that_exchange_their_errors_count_as_changed() -> None:
    """The two errors together are the same in each release."""

    def refused(case: str, error: str) -> dict[str, Any]:
        observed = {"stage": "call", "error": error}
        return make_contract_row("rejection", "eager", case=case, expected={"refuses": ["R1"]}, observed=observed)

    errors = (("A", "B"), ("B", "A"), ("A", "B"), ("A", "B"))
    runs = [
        make_ledger_of_rows("v%d" % release, [refused(CASE, one), refused(OTHER, two)], tensorflow=str(release))
        for release, (one, two) in enumerate(errors)
    ]
    (found,) = refusals_along_releases(runs).rows
    assert [(s.text, s.tag, s.width) for s in found.stretches] == [
        ("call A; call B", "", 1),
        ("call A; call B", "changed", 1),
        ("call A; call B", "changed", 2),
    ]


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
