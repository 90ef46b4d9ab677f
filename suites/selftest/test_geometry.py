"""Tests of the drawing of a case's geometry: its cells and their kinds, against drawings made by hand."""

from __future__ import annotations

import sys
from dataclasses import replace
from typing import Any

import pytest

from fixtures.case import Case
from fixtures.cases.tiers import cases_of_tier
from fixtures.explain.geometry import make_plain_axes

if sys.version_info < (3, 11):
    pytest.skip("pages need Python 3.11", allow_module_level=True)

from reports.facts.difference_grid import make_difference_grid
from reports.facts.geometry import COLUMNS, Drawing, make_drawings

SAME_5_2 = "b1-i4.4-c3-f3-k5.5-s2.2-d1.1-same-onone-last-bias-linear-float32"
# Drawn by hand: each row of cells as text, one character a column. # is a cell, . a gap, x cropped, + gained by
# output_padding, - reached by no tap.
BY_HAND: dict[str, list[tuple[str, ...]]] = {
    SAME_5_2: [
        ("height", "#.#.#.#", "#####", "x########xx", " ########"),
        ("width", "#.#.#.#", "#####", "x########xx", " ########"),
    ],
    # Padding same and output_padding 1: the crop in front is one less, so the first cell is the gained one.
    "b1-i4.5-c1-f1-k3.3-s3.2-d1.1-same-o1.0-last-bias-linear-float32": [
        ("height", "#..#..#..#", "###", "###########x", "+##########"),
        ("width", "#.#.#.#.#", "###", "x#########x", " #########"),
    ],
    "b1-i4.5-c1-f1-k3.2-s1.1-d3.2-valid-onone-last-bias-linear-float32": [
        ("height", "####", "#..#..#", "##########", "##########"),
        ("width", "#####", "#.#", "#######", "#######"),
    ],
    # A stride longer than the kernel leaves cells that no tap reaches; output_padding adds at the end.
    "b1-i3.2-c1-f1-k2.2-s4.3-d1.1-valid-o2.0-last-bias-linear-float32": [
        ("height", "#...#...#", "##", "##..##..##", "##--##--##++"),
        ("width", "#..#", "##", "##.##", "##-##"),
    ],
    # Padding same gives n s = 6 cells, and taps reach 4 of them: nothing is cropped, two cells have the bias only.
    "b1-i2.1-c1-f1-k1.1-s3.2-d1.1-same-onone-last-bias-linear-float32": [
        ("height", "#..#", "#", "#..#", "#--#--"),
        ("width", "#", "#", "#", "#-"),
    ],
    "b1-i3-c1-f1-k4-s1-d1-same-onone-last-bias-linear-float32": [("steps", "###", "####", "x###xx", " ###")],
    "b1-i0.1-c1-f1-k3.1-s2.1-d1.1-valid-onone-last-bias-linear-float32": [
        ("height", "", "-"),
        ("width", "#", "#", "#", "#"),
    ],
}
LOOKS = {"input": "#", "tap": "#", "kept": "#", "output": "#", "gap": ".", "cropped": "x", "gained": "+", "bare": "-"}


def make_drawings_of_case(case: str, examples: list[dict[str, Any]] | None = None) -> list[Drawing]:
    """Return the drawings, one for each axis, of a row about this case."""
    row: dict[str, Any] = {"expected": {"geometry": make_plain_axes(Case.parse(case))}, "observed": {}}
    if examples is not None:
        row["observed"]["index_map"] = {"sentence": "", "examples": examples}
    return make_drawings(row)


def drawing_as_text(drawing: Drawing) -> list[str]:
    """Return the rows of a drawing as text, as BY_HAND has them."""
    rows = []
    for track in drawing.tracks:
        found = {cell.column: LOOKS[cell.kind] for cell in track.cells}
        rows.append("".join(found.get(column, " ") for column in range(max(found, default=-1) + 1)))
    return rows


@pytest.mark.parametrize("case", BY_HAND)
def test_the_drawing_of_a_case_equals_the_one_made_by_hand(case: str) -> None:
    """Every row of cells of every axis is compared."""
    assert [(drawing.axis, *drawing_as_text(drawing)) for drawing in make_drawings_of_case(case)] == BY_HAND[case]


def test_the_geometry_of_a_row_names_the_rules_with_their_numbers() -> None:
    """An input of 4x4 with kernel 5, stride 2 and padding same gives 8x8."""
    plain = make_plain_axes(Case.parse(SAME_5_2))[1]
    rules = plain.pop("rules")
    numbers = {"n": 4, "k": 5, "s": 2, "d": 1, "ke": 5, "full": 11, "crop": 1, "m": 8}
    assert plain == {"axis": "width", **numbers, "output_padding": None, "gained": [0, 0]}
    assert list(rules) == ["S3", "V2", "A3"]
    (height, _) = make_drawings_of_case(SAME_5_2)
    assert height.rules[0] == ("S3", "output length: n s = 4 * 2 = 8, for output_padding None")
    assert height.words.startswith(
        "Height: input x: 4 cells, 2 apart (stride); taps w of x[0]: k = 5; all taps: 11 cells"
    )
    refused = Case.parse("b1-i4-c1-f1-k2-s3-d1-same-o0-last-bias-linear-float32")
    assert make_plain_axes(refused)[0]["rules"]["A3"] == "10 .. 12: what a forward convolution maps to 4; 9 is not"


