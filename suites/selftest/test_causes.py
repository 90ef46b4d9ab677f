"""Tests of what the first screen says: regions in words, titles, causes with their first release, the verdict."""

from __future__ import annotations

import re
import sys
from typing import Any

import pytest

if sys.version_info < (3, 11):
    pytest.skip("reports need Python 3.11", allow_module_level=True)

from fixtures.deviations import KNOWN_DEVIATIONS, read_deviations
from fixtures.deviations import SEVERITIES as SEVERITIES_OF_CAUSES
from reports import ledger
from reports.facts.causes import CauseList, make_causes
from reports.facts.changes import ChangesSince
from reports.facts.numbers import date_in_words, number_in_words, significant_digits
from reports.facts.overview import make_overview
from reports.facts.region_words import common_region, region_in_words, short_region
from reports.facts.since_of_run import first_versions
from reports.facts.summary import summarise
from reports.facts.titles import COUNTED, SEVERITIES, WORDS, severity_of_row, title_of_row
from suites.selftest.ledger_stores import make_store
from suites.selftest.ledgers import CASES, make_ledger, make_row

FAULTS = {"late": "everything lands late", "early": "everything lands early"}
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


@pytest.mark.parametrize(
    ("when", "words"),
    [
        (
            "dtype == 'bfloat16' and data_format == 'channels_last' and padding == 'same'",
            "bfloat16, channels_last, padding same",
        ),
        ("not rules and use_bias and 1 < filters == output_size[-1]", "with a bias, filters = output width > 1"),
        ("rules == ['R8'] and variant != 'xla'", "breaks rule R8, not mode xla"),
        ("rules == ['R5', 'R8']", "breaks rules R5 and R8"),
        ("'R6' in rules and 'R3' not in rules", "breaks rule R6, does not break rule R3"),
        ("rank == 2 and size[-1] == 1 and kernel_size[0] % 2 == 0", "2-D, input width = 1, even kernel height"),
        ("suite == 'special' and (max(dilation_rate) > 1 or rank == 3)", "NaN and infinities, dilated or 3-D"),
        ("not (use_bias and rank == 1)", "not (with a bias and 1-D)"),
        ("size[0] <= dilation_rate[0] // 2", "input height at most height dilation / 2"),
        ("padding == 'same' and any(l > s for l, s in zip(lost, strides))", "padding same, crop > stride on some axis"),
        ("not any(l % 2 == 1 for l in lost)", "not (odd crop on some axis)"),
        (
            "all(m == (k if padding == 'valid' else 1) for m, s, k in zip(output_size, strides, kernel_size) if s > 1)",
            "output length = (kernel length if padding valid, else 1) on every axis with stride > 1",
        ),
        ("max(l // 2 for l in lost) >= 5", "the largest crop // 2 at least 5"),
        ("any(old in variant for old in ('.keras-3.3.', '.keras-3.4.'))", "checks named keras-3.3 or keras-3.4"),
        ("'.json.' not in variant", "not checks named json"),
        ("use_bias and sum(size) == 3 == 3", "with a bias, 1 more condition"),
        ("sum(size) == 3 == 3", "sum(size) == 3 == 3"),
        ("True", ""),
    ],
)
def test_a_region_is_in_words(when: str, words: str) -> None:
    """Clauses without words are counted and not lost; one that is the whole region stands as it is."""
    assert short_region(region_in_words(when)) == words


def test_every_predicate_of_the_known_deviations_keeps_all_its_clauses() -> None:
    """A clause that is code stands unchanged in the full list; an expression that cannot be parsed stays as it is."""
    for entry in read_deviations(KNOWN_DEVIATIONS):
        assert all(region_in_words(entry.when)), entry.name
    assert region_in_words("a ==") == ["a =="]
    assert region_in_words("any(l > x for l, x in zip(lost, (1, 2)))") == ["any((l > x for l, x in zip(lost, (1, 2))))"]


