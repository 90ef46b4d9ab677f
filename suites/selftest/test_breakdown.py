"""Tests of the page's totals by suite and mode, of the support map, and of the table of rounding errors."""

from __future__ import annotations

import sys
from itertools import count
from typing import Any, Sequence

import pytest

if sys.version_info < (3, 11):
    pytest.skip("reports need Python 3.11", allow_module_level=True)

from fixtures.case import ID_PARTS, Case
from reports import ledger
from reports.facts.breakdown import (
    Rounding,
    SuiteTotal,
    Support,
    rounding_by_dtype,
    support_by_mode_and_layout,
    totals_by_suite_and_mode,
)
from reports.facts.cause_groups import group_by_cause
from reports.facts.cells import installed_versions
from reports.facts.store import Store
from suites.selftest.ledger_stores import make_store

LAST = Case(1, (3, 4), 1, 1, (2, 2), (1, 1), (1, 1)).id
FIRST_DILATED = Case(1, (3, 4), 1, 1, (2, 2), (1, 1), (2, 1), data_format="channels_first").id

_NUMBERS = count(1)


def make_verdict_row(
    case: str, verdict: str, mode: str = "eager", suite: str = "forward", **more: Any
) -> dict[str, Any]:
    """Return a verdict row with the fields that these tables read."""
    facts = {"kind": "verdict", "case": case, "suite": suite, "variant": mode, "verdict": verdict, "property": "values"}
    defaults: dict[str, Any] = {"expected": {}, "observed": {}, "checked": [], "measured": {}, "diagnosis": None}
    number = next(_NUMBERS)  # every row needs a check of its own
    return {**facts, **defaults, "known_deviation": None, **more, "case": "b%d%s" % (number, case[case.index("-") :])}


def store_rows(rows: list[dict[str, Any]], **run: Any) -> Store:
    """Return a store with these rows as one run."""
    head = {"kind": "run", "schema": 2, "cell": "a", "subject": "s", "planned": len(rows), "options": {}}
    axes = [list(axis) for axis in ID_PARTS]
    return make_store(
        [ledger.Ledger("a", {**head, "known_deviations": [], "faults": {}, "axes": axes, **run}, rows, {"kind": "end"})]
    )


def _compute_totals(
    rows: list[dict[str, Any]], thinned: dict[str, int], contract: Sequence[str] = ()
) -> list[SuiteTotal]:
    """Return the totals by suite and mode of these rows."""
    store = store_rows(rows, thinned=thinned, contract=list(contract))
    return totals_by_suite_and_mode(store, store.runs[0])


def _support(rows: list[dict[str, Any]]) -> dict[str, dict[str, Support]]:
    """Return the support map of these rows."""
    store = store_rows(rows)
    return support_by_mode_and_layout(store, store.runs[0])


def _rounding(rows: list[dict[str, Any]]) -> list[Rounding]:
    """Return the rounding table of these rows."""
    store = store_rows(rows)
    return rounding_by_dtype(store, store.runs[0])


def test_totals_add_up_by_suite_and_mode() -> None:
    """Every row counts once; a mode that runs on a part of the cases is marked."""
    rows = [
        make_verdict_row(LAST, "agree"),
        make_verdict_row(LAST, "mismatch", "xla"),
        make_verdict_row(LAST, "crashed", "xla", known_deviation="known"),
    ]
    rows += [
        make_verdict_row(LAST, "not-run", suite="gradients"),
        make_verdict_row(LAST, "agree", suite="rejection", property="rejection"),
    ]
    found = {(total.suite, total.variant): total for total in _compute_totals(rows, {"forward xla": 2})}
    assert sum(total.checks for total in found.values()) == len(rows)
    xla = found["forward", "xla"]
    assert (xla.agree, xla.new, xla.known, xla.part) == (0, 1, 1, "1 in 2")
    assert found["gradients", "eager"].lost == 1 and found["rejection", "eager"].refused == 1
    for total in found.values():
        assert total.checks == total.agree + total.refused + total.known + total.new + total.lost


