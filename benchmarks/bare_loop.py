"""The recorded calls of a check's layers, and a bare loop that repeats them: make, build, set weights, call, read."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Iterator, Mapping, Sequence
from unittest.mock import patch

import numpy as np

from fixtures.case import Case
from fixtures.cases.data_sets import Data
from fixtures.check import Check
from fixtures.compare.verdict import Verdict
from fixtures.frameworks.adapter import Subject
from fixtures.frameworks.layer_calls import LayerInMode, put_in_data_format
from fixtures.observation import Answer
from fixtures.run.check_run import run_check

DEVICE = "CPU:0"


@dataclass(frozen=True)
class LayerCall:
    """One call of a layer: what is computed, the case with the fed batch and size, the weights and the fed arrays."""

    what: str
    case: Case
    weights: Sequence[np.ndarray]
    fed: Mapping[str, np.ndarray]


@dataclass
class CalledLayer:
    """A layer and its calls, in the order of the check."""

    case: Case
    mode: str
    calls: list[LayerCall] = field(default_factory=list)


@dataclass(frozen=True)
class RecordedCheck:
    """A check that agrees, and the layers that it called."""

    check: Check
    layers: list[CalledLayer]


def record_agreeing_checks(checks: Sequence[Check], subject: Subject) -> list[RecordedCheck]:
    """Run checks in this process; return those that agree, with the layers that they called.

    A mismatch is diagnosed, which calls many layers that a bare loop would not call.
    """
    agreeing = []
    for check in checks:
        called: dict[LayerInMode, CalledLayer] = {}
        if _run_recorded(check, subject, called).verdict == "agree":
            agreeing.append(RecordedCheck(check, list(called.values())))
    return agreeing


def _run_recorded(check: Check, subject: Subject, called: dict[LayerInMode, CalledLayer]) -> Verdict:
    original = LayerInMode.observe

    def observe(layer: LayerInMode, what: str, case: Case, data: Data) -> Answer:
        weights = [values for values in (data.kernel, data.bias) if values is not None]
        fed = {
            name: put_in_data_format(values, case.data_format) for name, values in data.arrays_for_call(what).items()
        }
        recorded = called.setdefault(layer, CalledLayer(layer.case, layer.mode))
        recorded.calls.append(LayerCall(what, case, weights, fed))
        return original(layer, what, case, data)

    with patch.object(LayerInMode, "observe", observe):
        return run_check(check, subject, DEVICE)


def run_bare_loop(subject: Subject, recorded: Sequence[RecordedCheck]) -> int:
    """Repeat the calls of all layers, each layer made anew, and return the number of arrays that were read."""
    return sum(1 for one in recorded for layer in one.layers for _ in _call_layer(subject, layer))


def _call_layer(subject: Subject, recorded: CalledLayer) -> Iterator[Any]:
    layer = LayerInMode(subject, recorded.case, recorded.mode, DEVICE)
    with subject.on(DEVICE):
        layer.layer = subject.construct(recorded.case)
        for call in recorded.calls:
            subject.build(layer.layer, recorded.case, call.weights)
            yield from subject.answer(layer, call.what, call.case, call.fed).values()