def test_the_region_of_several_predicates_is_what_they_share() -> None:
    """Further clauses of one of them are announced."""
    both = common_region(["use_bias and rank == 2", "use_bias and rank == 3"])
    assert both == (["with a bias"], True)
    assert short_region(*both) == "with a bias, further conditions by suite or mode"
    assert common_region(["use_bias"]) == (["with a bias"], False)


def row(verdict: str = "mismatch", property: str = "values", **more: Any) -> dict[str, Any]:
    """Return a row that deviates."""
    return make_row(CASES[0], verdict, property=property, **more)


@pytest.mark.parametrize(
    ("given", "title", "severity"),
    [
        (row(diagnosis="late"), "Everything lands late", "wrong-values"),
        (row(diagnosis="late + early"), "Everything lands late, and everything lands early", "wrong-values"),
        (
            row(diagnosis="index_map: (+1, 0)"),
            "Products of input and kernel land in wrong output cells",
            "wrong-values",
        ),
        (row(), "Output values are not those of the definition", "wrong-values"),
        (row(property="shape"), "The output has a wrong shape", "wrong-shape"),
        (
            row(property="gradient", observed={"array": "dbias"}),
            "The gradient with respect to the bias is wrong",
            "wrong-values",
        ),
        (
            row(
                property="locality",
                expected={"entries": [{"at": [0], "value": 1.0}]},
                observed={"entries": [{"at": [0], "value": "nan"}]},
            ),
            "A NaN or an infinity spreads to cells it should not reach",
            "wrong-values",
        ),
        (
            row(
                property="locality",
                expected={"entries": [{"at": [0], "value": "inf"}]},
                observed={"entries": [{"at": [0], "value": 1.0}]},
            ),
            "A NaN or an infinity is lost before it reaches its cells",
            "wrong-values",
        ),
        (
            row("crashed", observed={"reason": "the process died of SIGSEGV"}),
            "The process dies of SIGSEGV",
            "process-death",
        ),
        (row("hanged", observed={"reason": "no answer"}), "The call does not end", "process-death"),
        (
            row(
                "wrongly-rejected", "rejection", observed={"stage": "call", "error": "ValueError", "message": "boo 12"}
            ),
            "Valid layers are refused when they are called (ValueError)",
            "refused-although-valid",
        ),
        (
            row("wrongly-accepted", "rejection", expected={"because": "strides=0 means nothing"}),
            "Accepted although strides=0 means nothing",
            "accepted-although-invalid",
        ),
        (
            row(
                "unclear-rejection", "rejection", observed={"stage": "call", "error": "TypeError", "message": "boo 12"}
            ),
            "Refused without a clear message (TypeError)",
            "unclear-refusal",
        ),
    ],
)
def test_a_title_says_what_goes_wrong(given: dict[str, Any], title: str, severity: str) -> None:
    """It has no slug, no message, and no "no named fault explains it"."""
    assert title_of_row(given, FAULTS, False) == title
    assert severity_of_row(given) == severity
    assert title_of_row(given, FAULTS, True).startswith(title)
    assert "boo" not in title and "no named fault" not in title


def test_every_severity_has_words_and_counts() -> None:
    """The severities are those of the causes of known deviations, and two of the page's own."""
    assert SEVERITIES == SEVERITIES_OF_CAUSES
    assert set(COUNTED) == set(WORDS) == {*SEVERITIES, "suite-bug", "not-run"}


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
        row(known_deviation="k"),
        row(property="gradient", suite="gradients", known_deviation="k"),
        make_row(CASES[1]),
    ]
    (cause,) = causes_of(*rows, known_deviations=[ENTRY], covered={"late-bias": 5}).known
    assert (cause.title, cause.failing, cause.inside, len(cause.groups)) == ("The bias is late", 2, 5, 2)
    assert (cause.where, cause.owner, cause.since.first) == ("bfloat16", "Keras", "Keras 3.7, TensorFlow 2.16")
    assert cause.anchor == "cause=the-bias-is-late" and not cause.since.new
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


