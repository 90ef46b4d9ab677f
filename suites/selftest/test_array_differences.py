"""When two entries differ, and the picture of where they do."""

from __future__ import annotations

import numpy as np
import pytest

from fixtures.compare.verdict import Reference, draw_wrong_entries, find_differing_entries

INFINITY = float("inf")


@pytest.mark.parametrize(
    ("found", "value", "allowed", "differs"),
    [
        (1.0, 1.0, 0.0, False),
        (1.5, 1.0, 0.5, False),  # as far as is allowed
        (0.5, 1.0, 0.5, False),
        (1.75, 1.0, 0.5, True),
        (0.25, 1.0, 0.5, True),
        (np.nan, np.nan, 0.0, False),
        (INFINITY, INFINITY, 0.0, False),
        (-INFINITY, INFINITY, INFINITY, True),
        (INFINITY, 1.0, INFINITY, True),  # no bound excuses an overflow
        (np.nan, 1.0, INFINITY, True),
        (1.0, np.nan, INFINITY, True),
        (7.0, 1.0, INFINITY, False),
    ],
)
def test_when_two_entries_differ(found: float, value: float, allowed: float, differs: bool) -> None:
    """Section E: the same, or finite and within the bound."""
    assert find_differing_entries(np.array([found]), np.array([value]), np.array([allowed])).tolist() == [differs]


def test_nothing_is_allowed_unless_stated() -> None:
    """The least difference counts."""
    assert find_differing_entries(np.array([1 + 2.0**-52]), np.array([1.0])).tolist() == [True]
    assert Reference(np.zeros(1), "float32").allowed == 0.0 and Reference(np.zeros(1), "float32").spatial


def test_picture_shows_the_share_of_each_cell() -> None:
    """In ninths rounded down, but what is wrong at all is at least 1; batch and filters together."""
    wrong = np.zeros((2, 1, 4, 10), bool)
    wrong[0, 0, 1, 0] = True  # 1 of 20
    wrong[:, 0, 2, :5] = True  # 10 of 20
    wrong[:, 0, 3] = True
    assert draw_wrong_entries(wrong) == [".149"]


def test_picture_folds_what_is_long_to_its_worst_cells() -> None:
    """48 cells are shown as they are, 49 by two, 97 by three; height and width alike, three lengths as rows."""
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
