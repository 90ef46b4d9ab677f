"""Tests of what ``explain`` answers: changes, products, pictures, translations and releases."""

from __future__ import annotations

import itertools
from dataclasses import replace
from typing import Iterator

import pytest

from fixtures.case import PADDINGS, Case
from fixtures.cases.draws import yield_draws
from fixtures.deviations.releases import Release, find_findings, is_plain, read_releases
from fixtures.deviations.support import find_support, write_releases
from fixtures.explain.changes import find_changes
from fixtures.explain.drawing import draw_taps
from fixtures.explain.keras_layer import find_keras_layer
from fixtures.explain.layer import Layer, Window, layer_of_case, make_windows
from fixtures.explain.products import count_products
from fixtures.oracle.expectation import Accepts, expected_result, index_map_operator, output_size
from fixtures.oracle.term_counts import count_pairs
from suites.fuzz.explain import answer_words

KERAS = Case(1, (20, 20), 1, 1, (3, 3), (10, 10), (1, 1), "same")
STATEMENT = Case(1, (4, 4), 3, 3, (5, 5), (2, 2), (1, 1), "same")


def yield_single_changes(case: Case, target: tuple[int, ...]) -> Iterator[Case]:
    """Yield every accepted case that gives the target and differs in one of four arguments, the same on all axes."""
    values = {"output_padding": range(12), "padding": PADDINGS, "strides": range(1, 13), "kernel_size": range(1, 20)}
    for field, ones in values.items():
        for value in ones:
            changed = replace(case, **{field: value if field == "padding" else (value,) * case.rank})  # type: ignore[arg-type]  # by name
            expected = expected_result(changed)
            if changed != case and isinstance(expected, Accepts) and output_size(changed) == target:
                yield changed


@pytest.mark.parametrize("case", [KERAS, STATEMENT, replace(STATEMENT, padding="valid")])
def test_every_single_change_that_gives_the_target_is_listed(case: Case) -> None:
    """A search by brute force finds no other, up to the number that is listed of one kind."""
    (middle,) = set(output_size(case))
    for length in range(max(middle - 12, 1), middle + 13):
        target = (length,) * case.rank
        listed = [change.case for change in find_changes(case, target)]
        if length == middle:
            assert listed == []
            continue
        for changed in yield_single_changes(case, target):
            kinds = [one for one in listed if one and one.kernel_size != case.kernel_size]
            assert changed in listed or (changed.kernel_size != case.kernel_size and len(kinds) == 4), changed.id
        for one in listed:
            assert one is None or (isinstance(expected_result(one), Accepts) and output_size(one) == target)


def test_the_changes_of_the_public_statements_are_listed() -> None:
    """195 of 20 is output_padding 4; 12 of 4 is strides 3, or valid with output_padding 1."""
    assert find_changes(KERAS, (195, 195))[0].code == "output_padding=4"
    codes = [change.code for change in find_changes(STATEMENT, (12, 12))]
    assert codes.index('padding="valid", output_padding=1') < codes.index("strides=3")
    assert codes[-1].startswith("then ZeroPadding2D")
    assert find_changes(KERAS, (200, 200)) == ()


def test_a_target_that_is_longer_and_shorter_is_reached_by_cropping_and_padding() -> None:
    """This holds in three dimensions, where no layer interpolates."""
    case = Case(1, (8, 8, 8), 1, 1, (3,) * 3, (5, 3, 2), (1,) * 3, "same")
    (change,) = find_changes(case, (40, 23, 17))[-1:]
    assert change.code == "then Cropping3D(((0, 0), (0, 1), (0, 0))), then ZeroPadding3D(((0, 0), (0, 0), (0, 1)))"


def test_what_crops_or_pads_channels_first_says_so() -> None:
    """Without data_format, Keras' layers take the channels for an axis; those of one axis know no data_format."""
    case = Case(1, (5, 5), 3, 3, (4, 4), (2, 2), (1, 1), "same", data_format="channels_first")
    assert find_changes(case, (11, 11))[-1].code == 'then ZeroPadding2D(((0, 1), (0, 1)), data_format="channels_first")'
    one = Case(1, (5,), 3, 3, (4,), (2,), (1,), "same", data_format="channels_first")
    assert find_changes(one, (9,))[-1].code == "then Permute((2, 1)), Cropping1D((0, 1)) and Permute((2, 1))"


def test_a_refused_output_padding_is_answered_with_other_means() -> None:
    """The length that it asks for is the target, and the layer without it is cropped."""
    call = 'Conv2DTranspose(1, 16, strides=8, padding="same", output_padding=(8, 1))'
    answer = answer_words([call, "--input", "46x62"])
    assert [one.rule for one in answer.refusals] == ["R6"] and answer.target == (368, 489)
    assert answer.changes[-1].code == "output_padding=None, then Cropping2D(((0, 0), (3, 4)))"
    assert "must be smaller than the stride" in answer.why_not


