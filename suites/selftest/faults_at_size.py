"""Faults that act only at size, and large cases; these faults are not in the catalogue, so no diagnosis names them."""

from __future__ import annotations

from typing import Any

import numpy as np

from fixtures.case import Case
from fixtures.faults import Fault

WIDE = "b2-i9.200-c3-f4-k3.3-s2.2-d1.1-same-onone-last-bias-linear-float32"
AUDIO = "b2-i3000-c2-f2-k25-s4-d1-same-onone-last-bias-linear-float32"


def make_doubling_fault(where: Any, name: str = "doubled") -> Fault:
    """Return a fault that multiplies the output at an index by two."""

    def change(y: np.ndarray, case: Case) -> np.ndarray:
        y = y.copy()
        y[where] *= 2
        return y

    return Fault(name, "", output=change)


BATCH = make_doubling_fault(slice(16, None))
FILTER = make_doubling_fault((..., slice(1, 2)))
COLUMNS = make_doubling_fault((..., slice(100, None), slice(None)))
STEPS = make_doubling_fault((slice(None), slice(1000, None)))
CHANNELS = Fault("f", "", output=lambda y, case: y * 2 if case.channels >= 64 else y)
LATE_WHEN_LONG = Fault(
    "f", "", axis_map=lambda found, axis, case: found.shift_outputs(1) if case.size[axis] > 2000 else found
)
