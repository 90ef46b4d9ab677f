"""Tests of the covering arrays: the standard tier covers every feasible combination, and coverage is counted."""

from __future__ import annotations

from functools import lru_cache
from itertools import combinations, islice
from random import Random

import pytest

from fixtures.case import Case
from fixtures.cases.combination_coverage import (
    CORE,
    FACTORS,
    INDEX_MAP,
    VALUES_OF_FACTORS,
    Coverage,
    find_factors_of_case,
    find_feasible_combinations,
    make_case_of_factors,
    measure_coverage,
    measure_coverage_of_rows,
)
from fixtures.cases.covering_lock import LOCK, PAIRS, QUADRUPLES, TRIPLES, read_covering_arrays
from fixtures.cases.tiers import cases_of_tier
from fixtures.oracle.expectation import Accepts, expected_result


@lru_cache(maxsize=None)
def measure_standard_tier() -> dict[str, Coverage]:
    """Return the coverage of each covering array by the standard tier."""
    return {one.name: one for one in measure_coverage(cases_of_tier("standard"))}


@pytest.mark.parametrize(("name", "strength"), [("index map", 4), ("core", 3), ("all", 2), ("refused", 2)])
def test_the_standard_tier_covers_every_feasible_combination(name: str, strength: int) -> None:
    """This holds for each covering array with its strength."""
    one = measure_standard_tier()[name]
    assert (one.strength, one.missing) == (strength, ())
    assert one.covered == one.feasible > 400


@pytest.mark.parametrize(("title", "name"), [(TRIPLES, "core"), (PAIRS, "all"), (QUADRUPLES, "index map")])
def test_a_covering_array_without_its_first_case_is_incomplete(title: str, name: str) -> None:
    """The count notices that a case is missing."""
    found = {one.name: one for one in measure_coverage(read_covering_arrays()[title][1:])}
    assert found[name].covered < found[name].feasible and found[name].missing


def test_covered_combinations_are_counted_by_hand() -> None:
    """One case covers one combination for each choice of axes. A second one adds those with the changed value."""
    one = read_covering_arrays()[PAIRS][0]
    found = {coverage.name: coverage.covered for coverage in measure_coverage([one])}
    assert found["core"] == sum(1 for _ in combinations(CORE, 3))
    assert found["all"] == sum(1 for _ in combinations(FACTORS, 2))
    row = find_factors_of_case(one)
    other = make_case_of_factors(
        {**row, "batch": next(value for value in VALUES_OF_FACTORS["batch"] if value != row["batch"])}
    )
    assert {c.name: c.covered for c in measure_coverage([one, other])}["all"] == found["all"] + len(FACTORS) - 1


def test_a_combination_is_feasible_exactly_if_the_rules_accept_it() -> None:
    """Random rows are compared with the oracle's result."""
    rng = Random(7)
    rows = [{axis: rng.choice(values) for axis, values in VALUES_OF_FACTORS.items()} for _ in range(4000)]
    rows = [row for row in rows if (row["output_padding_height"] == "none") == (row["output_padding_width"] == "none")]
    able = find_feasible_combinations(INDEX_MAP)
    seen = set()
    for row in rows:
        accepted = isinstance(expected_result(make_case_of_factors(row)), Accepts)
        assert accepted == able[tuple(VALUES_OF_FACTORS[axis].index(row[axis]) for axis in INDEX_MAP)], row
        seen.add(accepted)
    assert seen == {True, False}


def test_a_row_of_a_covering_array_is_read_back_from_its_case() -> None:
    """The locked cases are those that the generator wrote, and the rules accept each."""
    assert all(
        make_case_of_factors(find_factors_of_case(case)) == case
        for title in (PAIRS, TRIPLES)
        for case in read_covering_arrays()[title]
    )
    assert all(
        isinstance(expected_result(case), Accepts) for chosen in read_covering_arrays().values() for case in chosen
    )


def test_without_cases_every_combination_is_missing() -> None:
    """The missing combinations are named by parameter and value."""
    found = measure_coverage([])
    assert [one.covered for one in found] == [0] * 4
    assert found[1].missing[0] == "height=3, width=4, kernel_height=3"
    assert found[3].missing[0].startswith("R1 with height=")


def test_coverage_of_a_run_counts_answered_checks_by_mode() -> None:
    """A check that was not run covers nothing, and each mode is counted alone."""
    first, second = islice(read_covering_arrays()[PAIRS], 2)
    answers = [(first, "eager", "agree"), (second, "eager", "not-run"), (second, "xla", "mismatch")]
    rows = [{"suite": "forward", "case": c.id, "variant": m, "verdict": v} for c, m, v in answers]
    found = {(one["mode"], one["name"]): one["covered"] for one in measure_coverage_of_rows(rows)}
    assert found["eager", "all"] == found["xla", "all"] == sum(1 for _ in combinations(FACTORS, 2))
    assert measure_coverage_of_rows([{**rows[0], "suite": "gradients"}]) == []


def test_coverage_is_written_as_plain_json_values() -> None:
    """The missing combinations become a list."""
    assert Coverage("all", 2, 18, 3, 1, ("a=1",)).facts["missing"] == ["a=1"]


def test_every_line_of_the_covering_lock_is_a_case() -> None:
    """The first line of the file names the command that made it."""
    lines = LOCK.read_text(encoding="ascii").splitlines()
    assert "python -m fixtures select" in lines[0]
    assert sum(len(chosen) for chosen in read_covering_arrays().values()) == len(lines) - 1 - len(
        read_covering_arrays()
    )
    assert all(isinstance(case, Case) for chosen in read_covering_arrays().values() for case in chosen)
