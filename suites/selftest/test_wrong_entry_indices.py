"""Tests of the sentence that says what wrong entries have in common, with faults that act only on large cases."""

from __future__ import annotations

import tracemalloc
from dataclasses import replace
from time import process_time
from typing import Any, Mapping

import numpy as np
import pytest

from fixtures.case import Case
from fixtures.cases.data_sets import make_dense_integers
from fixtures.check import Check
from fixtures.compare import check_cost as compare_budget
from fixtures.compare.diagnosis import budget, fault_search
from fixtures.compare.diagnosis.budget import estimate_memory
from fixtures.compare.diagnosis.explanation import ONLY_REDUCED
from fixtures.compare.diagnosis.wrong_entry_indices import describe_wrong_entries, name_axes
from fixtures.compare.evidence import to_ledger
from fixtures.compare.verdict import Verdict
from fixtures.faults import Fault, find_fault
from fixtures.frameworks.layer_calls import observe_new_layer
from fixtures.frameworks.numpy_layer import NumpyLayer
from fixtures.run import check_run
from fixtures.run.check_run import run_check
from fixtures.run.failure_message import failure_message
from fixtures.run.snippet_with_memory_note import make_snippet
from fixtures.snippets.shared_parts import NONE
from suites.selftest.faults_at_size import (
    AUDIO,
    BATCH,
    CHANNELS,
    COLUMNS,
    FILTER,
    LATE_WHEN_LONG,
    STEPS,
    WIDE,
    make_doubling_fault,
)


def judge_fault(fault: Fault, text: str, suite: str = "forward", variant: str = "eager") -> Verdict:
    """Return the verdict on the NumPy layer with the fault, which must be a mismatch."""
    verdict = run_check(Check(suite, Case.parse(text), variant), NumpyLayer(fault), "CPU:0")
    assert verdict.verdict == "mismatch", verdict
    return verdict


def observed_facts(verdict: Verdict) -> dict[str, Any]:
    """Return the observed facts of a verdict as the ledger has them."""
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
        (make_doubling_fault((slice(None), slice(0, 40))), AUDIO, "output step index 39 or less"),
        (make_doubling_fault((slice(None), slice(7, None, 4))), AUDIO, "output step index 7, 11, 15 and so on"),
        (make_doubling_fault((1, slice(None), slice(20, 90))), WIDE, "batch index 1 and output column index 20 to 89"),
    ],
)  # fmt: skip
def test_the_sentence_names_the_index_that_wrong_entries_share(fault: Fault, text: str, sentence: str) -> None:
    """Entries that are 0 stay correct, so not every entry at the index is wrong."""
    found = observed_facts(judge_fault(fault, text))["wrong_entries"]
    assert found.startswith("Every wrong entry has %s (0-based); " % sentence), found


def test_the_sentence_says_how_many_entries_at_the_common_index_are_wrong() -> None:
    """It may be a single one, some, all at the index, or all of the array."""
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
    assert describe_wrong_entries(wrong, "output") == ""  # the wrong entries have nothing in common


def test_wrong_entries_of_a_sample_are_described_by_their_indices_in_the_whole_array() -> None:
    """The array has 40 x 1,000 x 64 entries, of which 3 x 4 x 3 are compared."""
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
def test_the_axes_of_each_array_have_their_own_names(array: str, axes: int, names: list[str]) -> None:
    """The channels are last in all arrays."""
    assert list(name_axes(array, axes)) == names


def test_wrong_entries_of_a_gradient_are_described() -> None:
    """The gradient at the kernel is wrong from one input channel on."""

    def change(found: dict[str, np.ndarray], case: Case, calls: int) -> dict[str, np.ndarray]:
        if "dkernel" in found:
            found = {**found, "dkernel": found["dkernel"] * np.where(np.arange(case.channels) < 20, 1, 2)}
        return found

    text = "b2-i6.7-c32-f3-k3.3-s2.2-d1.1-same-onone-last-bias-linear-float32"
    sentence = observed_facts(judge_fault(Fault("f", "", answer=change), text, "gradients"))["wrong_entries"]
    assert sentence.startswith("Every wrong entry has channel index 20 or more (0-based)")


def test_wrong_entries_of_the_index_proof_are_not_described_by_batch() -> None:
    """Its batch index only says which input is fed: the last inputs alone write the last output column."""
    verdict = judge_fault(
        make_doubling_fault((..., -1, slice(None))), "b1-i4.5-c1-f2-k3.3-s2.2-d1.1-same-onone-last-bias-linear-float32"
    )
    assert verdict.data == "index-proof"
    assert observed_facts(verdict)["wrong_entries"].startswith("Every wrong entry has output column index 9 (0-based)")


def test_a_fault_of_a_large_batch_is_distinguished_from_one_of_the_case() -> None:
    """The index proof has 60 batch elements; the case itself has 2 and agrees."""
    text = "b2-i4.5-c3-f2-k3.3-s2.2-d1.1-same-onone-last-bias-linear-float32"
    verdict = judge_fault(BATCH, text)
    sentence = "It takes a batch of more than 2: wrong in a batch of 60, the same inputs are right in a batch of 2."
    assert verdict.data == "index-proof" and observed_facts(verdict)["batch"] == sentence
    for other, size in ((FILTER, 2), (BATCH, 60), (BATCH, 70)):
        assert "batch" not in observed_facts(judge_fault(other, text.replace("b2", "b%d" % size)))


