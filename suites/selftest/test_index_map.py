"""Tests of the index map: the diagnosis reads from an output where each product was written."""

from __future__ import annotations

import json
from typing import Any, Callable, Mapping

import numpy as np
import pytest

from fixtures.case import Case
from fixtures.cases.data_sets import Data, yield_data_sets
from fixtures.check import Check
from fixtures.compare.diagnosis.index_map import IndexMap, read_index_map
from fixtures.compare.diagnosis.patterns import describe_chosen_places, find_exchange
from fixtures.compare.evidence import to_ledger
from fixtures.compare.verdict import Verdict
from fixtures.faults import HEALTHY, Fault
from fixtures.frameworks.numpy_layer import NumpyLayer
from fixtures.frameworks.probe import Probe
from fixtures.observation import Observed
from fixtures.oracle.expectation import compute_output
from suites.forward.check import run

VALID = Case.parse("b2-i4.5-c3-f2-k3.3-s2.2-d1.1-valid-onone-last-bias-linear-float32")
SAME = Case.parse("b2-i4.5-c3-f2-k3.3-s2.2-d1.1-same-onone-last-bias-linear-float32")
FIRST = Case.parse("b2-i4.5-c3-f2-k3.3-s2.2-d1.1-valid-onone-first-bias-linear-float32")


def proof(case: Case) -> tuple[Data, np.ndarray]:
    """The index proof and the right output on it."""
    data = next(yield_data_sets(case))
    assert data.name == "index-proof"
    return data, compute_output(case, data.x, data.kernel, None)


def index_map_of(case: Case, change: Callable[[np.ndarray], np.ndarray]) -> IndexMap:
    """Of a right output, changed."""
    data, y = proof(case)
    found = read_index_map(case, data, change(y))
    assert found is not None
    json.dumps(found.plain, allow_nan=False)
    return found


class Odd(NumpyLayer):
    """A NumPy layer that is right but for the taps of row 1 to filter 1, which go two columns further."""

    def answer(self, probe: Probe, what: str, case: Case, fed: Mapping[str, np.ndarray]) -> Mapping[str, Observed]:
        """The two parts apart, then together."""
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


def judged(subject: NumpyLayer, case: Case) -> Verdict:
    """By the forward suite."""
    verdict = run(Check("forward", case, "eager"), subject, "CPU:0")
    assert verdict.verdict == "mismatch"
    return verdict


@pytest.mark.parametrize("case", [VALID, SAME, FIRST], ids=lambda case: case.id)
def test_an_odd_fault_is_read_back(case: Case) -> None:
    """Which products, how far, and that some leave the output; the same in channels_first."""
    verdict = judged(Odd(HEALTHY), case)
    assert verdict.diagnosis == "index_map: (0, +2)"
    shown = to_ledger(verdict.observed)["index_map"]
    assert "land (0, +2) off" in shown["sentence"]
    assert shown["sentence"].endswith("The wrong ones are exactly those of tap row 1 and filter 1.")
    first = {"input": [0, 0], "channel": 0, "tap": [1, 0], "filter": 1}
    assert shown["examples"][0] == {**first, "expected": [1, 0, 1], "observed": [1, 2, 1]}


def test_the_numbers_are_counted() -> None:
    """Of 4 * 5 cells, 3 channels, 9 taps and 2 filters, a row of 3 taps to a filter moves; 2 of 11 columns leave."""
    sentence = to_ledger(judged(Odd(HEALTHY), VALID).observed)["index_map"]["sentence"]
    # Columns 9 and 10 are reached from the last input column alone, by taps 1 and 2: of 4 rows and 3 channels 24.
    assert sentence.startswith("Of 1,080 products 900 land where they should, 156 land (0, +2) off, 24 land nowhere.")


def test_a_right_output_has_nothing_astray() -> None:
    """Nor has a longer one, whose shape is what is wrong."""
    for change in (lambda y: y, lambda y: np.pad(y, ((0, 0), (0, 1), (0, 0), (0, 0)))):
        found = index_map_of(SAME, change)
        assert found == IndexMap("Of 924 products 924 land where they should.", [], None)


