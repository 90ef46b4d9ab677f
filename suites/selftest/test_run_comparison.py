"""Tests of comparisons of runs: the difference of two runs, and the overview of cells."""

from __future__ import annotations

import copy
import sys
from typing import Any

import pytest

if sys.version_info < (3, 11):
    pytest.skip("reports need Python 3.11", allow_module_level=True)

from fixtures.case import Case
from reports import ledger
from reports.facts.run_difference import compare_runs, difference_as_text
from reports.facts.summary import summarise
from reports.page.render import render_page
from suites.selftest import ledgers
from suites.selftest.ledger_stores import make_store

# The runs have the same backend, so that they differ only where a test changes them.
BASE: dict[str, Any] = {"backend": "torch", "keras": None, "started": "now"}


def make_verdict_row(case: str, verdict: str = "agree", property: str = "values", **observed: Any) -> dict[str, Any]:
    """Return a verdict row with these observed facts."""
    return ledgers.make_row(
        *(case, verdict),
        property=property,
        expected={"refuses": ["S1"], "because": "so"},
        observed=observed,
        checked=[property],
        seconds=0.1,
    )


def run_ledger(cell: str, rows: list[dict[str, Any]], **run: Any) -> ledger.Ledger:
    """Return a complete ledger with these rows."""
    return ledgers.make_ledger(cell, rows, **{**BASE, **run})


REFUSED = {"stage": "call", "error": "A", "message": "no"}


def test_a_comparison_names_every_kind_of_change() -> None:
    """The runs may have different checks."""
    before = run_ledger(
        "a",
        [
            make_verdict_row("r"),
            make_verdict_row("f", "mismatch"),
            make_verdict_row("v", "mismatch"),
            make_verdict_row("c", "mismatch"),
            make_verdict_row("s"),
            make_verdict_row("x"),
        ],
    )
    before.rows.append(make_verdict_row("e", "unclear-rejection", "rejection", **REFUSED))
    after = run_ledger(
        "b",
        [
            make_verdict_row("r", "mismatch"),
            make_verdict_row("f"),
            make_verdict_row("v", "crashed", reason="died"),
            make_verdict_row("s"),
            make_verdict_row("y"),
        ],
    )
    after.rows += [
        make_verdict_row("c", "mismatch", "shape"),
        make_verdict_row("e", "unclear-rejection", "rejection", **{**REFUSED, "error": "B"}),
    ]
    after.run["torch"], after.run["switches"] = "2.13", {"tf32": "on"}
    found = compare_runs(before, after)
    kinds = {change.kind: change.cases for change in found.changes}
    assert kinds == {
        "regressed": ["r"],
        "fixed": ["f"],
        "changed verdict": ["v"],
        "changed property": ["c"],
        "refused differently": ["e"],
    }
    assert (found.same, found.only_before, found.only_after) == (1, 1, 1)
    assert ("torch", "none", "2.13") in found.environment and ("switch tf32", "off", "on") in found.environment
    text = difference_as_text(found, "a", "b")
    assert "1 answered alike, 5 changed, 1 checked only before, 1 only after" in text and "regressed, 1: r" in text


def test_two_runs_with_one_mode_each_are_compared_although_the_modes_differ() -> None:
    """Standalone Keras has the mode graph only; the mode is listed as a difference of the environment."""
    graph = run_ledger("b", [{**make_verdict_row("r"), "variant": "graph"}], modes=["graph"])
    found = compare_runs(run_ledger("a", [make_verdict_row("r")]), graph)
    assert found.same == 1 and ("modes", "eager", "graph") in found.environment
    graph.end = None
    assert ("run", "complete", "incomplete, 1 answers") in compare_runs(
        run_ledger("a", [make_verdict_row("r")]), graph
    ).environment


def make_contract_row(case: str, suite: str, mode: str, verdict: str = "agree", **observed: Any) -> dict[str, Any]:
    """Return a row of a contract suite."""
    return {**make_verdict_row(case, verdict, "rejection", **observed), "suite": suite, "variant": mode}


CONTRACT = ["arguments", "promises", "roundtrip"]


def test_contract_checks_are_compared_by_variant_and_not_by_mode() -> None:
    """Only checks of call modes are compared across modes."""
    variants = [
        make_contract_row("r", "roundtrip", "json"),
        make_contract_row("r", "roundtrip", "pickle-layer", "mismatch"),
    ]
    before = run_ledger("a", [make_verdict_row("r"), *variants], modes=["eager", "contract"], contract=CONTRACT)
    after = copy.deepcopy(before)
    after.run["modes"], after.rows[0]["variant"] = ["graph", "contract"], "graph"
    found = compare_runs(before, after)
    assert (found.changes, found.same, found.only_before, found.only_after) == ([], 3, 0, 0)
    after.run["modes"] = ["graph", "xla", "contract"]
    assert compare_runs(before, after).same == 2


