"""Tests of the table of axes: each field of a case has a record, and every generator of cases varies each axis."""

from __future__ import annotations

from dataclasses import fields, replace
from functools import lru_cache
from typing import Any, Callable, Iterable

import pytest

from fixtures.case import ID_PARTS, Case
from fixtures.cases.axes import AXES, CHOICE, CHOICES, COUNTS, LENGTHS, OUTPUT_PADDING, REMAINDER, Axis
from fixtures.cases.combination_coverage import VALUES_OF_FACTORS, find_factors_of_case, make_case_of_factors
from fixtures.cases.contract import WIDER
from fixtures.cases.covering_lock import PAIRS, read_covering_arrays
from fixtures.cases.draws import draw_case_by_number
from fixtures.cases.shrinking import is_simpler_or_same, yield_simpler_neighbours
from fixtures.cases.tiers import draw_case
from fixtures.deviations.suggest.messages import find_parameters_named_by_all
from fixtures.deviations.suggest.neighbours import PARAMETERS, find_other_values
from fixtures.deviations.suggest.predicates import fixed_atoms
from fixtures.oracle.rules import broken_rules
from suites.selftest.drawn_examples import find_all_examples
from suites.selftest.many_values import for_each

EVERY_AXIS = for_each("axis", AXES)
NUMBERS = (*COUNTS, *LENGTHS)
_LEAST_SIMPLE: dict[str, Any] = {
    **{axis.name: axis.values[-1] for axis in CHOICES},
    **{axis.name: 3 for axis in COUNTS},
    **{axis.name: (3, 2) for axis in LENGTHS},
    "output_padding": (2, 1),
}
LEAST_SIMPLE = Case(**_LEAST_SIMPLE)  # no layer accepts this case: strides and dilation are both above 1


def change_one_axis(name: str, value: Any, case: Case = WIDER) -> Case:
    """Return the case with another value on one axis."""
    values: dict[str, Any] = {name: value}
    return replace(case, **values)


def test_every_field_of_a_case_has_an_axis_and_a_part_of_the_id() -> None:
    """Fields, axes and parts of the id have the same order."""
    names = [field.name for field in fields(Case)]
    assert [axis.name for axis in AXES] == names
    assert [name for name, _ in ID_PARTS] == names
    assert sorted(PARAMETERS) == sorted(names)


def values_of(axis: Axis) -> Iterable[Any]:
    """Yield every value that the axis may take in draws, levels and refusals."""
    yield from axis.values if axis is OUTPUT_PADDING else (*axis.draws, *axis.values)
    for name, levels in axis.levels.items():
        yield from (
            getattr(make_case_of_factors({**find_factors_of_case(WIDER), name: level}), axis.name) for level in levels
        )
    for number in axis.refused:
        yield (number,) * WIDER.rank if axis in LENGTHS else number


@EVERY_AXIS
def test_every_value_of_an_axis_survives_an_id(axis: Axis) -> None:
    """A value that is written to a case id and parsed again is equal and has the same type."""
    found = list(values_of(axis))
    ids = {}
    for value in found:
        case = change_one_axis(axis.name, value)
        assert Case.parse(case.id) == case
        assert type(getattr(Case.parse(case.id), axis.name)) is type(value)
        ids[case.id] = value
    assert len(ids) == len(set(found)) > 1


PARTS: dict[str, Callable[[], Iterable[Case]]] = {
    "tiers": lambda: map(draw_case, range(300)),
    "covering arrays": lambda: read_covering_arrays()[PAIRS],
    "properties": find_all_examples,
    "shrinking": lambda: [LEAST_SIMPLE, *yield_simpler_neighbours(LEAST_SIMPLE)],
    "neighbours": lambda: [change_one_axis(name, one) for name in PARAMETERS for one in find_other_values(name, WIDER)],
    "random tier": lambda: map(draw_case_by_number, range(300)),
}
FEWER_DTYPES = ("tiers", "random tier")
cases_of = lru_cache(maxsize=None)(lambda part: tuple(PARTS[part]()))


@EVERY_AXIS
@pytest.mark.parametrize("part", PARTS)
def test_every_generator_of_cases_varies_every_axis(axis: Axis, part: str) -> None:
    """Each generator uses more than one value of each axis, and all values of a choice."""
    found = {getattr(case, axis.name) for case in cases_of(part)}
    assert len(found) > 1
    if axis.name != "dtype" or part not in FEWER_DTYPES:
        assert found >= set(axis.values)


@EVERY_AXIS
def test_predicates_and_messages_can_name_every_axis(axis: Axis) -> None:
    """Some atom of the predicates uses each axis; a message names each axis except ``size``."""
    assert any(atom.names_any([axis.name]) for atom in fixed_atoms())
    named = find_parameters_named_by_all(["the argument %s is wrong" % axis.name.replace("_", " ")])
    assert (axis.name in named) == (axis.name != "size")


@EVERY_AXIS
def test_shrinking_can_simplify_each_axis_alone(axis: Axis) -> None:
    """Every shrinking step leads to a simpler case and never to one that is less simple."""
    steps = [
        one
        for one in yield_simpler_neighbours(LEAST_SIMPLE)
        if getattr(one, axis.name) != getattr(LEAST_SIMPLE, axis.name)
    ]
    assert steps
    assert all(is_simpler_or_same(LEAST_SIMPLE, one) and not is_simpler_or_same(one, LEAST_SIMPLE) for one in steps)


@pytest.mark.parametrize("axis", NUMBERS, ids=[axis.name for axis in NUMBERS])
def test_an_axis_lists_zero_as_refused_exactly_if_a_rule_refuses_it(axis: Axis) -> None:
    """Zero is a valid empty input on some axes and breaks a rule on the others; one is always valid."""

    def is_refused(number: int) -> bool:
        value = (number,) * WIDER.rank if axis in LENGTHS else number
        return bool(broken_rules(change_one_axis(axis.name, value, replace(WIDER, output_padding=None))))

    assert axis.refused == ((0,) if is_refused(0) else ())
    assert not is_refused(1) and axis.most > 1


def test_each_axis_has_what_its_kind_needs() -> None:
    """Choices have values, lengths have distinct letters, and each covering-array factor belongs to one axis."""
    assert {axis.kind for axis in AXES if axis.values} == {CHOICE}
    assert [axis.name for axis in AXES if axis.kind == REMAINDER] == ["output_padding"]
    assert len(COUNTS) + len(LENGTHS) + len(CHOICES) + 1 == len(AXES)
    letters = [axis.letter for axis in (*LENGTHS, OUTPUT_PADDING)]
    assert all(letters) and len(set(letters)) == len(letters)
    assert len(VALUES_OF_FACTORS) == sum(len(axis.levels) for axis in AXES)
