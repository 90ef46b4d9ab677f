"""The table of axes is whole: a record for each field of a case, values that ids can hold, and no part ignores one."""

from __future__ import annotations

from dataclasses import fields, replace
from functools import lru_cache
from typing import Any, Callable, Iterable

import pytest

from fixtures.case import ID_PARTS, Case
from fixtures.cases.axes import AXES, CHOICE, CHOICES, COUNTS, LENGTHS, OUTPUT_PADDING, REMAINDER, Axis
from fixtures.cases.contract import WIDER
from fixtures.cases.covering import MODEL, case_of_factors, factors_of_case
from fixtures.cases.draws import draw_case_by_number
from fixtures.cases.selection import PAIRS, read_locked_cases
from fixtures.cases.shrink import is_simpler_or_same, yield_simpler_neighbours
from fixtures.cases.strategies import draw_computed_case, explore_property_by_examples
from fixtures.cases.tiers import draw_case
from fixtures.deviations.suggest.messages import find_named_parameters
from fixtures.deviations.suggest.neighbours import PARAMETERS, find_values
from fixtures.deviations.suggest.predicates import FIXED
from fixtures.oracle.rules import broken_rules

EVERY_AXIS = pytest.mark.parametrize("axis", AXES, ids=[axis.name for axis in AXES])
NUMBERS = (*COUNTS, *LENGTHS)
_LEAST_SIMPLE: dict[str, Any] = {
    **{axis.name: axis.values[-1] for axis in CHOICES},
    **{axis.name: 3 for axis in COUNTS},
    **{axis.name: (3, 2) for axis in LENGTHS},
    "output_padding": (2, 1),
}
LEAST_SIMPLE = Case(**_LEAST_SIMPLE)  # no layer takes it: both strides and dilation are above 1


def changed(name: str, value: Any, case: Case = WIDER) -> Case:
    """The case with another value on one axis."""
    values: dict[str, Any] = {name: value}
    return replace(case, **values)


def test_every_field_has_a_record_and_a_part_of_the_id() -> None:
    """In the same order, so that the table reads as an id does."""
    names = [field.name for field in fields(Case)]
    assert [axis.name for axis in AXES] == names
    assert [name for name, _ in ID_PARTS] == names
    assert sorted(PARAMETERS) == sorted(names)


def values_of(axis: Axis) -> Iterable[Any]:
    """Every value that the record leads to."""
    yield from axis.values if axis is OUTPUT_PADDING else (*axis.draws, *axis.values)
    for name, levels in axis.levels.items():
        yield from (getattr(case_of_factors({**factors_of_case(WIDER), name: level}), axis.name) for level in levels)
    for number in axis.refused:
        yield (number,) * WIDER.rank if axis in LENGTHS else number


@EVERY_AXIS
def test_every_value_is_written_to_an_id_and_read_back(axis: Axis) -> None:
    """Every value has the type of its field; ``True`` is no count."""
    found = list(values_of(axis))
    ids = {}
    for value in found:
        case = changed(axis.name, value)
        assert Case.parse(case.id) == case
        assert type(getattr(Case.parse(case.id), axis.name)) is type(value)
        ids[case.id] = value
    assert len(ids) == len(set(found)) > 1


def in_properties() -> list[Case]:
    """The examples of one run of the properties."""
    drawn: list[Case] = []
    explore_property_by_examples(draw_computed_case(), lambda case: drawn.append(case), lambda _: [])
    return drawn


PARTS: dict[str, Callable[[], Iterable[Case]]] = {
    "tiers": lambda: map(draw_case, range(300)),
    "covering arrays": lambda: read_locked_cases()[PAIRS],
    "properties": in_properties,
    "shrinking": lambda: [LEAST_SIMPLE, *yield_simpler_neighbours(LEAST_SIMPLE)],
    "neighbours": lambda: [changed(name, one) for name in PARAMETERS for one in find_values(name, WIDER)],
    "random tier": lambda: map(draw_case_by_number, range(300)),
}
FEWER_DTYPES = ("tiers", "random tier")
cases_of = lru_cache(maxsize=None)(lambda part: tuple(PARTS[part]()))


@EVERY_AXIS
@pytest.mark.parametrize("part", PARTS)
def test_no_part_ignores_an_axis(axis: Axis, part: str) -> None:
    """Each has more than one value, and a choice has all."""
    found = {getattr(case, axis.name) for case in cases_of(part)}
    assert len(found) > 1
    if axis.name != "dtype" or part not in FEWER_DTYPES:
        assert found >= set(axis.values)


@EVERY_AXIS
def test_suggestions_speak_of_every_axis(axis: Axis) -> None:
    """In predicates, and where a message names it; the word size says nothing."""
    assert any(atom.speaks_of([axis.name]) for atom in FIXED)
    named = find_named_parameters(["the argument %s is wrong" % axis.name.replace("_", " ")])
    assert (axis.name in named) == (axis.name != "size")


@EVERY_AXIS
def test_simpler_in_one_axis_alone_is_reached(axis: Axis) -> None:
    """And no case is reached from a simpler one."""
    steps = [
        one
        for one in yield_simpler_neighbours(LEAST_SIMPLE)
        if getattr(one, axis.name) != getattr(LEAST_SIMPLE, axis.name)
    ]
    assert steps
    assert all(is_simpler_or_same(LEAST_SIMPLE, one) and not is_simpler_or_same(one, LEAST_SIMPLE) for one in steps)


@pytest.mark.parametrize("axis", NUMBERS, ids=[axis.name for axis in NUMBERS])
def test_refused_numbers_break_a_rule_and_others_do_not(axis: Axis) -> None:
    """Zero is an empty input for some numbers, and no layer for the others."""

    def is_refused(number: int) -> bool:
        value = (number,) * WIDER.rank if axis in LENGTHS else number
        return bool(broken_rules(changed(axis.name, value, replace(WIDER, output_padding=None))))

    assert axis.refused == ((0,) if is_refused(0) else ())
    assert not is_refused(1) and axis.most > 1


def test_kinds() -> None:
    """Each record has what its kind needs; a factor and a letter stand for one axis."""
    assert {axis.kind for axis in AXES if axis.values} == {CHOICE}
    assert [axis.name for axis in AXES if axis.kind == REMAINDER] == ["output_padding"]
    assert len(COUNTS) + len(LENGTHS) + len(CHOICES) + 1 == len(AXES)
    letters = [axis.letter for axis in (*LENGTHS, OUTPUT_PADDING)]
    assert all(letters) and len(set(letters)) == len(letters)
    assert len(MODEL) == sum(len(axis.levels) for axis in AXES)