def test_products_are_those_of_the_oracle() -> None:
    """This holds for the first and last cells, and for the period between the borders."""
    for _, case in yield_draws(60):
        layer, shape = layer_of_case(case)
        if not isinstance(expected_result(case), Accepts) or min(case.size) < 1:
            continue
        index_map = index_map_operator(case)
        for axis, window in enumerate(make_windows(layer, shape.size)):
            lengths = (index_map.n, index_map.k, index_map.s, index_map.d, index_map.m, index_map.crop)
            counted = count_pairs(*(length[axis] for length in lengths)).by_output.tolist()
            found = count_products(window)
            assert list(found.first) == counted[:12] and list(found.last) == counted[-12:], case.id
            assert sum(found.period) == window.k


@pytest.mark.parametrize(
    ("k", "s", "d", "sentence"),
    [
        (3, 2, 1, "along an axis, output cells sum 2, 1 products in turn"),
        (5, 2, 1, "kernel_size 4 or 6 gives all of them the same number"),
        (4, 2, 1, "sums 2 products along an axis, no checkerboard"),
        (3, 10, 1, "7 of every 10 output cells get no product, only the bias"),
        (3, 1, 1, "sums 3 products along an axis, no checkerboard"),
        (4, 2, 2, "have a common divisor: 1 of every 2 output cells get no product"),
        (10**6, 2, 1, "products are not counted"),
    ],
)
def test_a_kernel_that_is_not_a_multiple_of_the_stride_is_a_checkerboard(k: int, s: int, d: int, sentence: str) -> None:
    """The sentence says which numbers of products the output cells have."""
    assert sentence in count_products(Window(4, k, s, d, 0, 0)).sentence


@pytest.mark.parametrize(
    "window",
    [
        Window(4, 5, 2, 1, 1, 2),
        Window(358, 3, 2, 1, 0, 1),
        Window(16384, 25, 4, 1, 10, 11),
        Window(9, 99, 1, 1, 49, 49),
    ],
)
def test_a_picture_shows_the_first_and_the_last_output_cell(window: Window) -> None:
    """Every line of it has both brackets, is short, and shows the taps of its input cell."""
    _, *lines = draw_taps(window)
    rows = [line for line in lines if line.strip() != "..."]
    assert all(line.count("[") == 2 and line.count("]") == 2 and len(line) < 110 for line in rows)
    assert rows[0].startswith("  x[0]") and rows[-1].startswith("  x[%d]" % ((window.n or 0) - 1))
    assert all("#" in line for line in rows)


def test_the_keras_layer_of_torch_arguments_has_the_same_crop() -> None:
    """All crops of kernels up to 5 and strides up to 3: the layer that is found has the same window."""
    found = 0
    for k, s, front, end in itertools.product(range(1, 6), range(1, 4), range(4), range(-2, 4)):
        layer = Layer("torch", (k,), (s,), (1,), padding="explicit", crops=((front, end),))
        windows = make_windows(layer, (7,))
        keras = find_keras_layer(layer, windows)
        if keras is not None:
            assert make_windows(keras, (7,)) == windows
            found += 1
    assert found > 40


def test_releases_are_those_of_the_matrix() -> None:
    """Each has the versions of its lock file."""
    names = {(one.line, one.name) for one in read_releases()}
    assert {
        ("tf.keras of TensorFlow", "1.15"),
        ("Keras 3 on torch", "3.15"),
        ("tf_keras on TensorFlow", "2.21"),
    } <= names
    assert all(one.keras and one.tensorflow for one in read_releases())


def test_known_deviations_say_which_releases_are_right() -> None:
    """On torch, an odd crop is wrong before Keras 3.15; output_padding 0 is refused before 3.11, and lost in files."""
    support = find_support(replace(KERAS, size=(4, 4), kernel_size=(3, 3), strides=(2, 2)))
    assert ("Keras 3 on torch", "3.15") in {(one.line, one.name) for one in support.right}
    assert ("Keras 3 on torch", "3.14") not in {(one.line, one.name) for one in support.right}
    zero = find_findings(replace(KERAS, output_padding=(0, 0)))
    plain = {one.cause for one in zero if is_plain(one)}
    assert plain == {"zero-output-padding-refused"}
    assert "output-padding-not-saved" in {one.cause for one in zero}
    dilated = find_support(replace(KERAS, strides=(1, 1), dilation_rate=(1, 2)))
    assert any("same along every axis" in because for because, _ in dilated.refusing)
    upper = {one.cause for one in find_findings(STATEMENT, ("padding.upper",))}
    assert "torch-upper-case-padding" in upper - {one.cause for one in find_findings(STATEMENT)}


def test_neighbouring_releases_are_written_as_a_range() -> None:
    """A range leaves out no release of the line."""
    known = [Release("keras3", "torch", "3.%d.0" % minor, "2.21.0") for minor in (3, 6, 8, 10)]
    assert write_releases([known[0], known[1], known[3]], known) == ["Keras 3 on torch 3.3 to 3.6, 3.10"]
    other = Release("keras3", "torch", "3.6.0", "2.18.1")
    assert write_releases([other], [*known, other]) == ["Keras 3 on torch 3.6 with TensorFlow 2.18.1"]
