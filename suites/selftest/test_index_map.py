"""Tests of the index map: the diagnosis reads from an output to which cell each product was added."""

from __future__ import annotations

import json
from typing import Any, Callable, Mapping

import numpy as np
import pytest

from fixtures.case import Case
from fixtures.cases.data_sets import Data, yield_data_sets
from fixtures.check import Check
from fixtures.compare.diagnosis.index_map import IndexMap, read_index_map
from fixtures.compare.diagnosis.place_descriptions import describe_chosen_places, find_exchange
from fixtures.compare.evidence import to_ledger
from fixtures.compare.verdict import Verdict
from fixtures.faults import HEALTHY, Fault
from fixtures.frameworks.layer_calls import LayerInMode
from fixtures.frameworks.numpy_layer import NumpyLayer
from fixtures.observation import Observed
from fixtures.oracle.expectation import compute_output
from suites.forward.check import run

VALID = Case.parse("b2-i4.5-c3-f2-k3.3-s2.2-d1.1-valid-onone-last-bias-linear-float32")
SAME = Case.parse("b2-i4.5-c3-f2-k3.3-s2.2-d1.1-same-onone-last-bias-linear-float32")
CHANNELS_FIRST = Case.parse("b2-i4.5-c3-f2-k3.3-s2.2-d1.1-valid-onone-first-bias-linear-float32")


def make_proof_and_output(case: Case) -> tuple[Data, np.ndarray]:
    """Return the index proof of a case and its correct output."""
    data = next(yield_data_sets(case))
    assert data.name == "index-proof"
    return data, compute_output(case, data.x, data.kernel, None)


def index_map_of(case: Case, change: Callable[[np.ndarray], np.ndarray]) -> IndexMap:
    """Return the index map that is read from the correct output after ``change``."""
    data, y = make_proof_and_output(case)
    found = read_index_map(case, data, change(y))
    assert found is not None
    json.dumps(found.to_json(), allow_nan=False)
    return found


class Odd(NumpyLayer):
    """A NumPy layer with a fault that has no name: taps of row 1 to filter 1 go two columns further."""

    def answer(
        self, probe: LayerInMode, what: str, case: Case, fed: Mapping[str, np.ndarray]
    ) -> Mapping[str, Observed]:
        """Compute the two parts of the kernel separately, move the second, and add both."""
        weights = probe.layer.get_weights()
        part = np.zeros_like(weights[0])
        part[1, :, 1] = weights[0][1, :, 1]
        probe.layer.set_weights([weights[0] - part, *weights[1:]])
        found = super().answer(probe, what, case, fed)["output"]
        probe.layer.set_weights([part, 0 * weights[1]])
        moved = super().answer(probe, what, case, fed)["output"].values
        axis = 3 if case.data_format == "channels_first" else 2
        moved = np.roll(moved, 2, axis)
        moved.swapaxes(0, axis)[:2] = 0
        return {"output": Observed(found.shape, found.dtype, found.values + moved, found.device)}


def judge_fault(subject: NumpyLayer, case: Case) -> Verdict:
    """Return the verdict of the forward suite, which must be a mismatch."""
    verdict = run(Check("forward", case, "eager"), subject, "CPU:0")
    assert verdict.verdict == "mismatch"
    return verdict


@pytest.mark.parametrize("case", [VALID, SAME, CHANNELS_FIRST], ids=lambda case: case.id)
def test_the_index_map_describes_a_fault_without_a_name(case: Case) -> None:
    """It says which products moved, how far, and that some leave the output; also in channels_first."""
    verdict = judge_fault(Odd(HEALTHY), case)
    assert verdict.diagnosis == "index_map: (0, +2)"
    shown = to_ledger(verdict.observed)["index_map"]
    assert "land (0, +2) off" in shown["sentence"]
    assert shown["sentence"].endswith("The wrong ones are exactly those of tap row 1 and filter 1.")
    first = {"input": [0, 0], "channel": 0, "tap": [1, 0], "filter": 1}
    assert shown["examples"][0] == {**first, "expected": [1, 0, 1], "observed": [1, 2, 1]}


def test_the_index_map_counts_moved_and_lost_products() -> None:
    """Of 1,080 products, one row of taps to one filter moves; 2 of the 11 columns leave the output."""
    sentence = to_ledger(judge_fault(Odd(HEALTHY), VALID).observed)["index_map"]["sentence"]
    # Only the last input column reaches columns 9 and 10, by taps 1 and 2: for 4 rows and 3 channels 24 products.
    assert sentence.startswith("Of 1,080 products 900 land where they should, 156 land (0, +2) off, 24 land nowhere.")


def test_a_correct_output_has_no_misplaced_products() -> None:
    """A longer output has none either, because its shape is the mistake."""
    for change in (lambda y: y, lambda y: np.pad(y, ((0, 0), (0, 1), (0, 0), (0, 0)))):
        found = index_map_of(SAME, change)
        assert found == IndexMap("Of 924 products 924 land where they should.", [], None)


