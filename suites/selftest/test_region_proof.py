"""Tests of proofs of regions: further cases refute a wrong region, and the search then finds the right one."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from fixtures.cases import array_cache
from fixtures.cases.tiers import cases_of_tier
from fixtures.check import Check
from fixtures.deviations.suggest import failure_groups, region_proof
from fixtures.deviations.suggest.alternative_predicates import DECIDING, find_deciding_checks, yield_alternatives
from fixtures.deviations.suggest.counterexamples import (
    find_checks_outside,
    find_covered_checks,
    find_new_neighbours,
)
from fixtures.deviations.suggest.failure_groups import FURTHER, Pool, Row, find_group_again, group_failing_rows
from fixtures.deviations.suggest.neighbours import estimate_work
from fixtures.deviations.suggest.region_proof import ROUNDS, CheckImpossible, ConfirmedGroup, prove_regions
from fixtures.deviations.suggest.regions_of_group import find_regions_of_group
from fixtures.frameworks.adapter import Setting, load_subject
from fixtures.run import check_run
from fixtures.run.check_run import run_check
from fixtures.suite_registry import is_checked
from suites.selftest.numpy_layer_ledgers import LIGHT
from suites.selftest.sample_cause import RUN, evaluations_of_subject
from suites.selftest.toy_layer import COMPUTED, DILATED, holds, make_pool, make_toy_layer


@pytest.fixture(autouse=True)
def _compute_once_what_depends_on_no_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the searches of this module share the values of atoms, and the checks share data and references."""
    monkeypatch.setattr(array_cache, "ENTRIES", 2000)
    monkeypatch.setattr(failure_groups, "AtomEvaluations", lambda subject: evaluations_of_subject("numpy_layer"))


def differences(proved: ConfirmedGroup, when: str) -> list[str]:
    """Return the ids of the cases for which the region that was found and the true predicate differ."""
    found = proved.regions[0].when
    return [case.id for case in COMPUTED if holds(found, case) != holds(when, case)]


def test_a_region_that_was_never_checked_inside_is_corrected() -> None:
    """If only dilated or strided cases were checked, strides of 1 look like the cause; further cases find dilation."""
    ask = make_toy_layer(DILATED)
    checked_cases = [case for case in COMPUTED if max(case.strides) > 1 or max(case.dilation_rate) > 1]
    (group,) = group_failing_rows(make_pool(ask, checked_cases))
    before = find_regions_of_group(group)[0].when
    assert "max(strides) == 1" in before and "dilation" not in before
    proved = prove_regions(group, ask)
    assert proved.regions[0].when == DILATED and differences(proved, DILATED) == []
    inside, outside = proved.proof.inside, proved.proof.outside
    assert (
        proved.proof.proved and inside.checks == inside.failing >= 12 and outside.checks >= 12 and not outside.failing
    )
    further = [row for row in group.pool.rows if row["kind"] == FURTHER]
    assert len(further) == inside.checks + outside.checks
    checks = {(row["case"], row["suite"], row["variant"]) for row in group.pool.rows}
    assert len(checks) == len(group.pool.rows), "a check was run twice"


def test_failing_cases_outside_a_region_widen_it() -> None:
    """If dilation was checked with float16 only, the dtype looks like the cause; further cases find dilation."""
    when = "max(dilation_rate) > 1"
    ask = make_toy_layer(when)
    (group,) = group_failing_rows(
        make_pool(ask, [c for c in COMPUTED if (c.dtype == "float16") == (max(c.dilation_rate) > 1)])
    )
    assert find_regions_of_group(group)[0].when == "dtype == 'float16'"
    proved = prove_regions(group, ask)
    assert proved.proof.proved and differences(proved, when) == []


def test_a_region_about_the_last_axis_is_refuted_by_the_same_condition_on_another_axis() -> None:
    """The light cases alone say that only the last axis matters, and neighbours without the condition do not refute it.

    The toy layer fails where the length that output_padding asks for differs from the length without output_padding.
    """
    shorter = "any(m < n * s for n, s, m in zip(size, strides, output_size))"
    longer = "any(m > n * s and l < 0 for n, s, m, l in zip(size, strides, output_size, lost))"
    ask = make_toy_layer("%s or %s" % (shorter, longer))
    light = [c for c in LIGHT if max(c.size) < 20 and is_checked(Check("forward", c, "eager"), "numpy_layer")]
    (group,) = group_failing_rows(make_pool(ask, light))
    region = find_regions_of_group(group)[0]
    assert region.when.endswith("and output_size[-1] != size[-1] * strides[-1]")
    outside = find_checks_outside(group, region, find_new_neighbours(group, region))
    assert not any(find_covered_checks(group, region, outside))
    assert any(ask(check)["verdict"] == "wrongly-rejected" for check in outside)