def test_the_diagnosis_of_a_long_input_needs_little_memory() -> None:
    """The input has 9,000 samples; one fault is named, one is described by its entries."""
    text = AUDIO.replace("3000", "9000")
    for fault, name in (
        (find_fault("shifted-one-down"), "shifted-one-down"),
        (LATE_WHEN_LONG, "shifted-one-down"),
        (STEPS, None),
    ):
        tracemalloc.start()
        started = process_time()
        try:
            verdict = judge_fault(fault, text)
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
        assert verdict.diagnosis == name and "limits" not in observed_facts(verdict)
        assert peak < 200e6 and process_time() - started < 60


def test_the_diagnosis_of_a_large_plane_needs_little_memory() -> None:
    """The input has 400 x 400 cells, the output 800 x 800, and the fault is searched on a small case."""
    text = "b1-i400.400-c2-f2-k3.3-s2.2-d1.1-same-onone-last-bias-linear-float32"
    tracemalloc.start()
    try:
        verdict = judge_fault(find_fault("shifted-one-right"), text)
        assert verdict.diagnosis == "shifted-one-right" and "diagnosed_on" in verdict.measured
        assert tracemalloc.get_traced_memory()[1] < 200e6
    finally:
        tracemalloc.stop()


def test_a_diagnosis_beyond_its_budget_leaves_the_verdict(monkeypatch: pytest.MonkeyPatch) -> None:
    """The row has the reason instead of a name, and describes the wrong entries."""
    with monkeypatch.context() as patched:
        patched.setattr(budget, "SECONDS", -1.0)
        verdict = judge_fault(find_fault("shifted-one-down"), AUDIO)
        assert (
            verdict.diagnosis is None
            and observed_facts(verdict)["limits"] == "The search for the fault stopped after -1 s of processor time."
        )
    monkeypatch.setattr(budget, "BYTES", 50e6)
    verdict = judge_fault(STEPS, AUDIO)
    assert verdict.diagnosis is None and "index 1000 or more" in observed_facts(verdict)["wrong_entries"]
    assert observed_facts(verdict)["limits"].startswith("The fault was not searched: it takes about 10")
    text = failure_message({**Check("forward", Case.parse(AUDIO), "eager").to_row(), **verdict.to_row()}, "pytest")
    assert (
        "diagnosis: The fault was not searched" in text and "wrong entries: Every wrong entry has output step" in text
    )


def test_a_diagnosis_that_runs_out_of_memory_leaves_the_verdict(monkeypatch: pytest.MonkeyPatch) -> None:
    """The NumPy layer cannot allocate memory while the fault is searched."""

    def fill(*_: Any) -> None:
        raise MemoryError

    monkeypatch.setattr(fault_search, "observe_new_layer", fill)
    verdict = judge_fault(STEPS, AUDIO)
    assert observed_facts(verdict)["limits"] == "The search for the fault ended, because the memory was full."
    assert "index 1000 or more" in observed_facts(verdict)["wrong_entries"]


def test_the_memory_estimate_of_the_diagnosis_holds() -> None:
    """The peak of a layer that rounds its output is between a quarter of the estimate and the estimate.

    The estimate is also the bound of gradients, which take more.
    """
    for text in ("b4-i20000-c4-f8-k9-s2-d1-same-onone-last-bias-linear-float32", WIDE.replace("200", "6000")):
        case = Case.parse(text)
        data = make_dense_integers(case)
        seen = observe_new_layer(NumpyLayer(STEPS), case, data, "eager", "CPU:0")
        assert isinstance(seen, Mapping)
        tracemalloc.start()
        try:
            observe_new_layer(NumpyLayer(find_fault("float16-inside")), case, data, "eager", "CPU:0")
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
        assert 0.25 * estimate_memory(data, seen) < peak < estimate_memory(data, seen)


def test_a_mistake_of_large_channels_has_nothing_else_in_common() -> None:
    """All entries are wrong, but those that are 0."""
    assert "wrong_entries" not in observed_facts(judge_fault(CHANNELS, WIDE.replace("c3", "c200")))


def test_a_snippet_says_what_memory_it_takes(monkeypatch: pytest.MonkeyPatch) -> None:
    """A large one only; and where there is no memory to make it, the verdict stays."""
    case = Case.parse(AUDIO)
    assert make_snippet(case, lambda: "code") == "code"
    large = replace(case, batch=512, channels=32)
    assert make_snippet(large, lambda: "code") == "# Takes about 3 GiB.\ncode"
    assert make_snippet(large, lambda: NONE + "it is large.") == NONE + "it is large."

    def fill(*_: Any) -> None:
        raise MemoryError

    monkeypatch.setattr(check_run, "make_computed_snippet", fill)
    assert judge_fault(STEPS, AUDIO).snippet == NONE + "making it takes more memory than there is.\n"


def test_no_fault_is_named_on_a_compared_sample(monkeypatch: pytest.MonkeyPatch) -> None:
    """The row says where the fault was searched, and what the wrong entries among the compared ones share."""
    monkeypatch.setattr(compare_budget, "DENSE_PRODUCTS", 2**12)
    verdict = judge_fault(STEPS, AUDIO.replace("3000", "2999"))
    assert verdict.diagnosis is None and observed_facts(verdict)["limits"] == ONLY_REDUCED
    sentence = observed_facts(verdict)["wrong_entries"]
    assert sentence.startswith("Of the entries that were compared: Every wrong entry has output step index 1")
