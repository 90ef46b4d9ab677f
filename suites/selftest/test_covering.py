"""The standard tier's strength, and that the counter which states it counts."""

from __future__ import annotations

from itertools import combinations, islice
from random import Random

import pytest

from fixtures.case import Case
from fixtures.cases.covering import (
    CORE,
    FACTORS,
    INDEX_MAP,
    MODEL,
    Coverage,
    case_of_factors,
    factors_of_case,
    find_feasible_combinations,
    measure_coverage,
    measure_coverage_of_rows,
)
from fixtures.cases.selection import LOCK, PAIRS, QUADRUPLES, TRIPLES, read_locked_cases
from fixtures.cases.tiers import cases_of_tier
from fixtures.oracle.expectation import Accepts, expected_result

STANDARD = {one.name: one for one in measure_coverage(cases_of_tier("standard"))}


@pytest.mark.parametrize(("name", "strength"), [("index map", 4), ("core", 3), ("all", 2), ("refused", 2)])
def test_nothing_feasible_is_missing(name: str, strength: int) -> None:
    """Of the standard tier."""
    one = STANDARD[name]
    assert (one.strength, one.missing) == (strength, ())
    assert one.covered == one.feasible > 400


@pytest.mark.parametrize(("title", "name"), [(TRIPLES, "core"), (PAIRS, "all"), (QUADRUPLES, "index map")])
def test_every_case_of_an_array_is_needed_by_someone(title: str, name: str) -> None:
    """The counter sees a case that is left out: without the first, which was chosen to add most, some are missing."""
    found = {one.name: one for one in measure_coverage(read_locked_cases()[title][1:])}
    assert found[name].covered < found[name].feasible and found[name].missing


def test_counted_by_hand() -> None:
    """One case covers one combination of every choice of axes; a second that differs in one value, those with it."""
    one = read_locked_cases()[PAIRS][0]
    found = {coverage.name: coverage.covered for coverage in measure_coverage([one])}
    assert found["core"] == sum(1 for _ in combinations(CORE, 3))
    assert found["all"] == sum(1 for _ in combinations(FACTORS, 2))
    row = factors_of_case(one)
    other = case_of_factors({**row, "batch": next(value for value in MODEL["batch"] if value != row["batch"])})
    assert {c.name: c.covered for c in measure_coverage([one, other])}["all"] == found["all"] + len(FACTORS) - 1


def test_what_is_feasible_is_what_the_oracle_takes() -> None:
    """Rows at random: a combination found in one that is computed is feasible, and rules decide alone."""
    rng = Random(7)
    rows = [{axis: rng.choice(values) for axis, values in MODEL.items()} for _ in range(4000)]
    rows = [row for row in rows if (row["output_padding_height"] == "none") == (row["output_padding_width"] == "none")]
    able = find_feasible_combinations(INDEX_MAP)
    seen = set()
    for row in rows:
        accepted = isinstance(expected_result(case_of_factors(row)), Accepts)
        assert accepted == able[tuple(MODEL[axis].index(row[axis]) for axis in INDEX_MAP)], row
        seen.add(accepted)
    assert seen == {True, False}


def test_a_row_and_its_case_are_inverse() -> None:
    """The counter reads off a case what the generator wrote into it."""
    assert all(
        case_of_factors(factors_of_case(case)) == case
        for title in (PAIRS, TRIPLES)
        for case in read_locked_cases()[title]
    )
    assert all(isinstance(expected_result(case), Accepts) for chosen in read_locked_cases().values() for case in chosen)


def test_no_cases_cover_nothing() -> None:
    """And what is missing is named in words."""
    found = measure_coverage([])
    assert [one.covered for one in found] == [0] * 4
    assert found[1].missing[0] == "height=3, width=4, kernel_height=3"
    assert found[3].missing[0].startswith("R1 with height=")


def test_from_answers_by_mode() -> None:
    """Only what was answered counts, each mode for itself."""
    first, second = islice(read_locked_cases()[PAIRS], 2)
    answers = [(first, "eager", "agree"), (second, "eager", "not-run"), (second, "xla", "mismatch")]
    rows = [{"suite": "forward", "case": c.id, "variant": m, "verdict": v} for c, m, v in answers]
    found = {(one["mode"], one["name"]): one["covered"] for one in measure_coverage_of_rows(rows)}
    assert found["eager", "all"] == found["xla", "all"] == sum(1 for _ in combinations(FACTORS, 2))
    assert measure_coverage_of_rows([{**rows[0], "suite": "gradients"}]) == []


def test_facts_are_plain() -> None:
    """For strict JSON."""
    assert Coverage("all", 2, 18, 3, 1, ("a=1",)).facts["missing"] == ["a=1"]


def test_locked_case_by_case() -> None:
    """The file says how it was made, and what it holds is parsed whole."""
    lines = LOCK.read_text(encoding="ascii").splitlines()
    assert "python -m fixtures select" in lines[0]
    assert sum(len(chosen) for chosen in read_locked_cases().values()) == len(lines) - 1 - len(read_locked_cases())
    assert all(isinstance(case, Case) for chosen in read_locked_cases().values() for case in chosen)
