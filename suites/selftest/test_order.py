"""Tests of the order of a run: breadth first, so that a fault of any suite shows early."""

from __future__ import annotations

from typing import NamedTuple, Sequence

import pytest

from fixtures.cases.quick import read_quick_tier
from fixtures.cases.tiers import cases_of_tier
from fixtures.check import Check
from fixtures.fault_matrix.first_failure import BREADTH_FIRST, BY_SUITE, find_first_failures, percentile
from fixtures.fault_matrix.measured_checks import read_measurements
from fixtures.run.order import order_checks
from fixtures.suite_registry import CONTRACT, HYPOTHESIS, MIGRATION, is_skipped, select_checks, suites


class Run(NamedTuple):
    """The checks of a run as they are selected, in the order of the run, and those that come first."""

    checks: Sequence[Check]
    ordered: Sequence[Check]
    first: Sequence[Check]


@pytest.fixture(scope="module")
def run() -> Run:
    """Return a run of the smoke tier in two modes."""
    checks = [
        check
        for suite in suites()
        for case in cases_of_tier("smoke")
        for check in select_checks(suite, case, "numpy_layer", ("eager", "graph"), (CONTRACT, HYPOTHESIS))
        if not is_skipped(check, "eager", "smoke")
    ]
    ordered = [checks[position] for position in order_checks(checks, "eager")]
    in_run = frozenset(checks)
    return Run(checks, ordered, [check for check in read_quick_tier().first if check in in_run])


def test_every_check_runs_once(run: Run) -> None:
    """The order is a permutation, also of an empty run."""
    assert sorted(order_checks(run.checks, "eager")) == list(range(len(run.checks)))
    assert list(order_checks([], "eager")) == []


def test_the_first_checks_of_the_quick_tier_come_first(run: Run) -> None:
    """They keep the order of the choice."""
    assert len(run.first) > 20 and run.ordered[: len(run.first)] == run.first


def test_every_suite_begins_early(run: Run) -> None:
    """Suite by suite, the last one begins after all others have ended."""
    begins = {
        suite: next(n for n, check in enumerate(run.ordered) if check.suite == suite)
        for suite in suites()
        if suite != MIGRATION
    }
    drawn = begins.pop(HYPOTHESIS)  # a property takes as long as many checks
    assert max(begins.values()) < len(run.checks) // 8 and drawn < len(run.checks)


def test_the_checks_of_a_case_stay_together(run: Run) -> None:
    """They share the arrays of the reference; only checks of the contract come in between."""
    computed = [check.case for check in run.ordered[len(run.first) :] if suites()[check.suite].variants_of is None]
    changes = sum(one != other for one, other in zip(computed, computed[1:]))
    assert changes == len(set(computed)) - 1


def test_the_order_depends_on_nothing_but_the_checks(run: Run) -> None:
    """A shard of the checks has the order of the whole."""
    part = [check for check in run.checks if int(check.case.hash, 16) % 3 == 0]
    members = set(part)
    inside = [check for check in run.ordered if check in members]
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
