"""Tests of the order of a run: breadth first, so that a fault of any suite shows early."""

from __future__ import annotations

from fixtures.cases.quick import read_quick_tier
from fixtures.cases.tiers import cases_of_tier
from fixtures.fault_matrix.first_failure import BREADTH_FIRST, BY_SUITE, find_first_failures, percentile
from fixtures.fault_matrix.measured_checks import read_measurements
from fixtures.run.order import order_checks
from fixtures.suite_registry import CONTRACT, HYPOTHESIS, MIGRATION, is_skipped, select_checks, suites

CHECKS = [
    check
    for suite in suites()
    for case in cases_of_tier("smoke")
    for check in select_checks(suite, case, "numpy_layer", ("eager", "graph"), (CONTRACT, HYPOTHESIS))
    if not is_skipped(check, "eager", "smoke")
]
ORDERED = [CHECKS[position] for position in order_checks(CHECKS, "eager")]
IN_RUN = frozenset(CHECKS)
FIRST = [check for check in read_quick_tier().first if check in IN_RUN]


def test_every_check_runs_once() -> None:
    """The order is a permutation, also of an empty run."""
    assert sorted(order_checks(CHECKS, "eager")) == list(range(len(CHECKS)))
    assert list(order_checks([], "eager")) == []


def test_the_first_checks_of_the_quick_tier_come_first() -> None:
    """They keep the order of the choice."""
    assert len(FIRST) > 20 and ORDERED[: len(FIRST)] == FIRST


def test_every_suite_begins_early() -> None:
    """Suite by suite, the last one begins after all others have ended."""
    begins = {
        suite: next(n for n, check in enumerate(ORDERED) if check.suite == suite)
        for suite in suites()
        if suite != MIGRATION
    }
    drawn = begins.pop(HYPOTHESIS)  # a property takes as long as many checks
    assert max(begins.values()) < len(CHECKS) // 8 and drawn < len(CHECKS)


def test_the_checks_of_a_case_stay_together() -> None:
    """They share the arrays of the reference; only checks of the contract come in between."""
    computed = [check.case for check in ORDERED[len(FIRST) :] if suites()[check.suite].variants_of is None]
    changes = sum(one != other for one, other in zip(computed, computed[1:]))
    assert changes == len(set(computed)) - 1


def test_the_order_depends_on_nothing_but_the_checks() -> None:
    """A shard of the checks has the order of the whole."""
    part = [check for check in CHECKS if int(check.case.hash, 16) % 3 == 0]
    members = set(part)
    inside = [check for check in ORDERED if check in members]
    ordered = [part[position] for position in order_checks(part, "eager")]
    orders = [[check for check in every if suites()[check.suite].variants_of is None] for every in (ordered, inside)]
    assert orders[0] == orders[1]


def test_breadth_first_shows_faults_earlier_than_suite_by_suite() -> None:
    """After fewer checks, half of the faults have shown, and so have 95 percent of them."""
    before, after = (find_first_failures(read_measurements(), "standard", order) for order in (BY_SUITE, BREADTH_FIRST))
    assert set(before.checks) == set(after.checks) and len(after.checks) > 100
    for percent in (50, 95):
        late, early = (percentile(list(found.checks.values()), percent) for found in (before, after))
        assert early < 200 and early * 10 < late


def test_percentiles_are_of_the_values() -> None:
    """They are the least value that so many do not exceed."""
    assert [percentile([4, 1, 3, 2], percent) for percent in (50, 95, 100)] == [2, 4, 4]
    assert percentile([7], 50) == 7
