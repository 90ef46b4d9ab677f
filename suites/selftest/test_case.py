"""Case ids: inverse of each other, strict, stable."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fixtures.case import EXAMPLE_ID, ID_PARTS, Case
from fixtures.cases.axes import CHOICES, COUNTS, LENGTHS

PAIR = st.tuples(st.integers(-3, 300), st.integers(-3, 300))
VALUES: dict[str, st.SearchStrategy[Any]] = {
    **{axis.name: st.integers(0, 99) for axis in COUNTS},
    **{axis.name: PAIR for axis in LENGTHS},
    **{axis.name: st.sampled_from(axis.values) for axis in CHOICES},
    "size": st.tuples(st.integers(0, 300), st.integers(0, 300)),
    "filters": st.integers(-1, 99),
    "output_padding": st.none() | PAIR,
}
CASES = st.builds(Case, **VALUES)


@given(CASES)
def test_id_and_parse_are_inverse(case: Case) -> None:
    """Every case comes back from its id, and the id has only safe characters."""
    assert Case.parse(case.id) == case
    assert re.match(r"^[a-z0-9.-]+$", case.id)


@given(CASES, CASES)
def test_different_cases_have_different_ids(one: Case, other: Case) -> None:
    """No two configurations share an id."""
    assert (one == other) == (one.id == other.id)


def test_hash_is_the_digest_of_the_id() -> None:
    """Computed outside Python: printf %s ID | b2sum -l 40. The same on every version, or links break."""
    assert Case.parse("b1-i4.4-c3-f3-k5.5-s2.2-d1.1-same-onone-last-bias-linear-float32").hash == "fba12cd699"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "1 parts where %d" % len(ID_PARTS)),
        (EXAMPLE_ID.replace("-same", ""), "%d parts where %d" % (len(ID_PARTS) - 1, len(ID_PARTS))),
        (EXAMPLE_ID.replace("same", "sane"), "did you mean 'same'"),
        (EXAMPLE_ID.replace("b2", "x2"), "batch is written 'b'"),
        (EXAMPLE_ID.replace("k3", "kthree"), "not a whole number"),
        (EXAMPLE_ID.replace("b2", "b02"), "plain spelling"),
        (EXAMPLE_ID.replace("b2", "bm0"), "plain spelling"),
        (EXAMPLE_ID.replace("k3.2", "k3"), "kernel_size has 1 entries but the input has 2"),
        (EXAMPLE_ID.replace("b2", "b\u0662"), "not a whole number"),
    ],
)
def test_what_is_no_id_is_refused_with_a_reason(text: str, why: str) -> None:
    """One sentence that names the part."""
    with pytest.raises(ValueError, match=re.escape(why)):
        Case.parse(text)


def test_input_shape_follows_data_format() -> None:
    """S7."""
    case = Case.parse(EXAMPLE_ID)
    assert case.input_shape == (2, 4, 5, 3)
    assert replace(case, data_format="channels_first").input_shape == (2, 3, 4, 5)
