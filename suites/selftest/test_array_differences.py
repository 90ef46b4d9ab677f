"""Tests of the comparison of two arrays, entry by entry, and of the text picture of the entries that differ."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

from fixtures.compare.verdict import Reference, draw_wrong_entries, find_differing_entries

INFINITY = float("inf")


@pytest.mark.parametrize(
    ("found", "value", "allowed", "differs"),
    [
        (1.0, 1.0, 0.0, False),
        (1.5, 1.0, 0.5, False),  # the difference is exactly the allowed one
        (0.5, 1.0, 0.5, False),
        (1.75, 1.0, 0.5, True),
        (0.25, 1.0, 0.5, True),
        (np.nan, np.nan, 0.0, False),
        (INFINITY, INFINITY, 0.0, False),
        (-INFINITY, INFINITY, INFINITY, True),
        (INFINITY, 1.0, INFINITY, True),  # an overflow differs, whatever the bound
        (np.nan, 1.0, INFINITY, True),
        (1.0, np.nan, INFINITY, True),
        (7.0, 1.0, INFINITY, False),
    ],
)
def test_entries_differ_beyond_the_allowed_error(found: float, value: float, allowed: float, differs: bool) -> None:
    """Two entries agree if they are equal, or if both are finite and within the bound (section E of the semantics)."""
    assert find_differing_entries(np.array([found]), np.array([value]), np.array([allowed])).tolist() == [differs]


def test_an_infinity_that_is_right_stays_right_beside_a_wrong_entry() -> None:
    """The difference of two infinities is no number, and NumPy does not warn of it."""
    found, values = np.array([INFINITY, np.nan, 1.0, 3.0]), np.array([INFINITY, np.nan, 1.0, 2.0])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert find_differing_entries(found, values).tolist() == [False, False, False, True]


def test_any_difference_counts_without_an_allowed_error() -> None:
    """Without an allowed error, even a difference in the last bit counts."""
    assert find_differing_entries(np.array([1 + 2.0**-52]), np.array([1.0])).tolist() == [True]
    assert Reference(np.zeros(1), "float32").allowed == 0.0 and Reference(np.zeros(1), "float32").spatial


def test_a_picture_shows_the_share_of_wrong_entries_of_each_cell() -> None:
    """A digit is the share in ninths, rounded down but at least 1 for any wrong entry; batch and filters count
    together.
    """
    wrong = np.zeros((2, 1, 4, 10), bool)
    wrong[0, 0, 1, 0] = True  # 1 of 20
    wrong[:, 0, 2, :5] = True  # 10 of 20
    wrong[:, 0, 3] = True
    assert draw_wrong_entries(wrong) == [".149"]


def test_a_picture_of_a_long_axis_shows_the_worst_of_several_cells() -> None:
    """An axis of up to 48 cells is shown whole; one of 49 has two cells a character, one of 97 three."""
    for long, shown in ((48, 48), (49, 25), (96, 48), (97, 33)):
        wrong = np.zeros((1, long, 2, 1), bool)
        wrong[0, long - 1, 1] = True
        rows = [".."] * (shown - 1) + [".9"]
        assert draw_wrong_entries(wrong) == rows
        assert draw_wrong_entries(wrong.swapaxes(1, 2)) == ["." * shown, "." * (shown - 1) + "9"]
    assert draw_wrong_entries(np.eye(6, dtype=bool).reshape(1, 2, 3, 6, 1)) == [
        "9.....",
        ".9....",
        "..9...",
        "...9..",
        "....9.",
        ".....9",
    ]
    assert draw_wrong_entries(np.array([True, False, True]).reshape(1, 3, 1)) == ["9.9"]
