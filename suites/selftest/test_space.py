"""The tiers: as large as documented, nested, without repetition, with every value and every corner."""

from __future__ import annotations

from itertools import islice
from pathlib import Path

import pytest

from fixtures.cases import tiers
from fixtures.cases.axes import AXES, OUTPUT_PADDING, Axis
from fixtures.cases.corners import WIDTHS, corner_cases
from fixtures.cases.selection import PAIRS, read_locked_cases
from fixtures.cases.tiers import BROKEN, DRAWN, FULL, break_a_rule, cases_of_tier, draw_case
from fixtures.oracle.expectation import Accepts, Rejects, expected_result
from fixtures.oracle.rules import RULES, broken_rules
from fixtures.oracle.shape import effective_kernel

STANDARD = list(cases_of_tier("standard"))


def test_sizes() -> None:
    """About 250, 2,000 to 3,000, and at least 100,000, the last without being held."""
    assert 200 <= len(list(cases_of_tier("smoke"))) <= 300
    assert 2000 <= len(STANDARD) <= 3000
    assert FULL >= 100000
    assert len(list(islice(cases_of_tier("full"), 5000))) == 5000


def test_tiers_are_nested_and_unique() -> None:
    """Smoke opens standard, standard opens full, and no case stands twice."""
    assert len(set(STANDARD)) == len(STANDARD)
    assert len({case.hash for case in STANDARD}) == len(STANDARD)
    assert set(cases_of_tier("smoke")) <= set(STANDARD)
    assert list(islice(cases_of_tier("full"), len(STANDARD))) == STANDARD


def test_unknown_tier() -> None:
    """An error and not an empty run."""
    with pytest.raises(ValueError, match="unknown tier"):
        list(cases_of_tier("quick"))


@pytest.mark.parametrize("axis", [axis for axis in AXES if axis is not OUTPUT_PADDING], ids=lambda axis: str(axis.name))
def test_every_value_of_every_axis_is_accepted_somewhere(axis: Axis) -> None:
    """No value that is drawn is lost to refusals."""
    drawn = [draw_case(number) for number in range(2000)]
    computed = {getattr(case, axis.name) for case in drawn if isinstance(expected_result(case), Accepts)}
    assert computed >= set(axis.draws)


def test_every_rule_is_broken_alone() -> None:
    """A refusal can be told apart: for each rule some case breaks it and, R6 aside, no other."""
    alone = {rules[0] for rules in _broken() if len(rules) == 1}
    assert alone == {rule.id for rule in RULES} - {"R5", "R9"}
    assert ["R5", "R8"] in _broken()  # a negative output_padding always asks for too short a length


def _broken() -> list[list[str]]:
    found = (expected_result(case) for case in STANDARD)
    return [[rule.id for rule in rejects.rules] for rejects in found if isinstance(rejects, Rejects)]


def test_corners_are_where_they_say() -> None:
    """Each relation between kernel and stride, even and odd effective kernels, one cell, the widths."""
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


def test_most_sizes_are_unequal() -> None:
    """Equal height and width hide swapped axes."""
    planes = [case for case in STANDARD if case.rank == 2]
    unequal = sum(case.size[0] != case.size[1] for case in planes)
    assert unequal > 0.8 * len(planes)


def test_regressions_open_every_tier(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was found by chance is checked in smoke too; comments are none, and a bad line is named."""
    found = draw_case(10**6)
    assert found not in STANDARD
    path = tmp_path / "regressions.txt"
    path.write_text("# found by a property\n%s  # since 3.15\n" % found.id, encoding="ascii")
    monkeypatch.setattr(tiers, "REGRESSIONS", path)
    assert found in set(cases_of_tier("smoke")) & set(cases_of_tier("standard"))
    path.write_text("b2-and-nothing\n", encoding="ascii")
    with pytest.raises(ValueError, match="b2-and-nothing"):
        list(cases_of_tier("smoke"))


def test_smoke_has_the_first_draws() -> None:
    """So that cells of the matrix, which run smoke, see something beyond the corners."""
    assert {draw_case(number) for number in range(DRAWN)} <= set(cases_of_tier("smoke"))


@pytest.mark.parametrize("how", BROKEN)
def test_every_breakage_breaks(how: str) -> None:
    """Every row of the pairwise array is refused, all by one rule at least that they share."""
    found = [{rule.id for rule in broken_rules(break_a_rule(case, how))} for case in read_locked_cases()[PAIRS]]
    assert all(found) and set.intersection(*found)