def test_no_known_deviation_has_a_region_without_words() -> None:
    """Each says at least one condition, unless it holds everywhere."""
    for entry in read_deviations(KNOWN_DEVIATIONS):
        words = short_region(region_in_words(entry.when))
        assert not re.match(r"\d+ more condition", words), entry.name


def test_first_versions_are_the_least_that_a_range_allows() -> None:
    """A range without a beginning has none."""
    assert first_versions(["keras >=3.10", "keras >=3.7,<3.16, tensorflow >=2.16"]) == "Keras 3.7, TensorFlow 2.16"
    assert first_versions(["keras <3"]) == ""


def test_only_a_run_with_an_earlier_one_has_new_causes() -> None:
    """Good before, not checked before, and no earlier run are different."""
    title = ledger.cause(row())
    good = ChangesSince({}, [], [], causes_new=frozenset({title}))
    other = ChangesSince({}, [], [], causes_of_new_checks=frozenset({title}))
    found = {
        name: causes_of(row(), since=since).unlisted[0].since
        for name, since in (("none", None), ("good", good), ("other", other), ("same", ChangesSince({}, [], [])))
    }
    assert found["none"].before == "no earlier run was given" and not found["none"].new
    assert (found["good"].before, found["good"].new) == ("good in the previous run", True)
    assert (found["other"].before, found["other"].new) == ("not checked before", False)
    assert found["same"].first == "the previous run or earlier" and not found["same"].new
    store = make_store([make_ledger("one", [row()])])
    assert " new" not in make_overview(summarise(store), store).verdict


def test_a_first_bad_release_differs_from_one_that_was_not_checked_before() -> None:
    """In a line of releases, the cell before the first bad one is good, not checked, or does not exist."""
    bad, good, elsewhere = row(), make_row(CASES[0]), make_row(CASES[1])
    for rows, before in (
        ([good, bad], "good in v0"),
        ([elsewhere, bad], "not checked in earlier releases"),
        ([good, elsewhere, bad], "not checked in v1, good in v0"),
        ([bad], "no earlier release was checked"),
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
        ([row()], "1 unlisted cause fails 1 of 1 checks: 1 with silently wrong numbers."),
        ([row(known_deviation="k")], "Nothing unexpected. 1 known cause, among them 1 with silently wrong numbers."),
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
        store = make_store([make_ledger("one", [row()], subject=subject)])
        found = make_overview(summarise(store), store)
        assert found.verdict.startswith("The suite put the named fault crop-other-side on keras3:") == faulty
        assert bool(found.issues) != faulty


def test_a_process_death_stands_beside_silently_wrong_numbers() -> None:
    """Both are never folded, and the death comes first."""
    entries = [{**ENTRY, "name": name, "title": name, "severity": name} for name in ("wrong-values", "process-death")]
    rows = [make_row(case, "crashed", known_deviation=entry["name"]) for case, entry in zip(CASES, entries)]
    store = make_store([make_ledger("one", rows, known_deviations=entries)])
    found = make_causes(summarise(store).groups, store)
    assert [cause.title for cause in found.grave] == ["process-death", "wrong-values"] and not found.others


def test_numbers_and_dates_are_written_for_people() -> None:
    """Two numbers that differ are never written alike."""
    assert (significant_digits(0.031622776), significant_digits(1234.5)) == ("0.0316", "1,230")
    assert (number_in_words(21.0), number_in_words("nan"), number_in_words(0.1 + 0.2)) == ("21", "nan", "0.3")
    assert number_in_words(0.1 + 0.2, 0.3) != number_in_words(0.3, 0.1 + 0.2)
    assert date_in_words("2026-11-29T21:27:58+00:00") == "29 November 2026, 21:27 UTC"
    assert date_in_words("now") == "now"
