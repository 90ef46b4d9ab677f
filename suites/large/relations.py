"""Relations between answers, for shapes too large for a reference: no expected values, only equations that must hold.

All relations except determinism use integers whose sums are exact, so they need no tolerance. Determinism compares real
numbers bit by bit.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Callable, Iterator, Mapping, Sequence

import numpy as np

from fixtures.case import Case
from fixtures.cases.data_sets import Data, make_dense_integers, make_random_reals
from fixtures.compare.evidence import ExpectedArray
from fixtures.compare.verdict import Reference, Verdict, judge_arrays
from fixtures.frameworks.layer_calls import LayerInMode
from fixtures.observation import Observed
from fixtures.oracle.term_counts import count_products

LARGE = 2048  # a case with this many input cells or more is large
LARGE_PRODUCTS = 2**28  # a case with this many products or more is large too
ALONE = 3  # the most batch elements that are computed alone


class _NoOutput(Exception):
    """Raised if an answer has no arrays; ``verdict`` is the verdict on the answer."""

    def __init__(self, verdict: Verdict) -> None:
        super().__init__()
        self.verdict = verdict


def is_large(case: Case) -> bool:
    """Return whether the case is large, so that its relations are checked."""
    return int(np.prod(case.size)) >= LARGE or count_products(case, "output") >= LARGE_PRODUCTS


def with_batch(case: Case) -> Case:
    """Return the case with at least two batch elements, so that they can depend on each other."""
    return replace(case, batch=max(case.batch, 2))


def judge_relations(probe: LayerInMode, fresh: Callable[[], LayerInMode]) -> Iterator[Verdict]:
    """Yield verdicts on batch independence, oddness and additivity, shift equivariance, and determinism bit by bit.

    ``fresh`` returns a probe with a second layer, for determinism.
    """
    case = with_batch(probe.case)
    elements = sorted({0, *range(case.batch)[1 - ALONE :]})  # the first batch element and the last ones
    data = make_dense_integers(case)
    try:
        whole = _compute_output(probe, case, data)
        alone = _compute_alone(probe, case, data, elements)
        yield from _judge_equal("batch elements are independent", alone, whole[elements], case)
        if case.activation == "linear":
            yield from _judge_equal("f(-x) - b = -(f(x) - b)", *_negate(probe, case, data, whole), case)
            yield from _judge_equal(
                "f(x') - b + f(x'') - b = f(x' + x'') - b",
                *_compute_sides_of_additivity(probe, case, data, whole),
                case,
            )
        yield from _judge_shifts(probe, case, data)
        reals = make_random_reals(case)
        once = _compute_output(probe, case, reals)
        for again in (probe, fresh()):
            yield from _judge_equal(
                "two runs give the same bits", _compute_output(again, case, reals), once, case, "determinism"
            )
    except _NoOutput as lost:
        yield lost.verdict


def _compute_output(probe: LayerInMode, case: Case, data: Data) -> np.ndarray:
    """Return the output, channels last; raise ``_NoOutput`` if there is none."""
    seen = probe.observe("output", case, data)
    if not isinstance(seen, Mapping):
        raise _NoOutput(judge_arrays({}, seen, case, data.name, probe.device, "locality"))
    values = seen["output"].values
    return np.moveaxis(values, 1, -1) if case.data_format == "channels_first" else values


def _judge_equal(
    relation: str, left: np.ndarray, right: np.ndarray, case: Case, property: str = "locality"
) -> Iterator[Verdict]:
    """Yield the verdict on ``left`` as the observed values and ``right`` as the expected ones."""
    last = replace(case, data_format="channels_last")
    references = {"output": Reference(right, case.compute_dtype)}
    seen = {"output": Observed(left.shape, case.compute_dtype, left, "")}
    verdict = judge_arrays(references, seen, last, "relation", "", property)
    if isinstance(verdict.expected, ExpectedArray) and verdict.verdict != "agree":
        verdict = replace(verdict, expected=replace(verdict.expected, relation=relation))
    yield verdict


def _compute_alone(probe: LayerInMode, case: Case, data: Data, elements: Sequence[int]) -> np.ndarray:
    """Return the outputs of some batch elements, each computed alone."""
    single = replace(case, batch=1)
    return np.concatenate([_compute_output(probe, single, replace(data, x=data.x[[one]])) for one in elements])


def _negate(probe: LayerInMode, case: Case, data: Data, whole: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    bias = 0.0 if data.bias is None else data.bias
    return _compute_output(probe, case, replace(data, x=-data.x)) - bias, -(whole - bias)


def _compute_sides_of_additivity(
    probe: LayerInMode, case: Case, data: Data, whole: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return both sides of additivity: x is the sum of its even and its odd cells, so no entry grows."""
    bias = 0.0 if data.bias is None else data.bias
    even = data.x * (np.indices(data.x.shape).sum(axis=0) % 2 == 0)
    halves = [_compute_output(probe, case, replace(data, x=x)) - bias for x in (even, data.x - even)]
    return halves[0] + halves[1], whole - bias


def _judge_shifts(probe: LayerInMode, case: Case, data: Data) -> Iterator[Verdict]:
    """Yield a verdict for every axis with room: moving the input by one cell moves the output by one stride."""
    for axis, (length, stride) in enumerate(zip(case.size, case.strides), 1):
        if length < 3:
            continue
        x = np.moveaxis(data.x, axis, 0).copy()
        x[[0, -1]] = 0  # the border is zero, so that only zeros leave the input
        moved = np.roll(x, 1, 0)
        before, after = (
            np.moveaxis(_compute_output(probe, case, replace(data, x=np.moveaxis(cells, 0, axis))), axis, 0)
            for cells in (x, moved)
        )
        yield from _judge_equal(
            "moving x by one moves y by a stride, axis %d" % axis, after[stride:], before[:-stride], case
        )