def late(y: np.ndarray, axis: int = 1) -> np.ndarray:
    """One cell late along an axis."""
    moved = np.roll(y, 1, axis)
    moved.swapaxes(0, axis)[0] = 0
    return moved


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("b2-i5-c3-f2-k3-s2-d1-valid-onone-last-bias-linear-float32", "index_map: (+1)"),
        ("b2-i2.3.2-c2-f2-k3.2.2-s2.1.2-d1.1.1-same-onone-first-bias-linear-float32", "index_map: (+1, 0, 0)"),
        ("b2-i4.5-c3-f2-k3.2-s1.1-d2.2-valid-onone-last-nobias-linear-float16", "index_map: (+1, 0)"),
        ("b2-i4.5-c3-f2-k5.3-s1.2-d1.1-same-onone-last-bias-linear-float32", "index_map: (+1, 0)"),  # a crop of 2
    ],
)
def test_all_ranks_are_read(text: str, key: str) -> None:
    """By one move that explains all, what it carries out of the output included."""
    assert index_map_of(Case.parse(text), late).key == key


def test_a_crop_is_counted() -> None:
    """A right output of one that cuts in front has nothing astray, and what is cut does not count."""
    cropped = Case.parse("b2-i4.5-c3-f2-k5.5-s1.1-d1.1-same-onone-last-bias-linear-float32")
    # Along 4 cells 14 of the 20 pairs of cell and tap stay, along 5 cells 19 of 25.
    assert index_map_of(cropped, lambda y: y).sentence == "Of 1,596 products 1,596 land where they should."


def _without(column: int) -> Callable[[np.ndarray], np.ndarray]:
    def change(y: np.ndarray) -> np.ndarray:
        y = y.copy()
        y[:, :, column] = 0
        return y

    return change


def _odd_columns_lost(y: np.ndarray) -> np.ndarray:
    y = y.copy()
    y[:, :, 1::2] = 0
    return y


@pytest.mark.parametrize(
    ("change", "key", "words"),
    [
        (lambda y: y[:, :, :, ::-1], "filters in reverse order", "are made with another kernel entry"),
        (lambda y: np.roll(y, 1, 0), None, "hold a product of another channel"),
        (_without(9), "nowhere", "exactly those of output column 9."),
        (_odd_columns_lost, "nowhere", "exactly those of tap column 1 (that is, odd output columns)."),
        (lambda y: _without(5)(late(y)), None, "land nowhere"),  # which the move does not explain
        (lambda y: y * 2, None, "924 are not seen, 924 cells hold no single product."),
        (lambda y: y + late(y), None, "cells hold no single product"),
        (lambda y: y * np.nan, None, "cells hold no single product"),
    ],
)
def test_the_key_and_the_sentence(change: Callable[[np.ndarray], np.ndarray], key: str | None, words: str) -> None:
    """A key only where one reason explains everything."""
    found = index_map_of(SAME, change)
    assert found.key == (key and "index_map: " + key)
    assert words in found.sentence


def test_an_input_read_in_reverse_is_recognized() -> None:
    """Though the crop differs at the two ends, so that other products are lost."""
    fault = Fault("rows-reversed", "", input=lambda x, case: x[:, ::-1])
    assert judged(NumpyLayer(fault), SAME).diagnosis == "index_map: input rows in reverse order"


def test_a_kernel_flipped_for_one_filter_is_recognized() -> None:
    """What is exchanged, and for which."""
    fault = Fault("f", "", kernel=lambda w, case: np.concatenate([w[..., :1, :], w[:, ::-1, 1:]], axis=-2))
    verdict = judged(NumpyLayer(fault), VALID)
    assert verdict.diagnosis == "index_map: tap columns in reverse order"
    sentence = to_ledger(verdict.observed)["index_map"]["sentence"]
    assert sentence.endswith("The wrong ones are exactly those of filter 1.")


def test_other_ranks_and_batches_are_not_read() -> None:
    """There is nothing to compare them with."""
    data, y = proof(SAME)
    assert read_index_map(SAME, data, y[1:]) is None and read_index_map(SAME, data, y[0]) is None


def test_patterns() -> None:
    """One value, a range, a parity, two at once; silence where it is none of them."""
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


def test_exchanges() -> None:
    """Swapped, reversed, rotated axes, and what they do to other places; nothing else."""
    here = np.indices((3, 3)).reshape(2, -1)
    found = {}
    for there in (here[::-1], 2 - here, (here + [[1], [0]]) % 3):
        rule = find_exchange(("a", "b"), (3, 3), here, np.asarray(there))
        assert rule is not None and np.array_equal(rule.of(here), there)
        found[rule.words] = there
    assert list(found) == ["a and b swapped", "as in reverse order and bs in reverse order", "as moved round by 2"]
    assert find_exchange(("a", "b"), (3, 3), here, here) is None
    assert find_exchange(("a", "b"), (3, 3), here, here * here % 3) is None