def test_an_output_cell_is_drawn_as_computed_if_an_input_cell_reaches_it() -> None:
    """In every smoke case that fits the drawing, cell t is computed if i s + j d - front = t for some i and j."""
    looked = 0
    for case in cases_of_tier("smoke"):
        for axis, drawing in zip(make_plain_axes(case), make_drawings_of_case(case.id)):
            n, k, s, d, m = (axis[name] for name in ("n", "k", "s", "d", "m"))
            if axis["gained"] != [0, 0] or n == 0 or max(axis["full"], m + axis["crop"]) > COLUMNS:
                continue
            pad = max((n - 1) * s + (k - 1) * d + 1 - m, 0) // 2 if case.padding == "same" else 0
            taps = {t: [(i, j) for i in range(n) for j in range(k) if i * s + j * d - pad == t] for t in range(m)}
            output = {int(cell.text): cell for cell in drawing.tracks[-1].cells}
            assert {t: cell.kind for t, cell in output.items()} == {t: "output" if taps[t] else "bare" for t in taps}
            assert all(output[t].column == t + pad for t in taps), case.id
            looked += 1
    assert looked > 100


def test_drawn_cells_gained_by_output_padding_are_missing_without_it() -> None:
    """The two output lengths differ by output_padding."""
    looked = 0
    for case in cases_of_tier("smoke"):
        for number, axis in enumerate(make_plain_axes(case)):
            if not axis["output_padding"] or axis["output_padding"] < 0 or not case.output_padding:
                continue
            without = [*case.output_padding]
            without[number] = 0
            before = make_plain_axes(replace(case, output_padding=tuple(without)))
            if not before:
                continue
            there, were = (set(range(one["crop"], one["crop"] + one["m"])) for one in (axis, before[number]))
            assert len(there - were) == axis["output_padding"] == sum(axis["gained"])
            assert sum(column < min(were, default=0) for column in there) == axis["gained"][0] or not were
            looked += 1
    assert looked > 20


def axis_map(height: tuple[int, int | None], width: tuple[int, int | None]) -> dict[str, Any]:
    """Return an example of a misplaced product: input cell (1, 0), tap (1, 0), its expected and its observed cell."""
    observed = None if height[1] is None else [height[1], width[1], 0]
    facts = {"input": [1, 0], "channel": 0, "tap": [1, 0], "filter": 0}
    return {**facts, "expected": [height[0], width[0], 0], "observed": observed}


def test_a_misplaced_product_is_drawn_as_an_arrow() -> None:
    """Each axis has one arrow for each move along it; a product that is lost has an arrow without an end."""
    height, width = make_drawings_of_case(
        SAME_5_2, [axis_map((2, 3), (0, 0)), axis_map((2, 3), (0, 0)), axis_map((5, None), (0, None))]
    )
    assert [(arrow.start, arrow.end) for arrow in height.arrows] == [(3, 4), (6, None)]
    assert height.arrows[0].text == "x[1] w[1]: belongs in y[2], is in y[3]" and "is in y[3]" in height.words
    assert height.tracks[1].name == "taps w of x[1]" and height.tracks[1].cells[0].column == 2
    assert [arrow.end for arrow in width.arrows] == [None]
    (_, still) = make_drawings_of_case(SAME_5_2, [axis_map((2, 3), (0, 0))])
    assert not still.arrows and still.notes == ["These products move along another axis only."]


def test_a_drawing_of_a_long_axis_shows_its_first_and_last_cells() -> None:
    """A note says how many columns are left out, and an arrow that does not fit is described in words."""
    long = SAME_5_2.replace("i4.4", "i100.4")
    (height, _) = make_drawings_of_case(long, [axis_map((150, 151), (0, 0))])
    assert height.columns == COLUMNS
    assert sorted(cell.column for cell in height.tracks[2].cells) == list(range(COLUMNS))  # each column has one cell
    assert [cell.text for cell in height.tracks[0].cells if cell.kind == "input"][-1] == "99"
    assert height.tracks[-1].cells[0].text == "0" and "..." in [cell.text for cell in height.tracks[-1].cells]
    assert any("184 of 203 columns are left out" in note for note in height.notes)
    assert not height.arrows and "belongs in y[150], is in y[151]" in height.words


def test_a_case_without_a_valid_geometry_has_no_drawing() -> None:
    """Examples are a stride of 0, a negative length, and rows without geometry."""
    assert make_plain_axes(Case.parse(SAME_5_2.replace("s2.2", "s0.2"))) == []
    assert make_plain_axes(Case.parse("b1-i0.1-c1-f1-k2.1-s3.1-d1.1-valid-o0.0-last-bias-linear-float32")) == []
    assert make_drawings({"expected": {}, "observed": {"shape": [1]}}) == []


def test_each_cell_of_the_grid_of_wrong_entries_has_a_text() -> None:
    """The text has the position and the share of wrong entries; an axis that is too long has several cells a column."""
    found = make_difference_grid([".9", "41"], [1, 2, 3, 5], False)
    assert found is not None and (found.rows_in_words, found.columns_in_words) == (
        "height, 2 cells",
        "width, 3 cells, drawn 2 at a time",
    )
    assert [[words for _, words in row] for row in found.cells] == [
        ["height 0, width 0 to 1: no entry differs", "height 0, width 2: all entries differ"],
        [
            "height 1, width 0 to 1: 4/9 of the entries differ, or more",
            "height 1, width 2: less than 2/9 of the entries differ",
        ],
    ]
    flat = make_difference_grid(["9"], [2, 5, 1], True)
    assert flat is not None and (flat.rows_in_words, flat.columns_in_words, flat.cells[0][0][1]) == (
        *("", "steps, 1 cell", "steps 0: all entries differ"),
    )
    assert make_difference_grid([], [1, 2, 3, 5], False) is None