def test_checks_that_decide_between_predicates_refute_a_wrong_one() -> None:
    """An alternative that fits the rows as well predicts another result there, so one of the two is wrong."""
    ask = make_toy_layer(DILATED)
    checked_cases = [case for case in COMPUTED if max(case.strides) > 1 or max(case.dilation_rate) > 1]
    (group,) = group_failing_rows(make_pool(ask, checked_cases))
    region = find_regions_of_group(group)[0]
    deciding = find_deciding_checks(group, region, find_new_neighbours(group, region))
    assert 1 < len(deciding) == len(set(deciding)) <= DECIDING
    assert [ask(check)["verdict"] != "agree" for check in deciding] != find_covered_checks(group, region, deciding)


@pytest.mark.parametrize(
    ("when", "step"),
    [
        ("data_format == 'channels_first' and compute_dtype == 'float16'", 25),
        ("data_format == 'channels_first' and compute_dtype == 'float16'", 10),
        ("use_bias and padding == 'same' and max(strides) > 1", 25),
        ("activation == 'relu' and kernel_size[-1] == 1", 1),
        (DILATED, 10),
    ],
)
def test_further_cases_find_the_true_predicate_from_few_checks(when: str, step: int) -> None:
    """The search on these few cases alone gives a wrong predicate."""
    ask = make_toy_layer(when)
    (group,) = group_failing_rows(make_pool(ask, COMPUTED[::step]))
    before = find_regions_of_group(group)[0].when
    assert before.split(" and ") != when.split(" and ")
    proved = prove_regions(group, ask)
    assert proved.proof.proved, proved.proof.to_text()
    assert differences(proved, when) == [], proved.regions[0].when