def move_by_one_cell(y: np.ndarray, axis: int = 1) -> np.ndarray:
    """Return an output moved one cell along an axis."""
    moved = np.roll(y, 1, axis)
    moved.swapaxes(0, axis)[0] = 0
    return moved


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("b2-i5-c3-f2-k3-s2-d1-valid-onone-last-bias-linear-float32", "index_map: (+1)"),
        ("b2-i2.3.2-c2-f2-k3.2.2-s2.1.2-d1.1.1-same-onone-first-bias-linear-float32", "index_map: (+1, 0, 0)"),
        ("b2-i4.5-c3-f2-k3.2-s1.1-d2.2-valid-onone-last-nobias-linear-float16", "index_map: (+1, 0)"),
        # This case crops 2 cells in front.
        ("b2-i4.5-c3-f2-k5.3-s1.2-d1.1-same-onone-last-bias-linear-float32", "index_map: (+1, 0)"),
    ],
)
def test_the_index_map_is_read_in_one_two_and_three_dimensions(text: str, key: str) -> None:
    """One move explains all products, also those that it moves out of the output."""
    assert index_map_of(Case.parse(text), move_by_one_cell).key == key


def test_products_that_the_crop_removes_are_not_counted() -> None:
    """A correct output with a crop has no misplaced products."""
    cropped = Case.parse("b2-i4.5-c3-f2-k5.5-s1.1-d1.1-same-onone-last-bias-linear-float32")
    # The crop leaves 14 of the 20 pairs of cell and tap along 4 cells, and 19 of 25 along 5 cells.
    assert index_map_of(cropped, lambda y: y).sentence == "Of 1,596 products 1,596 land where they should."


def _make_change_that_zeroes_column(column: int) -> Callable[[np.ndarray], np.ndarray]:
    """Return a change of an output that sets one column to zero."""

    def change(y: np.ndarray) -> np.ndarray:
        y = y.copy()
        y[:, :, column] = 0
        return y

    return change


def _zero_odd_columns(y: np.ndarray) -> np.ndarray:
    """Return the output with its odd columns set to zero."""
    y = y.copy()
    y[:, :, 1::2] = 0
    return y


@pytest.mark.parametrize(
    ("change", "key", "words"),
    [
        (lambda y: y[:, :, :, ::-1], "filters in reverse order", "are made with another kernel entry"),
        (lambda y: np.roll(y, 1, 0), None, "hold a product of another channel"),
        (_make_change_that_zeroes_column(9), "nowhere", "exactly those of output column 9."),
        (_zero_odd_columns, "nowhere", "exactly those of tap column 1 (that is, odd output columns)."),
        (
            lambda y: _make_change_that_zeroes_column(5)(move_by_one_cell(y)),
            None,
            "land nowhere",
        ),  # the move does not explain it
        (lambda y: y * 2, None, "924 are not seen, 924 cells hold no single product."),
        (lambda y: y + move_by_one_cell(y), None, "cells hold no single product"),
        (lambda y: y * np.nan, None, "cells hold no single product"),
    ],
)
def test_an_index_map_has_a_key_only_if_one_reason_explains_everything(
    change: Callable[[np.ndarray], np.ndarray], key: str | None, words: str
) -> None:
    """The sentence describes the misplaced products in each case."""
    found = index_map_of(SAME, change)
    assert found.key == (key and "index_map: " + key)
    assert words in found.sentence


def test_the_index_map_recognizes_an_input_that_is_read_in_reverse() -> None:
    """The crop differs at the two ends, so other products are lost."""
    fault = Fault("rows-reversed", "", input=lambda x, case: x[:, ::-1])
    assert judge_fault(NumpyLayer(fault), SAME).diagnosis == "index_map: input rows in reverse order"


def test_the_index_map_recognizes_a_kernel_that_is_flipped_for_one_filter() -> None:
    """The sentence names the axis and the filter."""
    fault = Fault("f", "", kernel=lambda w, case: np.concatenate([w[..., :1, :], w[:, ::-1, 1:]], axis=-2))
    verdict = judge_fault(NumpyLayer(fault), VALID)
    assert verdict.diagnosis == "index_map: tap columns in reverse order"
    sentence = to_ledger(verdict.observed)["index_map"]["sentence"]
    assert sentence.endswith("The wrong ones are exactly those of filter 1.")


def test_an_output_with_another_rank_or_batch_has_no_index_map() -> None:
    """Its entries correspond to no expected entries."""
    data, y = make_proof_and_output(SAME)
    assert read_index_map(SAME, data, y[1:]) is None and read_index_map(SAME, data, y[0]) is None


def test_the_places_of_misplaced_products_are_described_in_words() -> None:
    """A single value, a range, a parity or two of these are described; other sets have no description."""
    a, b = (each.ravel() for each in np.indices((5, 4)))
    index = {"a": a, "b": b}
    cases: dict[Any, Any] = {
        "a 2": a == 2,
        "as up to 1": a < 2,
        "as from 3 on": a > 2,
        "odd bs": b % 2 == 1,
        "a 4 and b 0": (a == 4) & (b == 0),
        "": a >= 0,
        None: (a == 1) | (b == 2),
    }
    for words, chosen in cases.items():
        assert describe_chosen_places(index, chosen) == words


def test_swapped_reversed_and_rotated_axes_are_recognized() -> None:
    """The rule gives the right place for other cells; other changes give no rule."""
    here = np.indices((3, 3)).reshape(2, -1)
    found = {}
    for there in (here[::-1], 2 - here, (here + [[1], [0]]) % 3):
        rule = find_exchange(("a", "b"), (3, 3), here, np.asarray(there))
        assert rule is not None and np.array_equal(rule.apply(here), there)
        found[rule.words] = there
    assert list(found) == ["a and b swapped", "as in reverse order and bs in reverse order", "as moved round by 2"]
    assert find_exchange(("a", "b"), (3, 3), here, here) is None
    assert find_exchange(("a", "b"), (3, 3), here, here * here % 3) is None