def test_the_checks_of_a_contract_suite_are_one_line() -> None:
    """The line says which variants run on a part of the cases; other suites have a line for each mode."""
    rows = [
        make_verdict_row(LAST, "agree", variant, "shapes", property="inferred-shape")
        for variant in ("compute-output-shape", "symbolic")
    ]
    rows += [make_verdict_row(LAST, "mismatch", "traced", "shapes"), make_verdict_row(LAST, "agree", "xla")]
    thinned = {"shapes symbolic": 4, "shapes traced": 8, "shapes other": 2, "forward xla": 2}
    shapes, forward = _compute_totals(rows, thinned, ["shapes"])
    assert (shapes.suite, shapes.variant, shapes.checks, shapes.agree, shapes.new) == ("shapes", "contract", 3, 2, 1)
    assert shapes.part == "symbolic 1 in 4, traced 1 in 8" and forward.part == "1 in 2"
    assert [total.variant for total in _compute_totals(rows, thinned)] == [
        "compute-output-shape",
        "symbolic",
        "traced",
        "xla",
    ]


def test_the_support_map_counts_known_refusals_as_not_supported() -> None:
    """Support is counted by data_format and dilation; checks that did not run and other suites do not count."""
    rows = [
        make_verdict_row(LAST, "agree"),
        make_verdict_row(LAST, "agree", suite="special"),
        make_verdict_row(FIRST_DILATED, "wrongly-rejected", known_deviation="x"),
    ]
    rows += [
        make_verdict_row(FIRST_DILATED, "agree", "xla"),
        make_verdict_row(FIRST_DILATED, "mismatch", "xla"),
        make_verdict_row(LAST, "not-run", "predict"),
    ]
    found = _support(rows)
    assert found["eager"]["channels_last"] == Support(checks=1, right=1)
    assert found["eager"]["channels_first, dilated"].state == "no" and found["eager"]["channels_first"].state == ""
    assert found["xla"]["channels_first, dilated"].state == "partly" and "predict" not in found


def test_each_answer_in_the_support_map_is_right_wrong_refused_or_died() -> None:
    """Crashes and hangs both count as died."""
    ends = ("agree", "mismatch", "wrongly-rejected", "crashed", "hanged")
    found = _support([make_verdict_row(LAST, verdict) for verdict in ends])["eager"]["channels_last"]
    assert found == Support(checks=5, right=1, wrong=1, refused=1, died=2)


def test_causes_are_sorted_by_severity_and_not_by_number() -> None:
    """Wrong values come before refusals; known deviations and checks that did not run come last."""
    rows = [
        make_verdict_row(LAST, "not-run", observed={"reason": "none"}),
        make_verdict_row(LAST, "mismatch", known_deviation="known"),
    ]
    rows += [
        make_verdict_row(LAST, "wrongly-rejected", observed={"reason": "refused"}, smallest=None) for _ in range(3)
    ]
    rows += [make_verdict_row(LAST, "mismatch", diagnosis="late")]
    empty = {"data": None, "snippet": None}
    entry = {"name": "known", "because": "", "link": ""}
    run = {"device": "CPU:0", "known_deviations": [entry], "backend": "numpy"}
    found = [group.title for group in group_by_cause(store_rows([{**one, **empty} for one in rows], **run))]
    assert found == ["late", "refused", "known", "none"]


def test_the_rounding_table_has_the_largest_error_and_the_alarms_of_each_dtype() -> None:
    """Rows without a measured error do not count, and neither do mismatches, which have causes of their own."""
    rows = [
        make_verdict_row(LAST, "agree", measured={"error_in_u": 0.5}),
        make_verdict_row(LAST, "agree", measured={"error_in_u": 90.0, "alarm": "x"}),
    ]
    rows.append(make_verdict_row(LAST, "mismatch", measured={"error_in_u": 900.0, "alarm": "x"}))
    (found,) = _rounding([*rows, make_verdict_row(FIRST_DILATED, "agree")])
    assert (found.dtype, found.checks, found.largest, found.alarms) == ("float32", 2, 90.0, 1)


def test_the_table_shows_the_versions_of_third_parties() -> None:
    """Their names are written as the projects write them."""
    head = {"subject": "scipy", "scipy": "1.17.1", "onnxruntime": "1.31.1", "onnx": "1.23.2", "numpy": "2.4.6"}
    assert installed_versions(head) == "SciPy 1.17.1, ONNX Runtime 1.31.1"
