"""Tests of the tiers: they have the documented sizes, are nested, and contain every value and every corner."""

from __future__ import annotations

from itertools import islice
from pathlib import Path

import pytest

from fixtures.cases import tiers
from fixtures.cases.axes import AXES, OUTPUT_PADDING, Axis
from fixtures.cases.corners import WIDTHS, corner_cases
from fixtures.cases.covering_lock import PAIRS, read_covering_arrays
from fixtures.cases.tiers import BROKEN, DRAWN, FULL, break_a_rule, cases_of_tier, draw_case
from fixtures.oracle.expectation import Accepts, Rejects, expected_result
from fixtures.oracle.rules import RULES, broken_rules
from fixtures.oracle.shape import effective_kernel

STANDARD = list(cases_of_tier("standard"))


def test_the_tiers_have_the_documented_sizes() -> None:
    """They have about 250, 2,000 to 3,000, and at least 100,000 cases; the last is not held in memory."""
    assert 200 <= len(list(cases_of_tier("smoke"))) <= 300
    assert 2000 <= len(STANDARD) <= 3000
    assert FULL >= 100000
    assert len(list(islice(cases_of_tier("full"), 5000))) == 5000


def test_each_tier_contains_the_smaller_one_and_no_case_twice() -> None:
    """Smoke is a part of standard, and full begins with standard."""
    assert len(set(STANDARD)) == len(STANDARD)
    assert len({case.hash for case in STANDARD}) == len(STANDARD)
    assert set(cases_of_tier("smoke")) <= set(STANDARD)
    assert list(islice(cases_of_tier("full"), len(STANDARD))) == STANDARD


def test_an_unknown_tier_is_refused() -> None:
    """It does not give an empty run."""
    with pytest.raises(ValueError, match="unknown tier"):
        list(cases_of_tier("unlisted"))


@pytest.mark.parametrize("axis", [axis for axis in AXES if axis is not OUTPUT_PADDING], ids=lambda axis: str(axis.name))
def test_every_drawn_value_of_an_axis_occurs_in_an_accepted_case(axis: Axis) -> None:
    """No value occurs in refused cases only."""
    drawn = [draw_case(number) for number in range(2000)]
    computed = {getattr(case, axis.name) for case in drawn if isinstance(expected_result(case), Accepts)}
    assert computed >= set(axis.draws)


def test_every_rule_is_broken_alone_by_some_case() -> None:
    """So the tests can tell refusals apart; R5 and R9 are the exceptions."""
    alone = {rules[0] for rules in _broken_rules_of_refused_cases() if len(rules) == 1}
    assert alone == {rule.id for rule in RULES} - {"R5", "R9"}
    assert [
        "R5",
        "R8",
    ] in _broken_rules_of_refused_cases()  # a negative output_padding also gives a length that is too short


def _broken_rules_of_refused_cases() -> list[list[str]]:
    """Return the broken rules of every refused case of the standard tier."""
    found = (expected_result(case) for case in STANDARD)
    return [[rule.id for rule in rejects.rules] for rejects in found if isinstance(rejects, Rejects)]


def test_the_corner_cases_have_every_relation_of_kernel_and_stride() -> None:
    """They also have even and odd effective kernels, one cell, and the listed widths."""
    axes = [
        (n, k, s, effective_kernel(k, d))
        for _, case in corner_cases()
        if isinstance(expected_result(case), Accepts)
        for n, k, s, d in zip(case.size, case.kernel_size, case.strides, case.dilation_rate)
    ]
    assert any(k < s for _, k, s, _ in axes) and any(k == s > 1 for _, k, s, _ in axes)
    assert any(k > s > 1 and k % s for _, k, s, _ in axes) and any(k > s > 1 and k % s == 0 for _, k, s, _ in axes)
    assert {ke % 2 for _, _, _, ke in axes} == {0, 1}
    assert {1, 257} <= {n for n, _, _, _ in axes}
    for field in ("size", "channels", "filters"):
        values = {value for _, case in corner_cases() for value in _tuple(getattr(case, field))}
        assert set(WIDTHS) <= values, field


def _tuple(value: int | tuple[int, ...]) -> tuple[int, ...]:
    return value if isinstance(value, tuple) else (value,)


def test_most_cases_have_unequal_height_and_width() -> None:
    """Equal ones hide swapped axes."""
    planes = [case for case in STANDARD if case.rank == 2]
    unequal = sum(case.size[0] != case.size[1] for case in planes)
    assert unequal > 0.8 * len(planes)


def test_stored_regressions_are_in_every_tier(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Comments are skipped, and a malformed line is an error that quotes it."""
    found = draw_case(10**6)
    assert found not in STANDARD
    path = tmp_path / "regressions.txt"
    path.write_text("# found by a property\n%s  # since 3.15\n" % found.id, encoding="ascii")
    monkeypatch.setattr(tiers, "REGRESSIONS", path)
    assert found in set(cases_of_tier("smoke")) & set(cases_of_tier("standard"))
    path.write_text("b2-and-nothing\n", encoding="ascii")
    with pytest.raises(ValueError, match="b2-and-nothing"):
        list(cases_of_tier("smoke"))


def test_the_smoke_tier_contains_the_first_random_draws() -> None:
    """Cells of the matrix run smoke, and so see more than the corners."""
    assert {draw_case(number) for number in range(DRAWN)} <= set(cases_of_tier("smoke"))


@pytest.mark.parametrize("how", BROKEN)
def test_every_change_that_should_break_a_case_breaks_a_rule(how: str) -> None:
    """The changed cases of the pairwise array have at least one broken rule in common."""
    found = [{rule.id for rule in broken_rules(break_a_rule(case, how))} for case in read_covering_arrays()[PAIRS]]
    assert all(found) and set.intersection(*found)
