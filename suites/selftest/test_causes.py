"""Tests of causes and of the overview: what they count, their first release, the verdict of a run."""

from __future__ import annotations

import sys
from typing import Any

import pytest

if sys.version_info < (3, 11):
    pytest.skip("reports need Python 3.11", allow_module_level=True)

from reports import ledger
from reports.facts.causes import CauseList, make_causes
from reports.facts.changes import ChangesSince
from reports.facts.overview import make_overview
from reports.facts.since_of_run import first_versions
from reports.facts.summary import summarise
from suites.selftest.ledger_stores import make_store
from suites.selftest.ledgers import CASES, make_failing_row, make_ledger, make_row

ENTRY = {
    "name": "k",
    "because": "It adds the bias late.",
    "link": "https://github.com/keras-team/keras/issues/1",
    "when": "dtype == 'bfloat16' and not rules",
    "versions": {"keras": ">=3.7,<3.16", "tensorflow": ">=2.16"},
    "isa": [],
    "processor": [],
    "cause": "late-bias",
    "title": "The bias is late",
    "severity": "wrong-values",
    "owner": "Keras",
}


def causes_of(*rows: dict[str, Any], since: ChangesSince | None = None, **run: Any) -> CauseList:
    """Return the causes of a run with these rows."""
    made = make_ledger("one", rows, **run)
    if "covered" in run:
        made.end = {**(made.end or {}), "covered": made.run.pop("covered")}
    store = make_store([made])
    return make_causes(summarise(store, since=since).groups, store, since)


def test_a_cause_joins_the_properties_that_fail_for_it() -> None:
    """It counts the checks of all of them, beside those that ran in its region."""
    rows = [
        make_failing_row(known_deviation="k"),
        make_failing_row(property="gradient", suite="gradients", known_deviation="k"),
        make_row(CASES[1]),
    ]
    (cause,) = causes_of(*rows, known_deviations=[ENTRY], covered={"late-bias": 5}).known
    assert (cause.title, cause.failing, cause.inside, len(cause.groups)) == ("The bias is late", 2, 5, 2)
    assert (cause.where, cause.owner, cause.since.first) == (
        "bfloat16",
        "Keras",
        "listed from Keras 3.7, TensorFlow 2.16",
    )
    assert cause.anchor == "cause=the-bias-is-late" and not cause.since.new
    words = {"mismatch, property values, suite forward": 1, "mismatch, property gradient, suite gradients": 1}
    assert cause.shown_as == words
    (without,) = causes_of(*rows, known_deviations=[ENTRY]).known
    assert without.inside is None


def test_a_cause_without_a_region_says_what_its_cases_share() -> None:
    """A run that was cut has searched none, and neither has one of named cases."""
    died: dict[str, Any] = {"verdict": "crashed", "observed": {"reason": "the process died of SIGSEGV"}}
    cases = [CASES[0], CASES[1].replace("-float32", "-bfloat16")]
    assert "valid" in CASES[0] and "float32" in CASES[0]
    for chosen, where in (
        (cases[:1], "one case: 2-D, input 2x4, channels 1, filters 1, kernel 2x2, padding valid, float32"),
        (
            cases,
            "2 cases, all of them 2-D, channels 1, filters 1, kernel 2x2, padding valid; no region was searched",
        ),
    ):
        made = make_ledger("one", [make_row(case, **died) for case in chosen], planned=9)
        made.end = None
        store = make_store([made])
        (cause,) = make_causes(summarise(store).groups, store).unlisted
        assert cause.where == where


def test_first_versions_are_the_least_that_a_range_allows() -> None:
    """A range without a beginning has none."""
    assert first_versions(["keras >=3.10", "keras >=3.7,<3.16, tensorflow >=2.16"]) == "Keras 3.7, TensorFlow 2.16"
    assert first_versions(["keras <3"]) == ""


def test_only_a_run_with_an_earlier_one_has_new_causes() -> None:
    """Good before, not checked before, and no earlier run are different."""
    title = ledger.cause(make_failing_row())
    good = ChangesSince({}, [], [], causes_new=frozenset({title}))
    other = ChangesSince({}, [], [], causes_of_new_checks=frozenset({title}))
    found = {
        name: causes_of(make_failing_row(), since=since).unlisted[0].since
        for name, since in (("none", None), ("good", good), ("other", other), ("same", ChangesSince({}, [], [])))
    }
    assert found["none"].before == "no earlier run was given" and not found["none"].new
    assert (found["good"].before, found["good"].new) == ("good in the previous run", True)
    assert (found["other"].before, found["other"].new) == ("not checked before", False)
    assert found["same"].first == "the previous run or earlier" and not found["same"].new
    store = make_store([make_ledger("one", [make_failing_row()])])
    assert " new" not in make_overview(summarise(store), store).verdict


