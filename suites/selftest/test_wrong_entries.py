"""Faults that act only at size, and the sentence that says what their wrong entries have in common."""

from __future__ import annotations

import tracemalloc
from time import process_time
from typing import Any, Mapping

import numpy as np
import pytest

from fixtures.case import Case
from fixtures.cases.data_sets import make_dense_integers
from fixtures.check import Check
from fixtures.compare.diagnosis import budget, explanation
from fixtures.compare.diagnosis.budget import estimate_memory
from fixtures.compare.diagnosis.wrong_entries import describe_wrong_entries, name_axes
from fixtures.compare.evidence import to_ledger
from fixtures.compare.verdict import Verdict
from fixtures.faults import Fault, find_fault
from fixtures.frameworks.numpy_layer import NumpyLayer
from fixtures.frameworks.probe import observe_new_layer
from fixtures.run.message import failure_message
from fixtures.run.pipeline import run_check
from suites.selftest.faults_at_size import AUDIO, BATCH, CHANNELS, COLUMNS, FILTER, LATE_WHEN_LONG, STEPS, WIDE, doubled


def judged(fault: Fault, text: str, suite: str = "forward", variant: str = "eager") -> Verdict:
    """Return the verdict on the NumPy layer with the fault."""
    verdict = run_check(Check(suite, Case.parse(text), variant), NumpyLayer(fault), "CPU:0")
    assert verdict.verdict == "mismatch", verdict
    return verdict


def facts(verdict: Verdict) -> dict[str, Any]:
    """Return the observed facts as the ledger has them."""
    return to_ledger(verdict.observed)


@pytest.mark.parametrize(
    ("fault", "text", "sentence"),
    [
        (BATCH, WIDE.replace("b2", "b32"), "batch index 16 or more"),
        (BATCH, WIDE.replace("b2", "b17"), "batch index 16"),
        (FILTER, WIDE, "filter index 1"),
        (FILTER, WIDE.replace("-last", "-first"), "filter index 1"),
        (COLUMNS, WIDE, "output column index 100 or more"),
        (STEPS, AUDIO, "output step index 1000 or more"),
        (doubled((slice(None), slice(0, 40))), AUDIO, "output step index 39 or less"),
        (doubled((slice(None), slice(7, None, 4))), AUDIO, "output step index 7, 11, 15 and so on"),
        (doubled((1, slice(None), slice(20, 90))), WIDE, "batch index 1 and output column index 20 to 89"),
    ],
)  # fmt: skip
def test_the_common_index_is_named(fault: Fault, text: str, sentence: str) -> None:
    """Entries that are 0 stay right, so not every entry there is wrong."""
    found = facts(judged(fault, text))["wrong_entries"]
    assert found.startswith("Every wrong entry has %s (0-based); " % sentence), found


def test_how_many_of_them_are_wrong() -> None:
    """All, or some of so many; the only one; or every entry of the array."""
    wrong = np.zeros((4, 6, 5, 2), bool)
    assert describe_wrong_entries(wrong, "output") == ""
    wrong[2, 3, 4, 1] = True
    only = "batch index 2 and output row index 3 and output column index 4 and filter index 1"
    assert describe_wrong_entries(wrong, "output") == "The only wrong entry has %s (0-based)." % only
    wrong[..., 1] = True
    every = "Every wrong entry has filter index 1 (0-based); every entry with it is wrong."
    assert describe_wrong_entries(wrong, "output") == every
    wrong[0, 0, 0, 1] = False
    some = "Every wrong entry has filter index 1 (0-based); 119 of the 120 entries with it are wrong."
    assert describe_wrong_entries(wrong, "output") == some
    assert describe_wrong_entries(np.ones((2, 3), bool), "output") == "Every entry is wrong."
    wrong[...] = np.arange(240).reshape(wrong.shape) % 7 == 0
    assert describe_wrong_entries(wrong, "output") == ""  # nothing in common


def test_a_sample_is_described_by_the_indices_of_the_whole() -> None:
    """Of an array of 40 x 1,000 x 64, 3 x 4 x 3 entries are compared."""
    grid = ((0, 20, 39), (0, 400, 700, 999), (0, 31, 63))
    wrong = np.zeros((3, 4, 3), bool)
    wrong[1:, :, 1] = True
    common = "batch index 20 or more and filter index 31 (0-based); every entry with them is wrong."
    sentence = describe_wrong_entries(wrong, "output", grid=grid)
    assert sentence == "Of the entries that were compared: Every wrong entry has " + common


@pytest.mark.parametrize(
    ("array", "axes", "names"),
    [
        ("output", 4, ["batch", "output row", "output column", "filter"]),
        ("dx", 3, ["batch", "input step", "channel"]),
        ("dkernel", 4, ["kernel row", "kernel column", "filter", "channel"]),
        ("dbias", 1, ["filter"]),
        ("dx_dg", 5, ["batch", "output plane", "output row", "output column", "filter"]),
    ],
)
def test_axes_have_the_names_of_their_array(array: str, axes: int, names: list[str]) -> None:
    """The channels are last in all arrays."""
    assert list(name_axes(array, axes)) == names