@pytest.mark.parametrize(
    ("fault", "first"), [("output-padding-ignored", 1), ("shifted-for-kernel-3-stride-2", 0), ("bias-missing", 0)]
)
def test_the_region_of_a_fault_also_holds_for_cases_that_were_not_checked(
    fault: str, first: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The region comes from a third of the smoke tier; the NumPy layer with the fault fails on exactly its cases."""
    monkeypatch.setattr(check_run, "explain_mismatch", lambda wrong, *_: replace(wrong.verdict, diagnosis=fault))
    numpy_layer = load_subject("numpy_layer:" + fault, Setting())

    def ask(check: Check) -> dict[str, Any]:
        verdict = run_check(check, numpy_layer, "CPU:0").to_row()
        facts = {"kind": "verdict", **check.to_row()}
        return {**facts, **verdict, "known_deviation": None}

    smoke = [
        case
        for case in cases_of_tier("smoke")
        if is_checked(Check("forward", case, "eager"), "numpy_layer") and max(case.size) < 20
    ][first::3]
    (group,) = group_failing_rows(
        Pool({**RUN, "subject": "numpy_layer:" + fault}, [ask(Check("forward", c, "eager")) for c in smoke])
    )
    proved = prove_regions(group, ask)
    assert proved.proof.proved, proved.proof.to_text()
    seen = set()
    for case in (case for case in COMPUTED[::8] if estimate_work(case) <= 2000):  # the others take most of the time
        fails = ask(Check("forward", case, "eager"))["verdict"] != "agree"
        assert holds(proved.regions[0].when, case) == fails, case.id
        seen.add(fails)
    assert seen == {True, False}


def test_a_region_that_covers_passing_cases_is_never_proved() -> None:
    """The layer passes some cases that no predicate describes. In the last round, none of them is checked."""
    failing, right = make_toy_layer("True"), make_toy_layer("False")

    def ask(check: Check) -> dict[str, Any]:
        return (failing if int(check.case.hash[:6], 16) % 19 else right)(check)

    (group,) = group_failing_rows(make_pool(ask, COMPUTED[::60]))
    proved = prove_regions(group, ask)
    assert proved.group.passing and proved.regions[0].when == "True"
    assert proved.proof.reason == "it covers cases that pass" and len(group.pool.rows) < 24 * ROUNDS


def test_a_region_about_a_mode_is_evaluated_on_checks_of_one_mode() -> None:
    """A round may have further checks of one mode only."""
    layers = {"eager": make_toy_layer("max(strides) > 1"), "graph": make_toy_layer("max(dilation_rate) > 1")}

    def ask(check: Check) -> dict[str, Any]:
        return layers[check.variant](check)

    rows: list[Row] = [ask(Check("forward", case, mode)) for case in COMPUTED[::5] for mode in layers]
    (group,) = group_failing_rows(Pool(RUN, rows))
    region = find_regions_of_group(group)[0]
    assert "variant == " in region.when
    one_mode = [Check("forward", case, "eager") for case in COMPUTED]
    assert find_covered_checks(group, region, one_mode) == [ask(one)["verdict"] != "agree" for one in one_mode]
    assert find_covered_checks(group, region, []) == []


def test_an_alternative_predicate_covers_the_failing_rows_and_no_passing_one() -> None:
    """This region has two terms, and each has two atoms. An alternative has another atom in place of one."""
    when = "max(dilation_rate) > 1 and use_bias or activation == 'relu' and padding == 'same'"
    (group,) = group_failing_rows(make_pool(make_toy_layer(when), COMPUTED[::2]))
    region = find_regions_of_group(group)[0]
    assert [len(term) for term in region.terms] == [2, 2]
    found = list(yield_alternatives(group, region))
    assert [number for number, _, _ in found] == [0, 0, 1, 1]
    assert all(sum(len(atoms) for term, _, atoms in found if term == number) > 5 for number in (0, 1))
    checked = [[Check.from_row(row) for row in rows] for rows in (group.rows, group.passing)]
    for number, rest, atoms in found:
        assert len(rest) == 1 and not set(atoms) & (set(region.terms[number]) - set(rest))
        for atom in [*atoms[:5], *atoms[-5:]]:
            other = replace(region, terms=(*region.terms[:number], (*rest, atom), *region.terms[number + 1 :]))
            assert all(find_covered_checks(group, other, checked[0])), atom.text
            assert not any(find_covered_checks(group, other, checked[1])), atom.text
        sizes = [(atom.size, atom.cost) for atom in atoms]
        assert sizes == sorted(sizes)


def test_an_unproved_region_has_a_reason() -> None:
    """There may be no subject, no answer, passing cases inside, no further case inside, or a check of the contract."""
    ask = make_toy_layer(DILATED)

    def group_of(**changes: Any) -> Any:
        rows = [{**ask(Check("forward", case, "eager")), **changes} for case in COMPUTED if holds(DILATED, case)]
        passing = [ask(Check("forward", case, "eager")) for case in COMPUTED if not holds(DILATED, case)]
        return group_failing_rows(Pool(RUN, [*rows, *passing[:40]]))[0]

    def refuse(check: Check) -> dict[str, Any]:
        raise CheckImpossible("it is late")

    def elsewhere(check: Check) -> dict[str, Any]:
        return {**ask(check), "verdict": "hanged", "property": "values", "observed": {}}

    assert prove_regions(group_of(), None).proof.reason == "no further cases were checked"
    assert prove_regions(group_of(), refuse).proof.to_text() == "not proved (it is late)"
    assert "time limit" in prove_regions(group_of(verdict="hanged"), ask).proof.reason
    assert "no further case inside" in prove_regions(group_of(), elsewhere).proof.reason
    varies = group_of()
    varies.pool.rows += [{**row, "verdict": "agree"} for row in varies.rows[:1]]
    assert prove_regions(find_group_again(varies), ask).proof.reason == "it covers cases that pass"
    contract = {
        "suite": "promises",
        "variant": "losses",
        "verdict": "mismatch",
        "property": "signature",
        "observed": {},
    }
    assert "contract" in prove_regions(group_of(**contract), ask).proof.reason


def test_a_refuted_region_is_replaced_although_the_time_ran_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """The reported region is not the refuted one, and its proof says that the time ran out."""
    ask = make_toy_layer(DILATED)
    checked_cases = [case for case in COMPUTED if max(case.strides) > 1 or max(case.dilation_rate) > 1]
    (group,) = group_failing_rows(make_pool(ask, checked_cases))
    before, left = find_regions_of_group(group)[0].when, [12]

    def limited(check: Check) -> dict[str, Any]:
        left[0] -= 1
        if left[0] < 0:
            raise CheckImpossible("it is late")
        return ask(check)

    proved = prove_regions(group, limited)
    assert proved.regions[0].when != before and proved.proof.reason == "it is late"
    monkeypatch.setattr(region_proof, "ROUNDS", 1)
    (group,) = group_failing_rows(make_pool(ask, checked_cases))
    assert prove_regions(group, ask).proof.reason == "refuted 1 times"