def test_a_first_bad_release_differs_from_one_that_was_not_checked_before() -> None:
    """In a line of releases, the cell before the first bad one is good, not checked, or does not exist."""
    bad, good, elsewhere = make_failing_row(), make_row(CASES[0]), make_row(CASES[1])
    for rows, before in (
        ([good, bad], "good in v0"),
        ([elsewhere, bad], "not checked in earlier releases"),
        ([good, elsewhere, bad], "not checked in v1, good in v0"),
        ([bad], "no earlier release on this page"),
    ):
        runs = [make_ledger("v%d" % place, [one], keras="3.%d.0" % place) for place, one in enumerate(rows)]
        runs.append(make_ledger("x", [elsewhere], backend="jax"))
        store = make_store(runs)
        (cause,) = make_causes(summarise(store).groups, store).unlisted
        assert (cause.since.first, cause.since.before) == ("v%d" % (len(rows) - 1), before)
        states = {cell.name: cell.state for cell in cause.track.cells}
        assert states["v%d" % (len(rows) - 1)] == "unlisted" and states["x"] == "unchecked"


def test_the_verdict_counts_causes_first() -> None:
    """An incomplete run says so before everything else."""
    for rows, verdict in (
        ([make_row(CASES[0])], "Everything agrees: 1 checks."),
        ([make_failing_row()], "1 unlisted cause fails 1 of 1 checks: 1 with silently wrong numbers."),
        (
            [make_failing_row(known_deviation="k")],
            "Nothing unexpected. 1 known cause, among them 1 with silently wrong numbers.",
        ),
    ):
        store = make_store([make_ledger("one", rows, known_deviations=[ENTRY])])
        assert make_overview(summarise(store), store).verdict == verdict
    cut = make_ledger("one", [make_row(CASES[0])], planned=9)
    cut.end = None
    store = make_store([cut])
    verdict = make_overview(summarise(store), store).verdict
    assert verdict.startswith("The run is incomplete: 8 of 9 checks")
    assert verdict.endswith(". Nothing unexpected in the checks that ran.")


def test_a_run_that_has_all_answers_and_no_end_says_that_it_has_not_ended() -> None:
    """Its checks are all answered, and what comes at the end is missing."""
    cut = make_ledger("one", [make_row(CASES[0])])
    cut.end = None
    store = make_store([cut])
    assert make_overview(summarise(store), store).verdict.startswith("The run is incomplete: it has not ended.")


def test_a_fault_that_the_suite_put_on_comes_first_and_has_no_issue() -> None:
    """Nobody should file what is meant to fail."""
    for subject, faulty in (("keras3", False), ("keras3:crop-other-side", True)):
        store = make_store([make_ledger("one", [make_failing_row()], subject=subject)])
        found = make_overview(summarise(store), store)
        assert found.verdict.startswith("The suite put the named fault crop-other-side on keras3:") == faulty
        assert bool(found.issues) != faulty
        assert found.no_owner == ("the named fault" if faulty else "no owner yet")


def test_a_process_death_stands_beside_silently_wrong_numbers() -> None:
    """Both are never folded, and the death comes first."""
    entries = [{**ENTRY, "name": name, "title": name, "severity": name} for name in ("wrong-values", "process-death")]
    rows = [make_row(case, "crashed", known_deviation=entry["name"]) for case, entry in zip(CASES, entries)]
    store = make_store([make_ledger("one", rows, known_deviations=entries)])
    found = make_causes(summarise(store).groups, store)
    assert [cause.title for cause in found.grave] == ["process-death", "wrong-values"] and not found.others


def test_a_region_without_conditions_names_its_checks_of_the_contract() -> None:
    """The words "any configuration" are no help for a form of an argument; it stays for suites that compute."""
    entries = [{**ENTRY, "when": "True"}, {**ENTRY, "name": "other", "when": "filters == 0"}]
    rows = [
        make_failing_row(suite="arguments", variant="filters.zero", known_deviation="k"),
        make_failing_row(property="rejection", suite="rejection", known_deviation="other"),
    ]
    (cause,) = causes_of(*rows, known_deviations=entries, contract=["arguments"]).known
    assert cause.where == "check filters.zero; or filters = 0"
    (cause,) = causes_of(*rows, known_deviations=entries, contract=[]).known
    assert cause.where == "any configuration; or filters = 0"


def test_a_long_region_is_short_in_a_table() -> None:
    """The table has what the cases have in common, and the cause has all conditions."""
    when = " or ".join("(filters == %d and channels == %d)" % (number, number + 1) for number in range(1, 12))
    (cause,) = causes_of(
        make_failing_row(known_deviation="k"), make_row(CASES[1]), known_deviations=[{**ENTRY, "when": when}]
    ).known
    assert len(cause.where_in_full) > 160 and "filters = 11 and channels = 12" in cause.where_in_full
    assert cause.where.startswith("one case") and cause.where.endswith(", in a region of many conditions")