def test_gradients_are_described_too() -> None:
    """The gradient at the kernel, wrong from an input channel on."""

    def change(found: dict[str, np.ndarray], case: Case, calls: int) -> dict[str, np.ndarray]:
        if "dkernel" in found:
            found = {**found, "dkernel": found["dkernel"] * np.where(np.arange(case.channels) < 20, 1, 2)}
        return found

    text = "b2-i6.7-c32-f3-k3.3-s2.2-d1.1-same-onone-last-bias-linear-float32"
    sentence = facts(judged(Fault("f", "", answer=change), text, "gradients"))["wrong_entries"]
    assert sentence.startswith("Every wrong entry has channel index 20 or more (0-based)")


def test_the_index_proof_does_not_name_its_batch() -> None:
    """Its batch index says which input is fed: the last output column is written by the last inputs only."""
    verdict = judged(
        doubled((..., -1, slice(None))), "b1-i4.5-c1-f2-k3.3-s2.2-d1.1-same-onone-last-bias-linear-float32"
    )
    assert verdict.data == "index-proof"
    assert facts(verdict)["wrong_entries"].startswith("Every wrong entry has output column index 9 (0-based)")


def test_a_batch_that_the_index_proof_hides() -> None:
    """60 inputs in one batch, of a case of 2: the case alone is right."""
    text = "b2-i4.5-c3-f2-k3.3-s2.2-d1.1-same-onone-last-bias-linear-float32"
    verdict = judged(BATCH, text)
    sentence = "It takes a batch of more than 2: wrong in a batch of 60, the same inputs are right in a batch of 2."
    assert verdict.data == "index-proof" and facts(verdict)["batch"] == sentence
    for other, size in ((FILTER, 2), (BATCH, 60), (BATCH, 70)):
        assert "batch" not in facts(judged(other, text.replace("b2", "b%d" % size)))


def test_long_inputs_are_named_in_little_memory() -> None:
    """9,000 samples: the fault by name, and one without a name by its entries."""
    text = AUDIO.replace("3000", "9000")
    for fault, name in (
        (find_fault("shifted-one-down"), "shifted-one-down"),
        (LATE_WHEN_LONG, "shifted-one-down"),
        (STEPS, None),
    ):
        tracemalloc.start()
        started = process_time()
        try:
            verdict = judged(fault, text)
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
        assert verdict.diagnosis == name and "limits" not in facts(verdict)
        assert peak < 200e6 and process_time() - started < 60


def test_a_plane_of_512_is_named_in_little_memory() -> None:
    """A square of 512 cells to one of 1,024."""
    text = "b1-i512.512-c2-f2-k3.3-s2.2-d1.1-same-onone-last-bias-linear-float32"
    tracemalloc.start()
    try:
        assert judged(find_fault("shifted-one-right"), text).diagnosis == "shifted-one-right"
        assert tracemalloc.get_traced_memory()[1] < 500e6
    finally:
        tracemalloc.stop()


def test_over_budget_the_verdict_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    """No time, or too little memory: the reason stands in place of the name, and the entries are described."""
    with monkeypatch.context() as patched:
        patched.setattr(budget, "SECONDS", -1.0)
        verdict = judged(find_fault("shifted-one-down"), AUDIO)
        assert verdict.diagnosis is None and facts(verdict)["limits"] == "The search for the fault stopped after -1 s."
    monkeypatch.setattr(budget, "BYTES", 50e6)
    verdict = judged(STEPS, AUDIO)
    assert verdict.diagnosis is None and "index 1000 or more" in facts(verdict)["wrong_entries"]
    assert facts(verdict)["limits"].startswith("The fault was not searched: it takes about 10")
    text = failure_message({**Check("forward", Case.parse(AUDIO), "eager").to_row(), **verdict.to_row()}, "pytest")
    assert (
        "diagnosis: The fault was not searched" in text and "wrong entries: Every wrong entry has output step" in text
    )


def test_a_full_memory_keeps_the_verdict(monkeypatch: pytest.MonkeyPatch) -> None:
    """The NumPy layer gets no memory while the fault is searched."""

    def fill(*_: Any) -> None:
        raise MemoryError

    monkeypatch.setattr(explanation, "observe_new_layer", fill)
    verdict = judged(STEPS, AUDIO)
    assert facts(verdict)["limits"] == "The search for the fault ended, because the memory was full."
    assert "index 1000 or more" in facts(verdict)["wrong_entries"]


def test_the_estimate_of_memory_holds() -> None:
    """What the search takes at its peak is less than was estimated, and more than a quarter of it."""
    for text in ("b4-i20000-c4-f8-k9-s2-d1-same-onone-last-bias-linear-float32", WIDE.replace("200", "3000")):
        case = Case.parse(text)
        data = make_dense_integers(case)
        seen = observe_new_layer(NumpyLayer(STEPS), case, data, "eager", "CPU:0")
        assert isinstance(seen, Mapping)
        tracemalloc.start()
        try:
            observe_new_layer(NumpyLayer(find_fault("shifted-one-down")), case, data, "eager", "CPU:0")
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
        assert 0.25 * estimate_memory(data, seen) < peak < estimate_memory(data, seen)


def test_a_mistake_of_large_channels_has_nothing_else_in_common() -> None:
    """All entries are wrong, but those that are 0."""
    assert "wrong_entries" not in facts(judged(CHANNELS, WIDE.replace("c3", "c200")))
