"""Tests of case ids: an id and its case belong to each other, ids are parsed strictly, and hashes never change."""

from __future__ import annotations

import pickle
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
def test_a_case_is_read_back_from_its_id(case: Case) -> None:
    """Every case is parsed from its own id, and an id has only characters that are safe in file names."""
    assert Case.parse(case.id) == case
    assert re.match(r"^[a-z0-9.-]+$", case.id)


@given(CASES, CASES)
def test_different_cases_have_different_ids(one: Case, other: Case) -> None:
    """Two cases have the same id only if they are equal."""
    assert (one == other) == (one.id == other.id)


def test_the_hash_of_a_case_is_the_digest_of_its_id() -> None:
    """The expected hash is from the shell: printf %s ID | b2sum -l 40. Links break if it ever changes."""
    assert Case.parse("b1-i4.4-c3-f3-k5.5-s2.2-d1.1-same-onone-last-bias-linear-float32").hash == "fba12cd699"


def test_a_pickled_case_has_its_fields_alone() -> None:
    """Its hash, which is computed once, would be wrong in another process; equal cases have equal hashes."""
    case, other = Case.parse(EXAMPLE_ID), Case.parse(EXAMPLE_ID)
    before = pickle.dumps(case)
    assert hash(case) == hash(other) == hash(pickle.loads(before)) and case.id == EXAMPLE_ID
    assert pickle.dumps(case) == before and vars(case) == vars(other)
    wider = replace(case, batch=3)
    assert (hash(wider), wider.id) != (hash(case), case.id) and hash(replace(wider, batch=2)) == hash(case)


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
def test_a_malformed_case_id_is_refused_with_a_reason(text: str, why: str) -> None:
    """The error message names the part of the id that is wrong."""
    with pytest.raises(ValueError, match=re.escape(why)):
        Case.parse(text)


def test_the_input_shape_follows_data_format() -> None:
    """The channels are last, or first after the batch (rule S7)."""
    case = Case.parse(EXAMPLE_ID)
    assert case.input_shape == (2, 4, 5, 3)
    assert replace(case, data_format="channels_first").input_shape == (2, 3, 4, 5)