def test_checks_with_the_same_variant_or_case_are_compared_separately() -> None:
    """Each row is compared with that of its own suite."""
    rows = [
        make_verdict_row("r"),
        {**make_verdict_row("r"), "suite": "gradients"},
        make_contract_row("r", "promises", "json"),
        make_contract_row("r", "roundtrip", "json"),
    ]
    before = run_ledger("a", rows, contract=CONTRACT)
    for place in range(len(rows)):
        after = copy.deepcopy(before)
        after.rows[place]["verdict"] = "mismatch"
        found = compare_runs(before, after)
        assert (found.same, [change.kind for change in found.changes]) == (3, ["regressed"])


def test_a_case_that_is_computed_in_one_run_and_refused_in_the_other_is_compared() -> None:
    """The suite differs, because the subject decides which suite checks the case."""
    refused = {**make_verdict_row("r", "agree", "rejection", **REFUSED), "suite": "rejection"}
    (change,) = compare_runs(run_ledger("a", [make_verdict_row("r")]), run_ledger("b", [refused])).changes
    assert (change.kind, change.before, change.after) == ("taken or refused", "agrees", "agrees, refused: A at call")


def test_a_refusal_at_another_stage_or_of_another_class_is_a_change() -> None:
    """Another message is not a change."""
    before = run_ledger("a", [make_contract_row("r", "arguments", "strides.set", **REFUSED)], contract=CONTRACT)
    for observed in ({"stage": "build"}, {"error": "B"}):
        after = run_ledger(
            "b", [make_contract_row("r", "arguments", "strides.set", **{**REFUSED, **observed})], contract=CONTRACT
        )
        (change,) = compare_runs(before, after).changes
        assert (change.kind, change.cases) == ("refused differently", ["r, arguments strides.set"])
        assert change.before != change.after
    assert not compare_runs(
        before, run_ledger("b", [make_contract_row("r", "arguments", "strides.set", **{**REFUSED, "message": "x"})])
    ).changes


def test_a_run_compared_with_itself_has_no_difference() -> None:
    """The environment does not differ either."""
    one = run_ledger("a", [make_verdict_row("r"), make_verdict_row("f", "mismatch")])
    found = compare_runs(one, copy.deepcopy(one))
    assert (found.changes, found.environment, found.same) == ([], [], 2)


def test_the_overview_shows_every_declared_cell_and_where_causes_begin_and_end() -> None:
    """A cell without a ledger is shown as not run."""
    case = Case(1, (3, 4), 1, 1, (2, 2), (1, 1), (1, 1)).id
    bad = make_verdict_row(case, "mismatch", shape=[1])
    runs = [
        run_ledger("v1", [make_verdict_row(case)]),
        run_ledger("v2", [bad]),
        run_ledger("v3", [bad]),
        run_ledger("v4", [make_verdict_row(case)]),
    ]
    runs.append(run_ledger("other", [make_verdict_row(case)], backend="jax"))
    summary = summarise(make_store(runs), ["v1", "v2", "v3", "v4", "gone"])
    states = {cell.name: cell.state for cell in summary.cells}
    assert states == {**dict.fromkeys(("v1", "v2", "v3", "v4", "other"), "complete"), "gone": "not run"}
    ((span,),) = [group.spans for group in summary.groups]
    assert (span.first, span.last, span.after) == ("v2", "v3", "v4")
    assert span.cells == [("v1", 0), ("v2", 1), ("v3", 1), ("v4", 0)]
    page = render_page(summary, make_store(runs))
    other = Case(1, (5, 4), 1, 1, (2, 2), (1, 1), (1, 1)).id
    unasked = [*runs[:3], run_ledger("v4", [make_verdict_row(other)])]
    (((span,),),) = [[group.spans] for group in summarise(make_store(unasked)).groups]
    assert span.cells[-1] == ("v4", None) and span.after == ""  # a cause whose checks did not run again has not ended
    assert "v1 agrees, v2 <b>1</b>, v3 <b>1</b>, v4 agrees" in page
    assert '<th scope="row">gone</th><td><bdi>no ledger given</bdi></td>' in page
    lacking = summarise(make_store(runs), ["v1", "v2", "v3", "v4", "gone"], reasons={"gone": "this machine has no amx"})
    assert lacking.cells[4].state == "not run" and "<bdi>this machine has no amx</bdi>" in render_page(lacking)
