"""Tests of the tables of refusals: by stage and class in one run, and along the releases."""

from __future__ import annotations

import sys
from typing import Any

import pytest

if sys.version_info < (3, 11):
    pytest.skip("reports need Python 3.11", allow_module_level=True)

from reports.facts.refusals import find_refusals, refusals_along_releases
from suites.selftest.contract_rows import CASE, OTHER, make_contract_row, make_ledger_of_rows, make_refusal_row


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
