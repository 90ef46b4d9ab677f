"""A sample cause for tests of known deviations, as a Python value and as TOML."""

from __future__ import annotations

from fixtures.deviations import Cause

CAUSE = Cause("sample-cause", "A sample goes wrong", "wrong-values", "Keras", "not reported", "why it goes wrong")
HEAD = """[[cause]]
name = "sample-cause"
title = "A sample goes wrong"
severity = "wrong-values"
owner = "Keras"
link = "not reported"
because = "why it goes wrong"
[[cause.entry]]
"""

# The facts of a run of the NumPy layer that regions of causes use.
RUN = {
    "subject": "numpy_layer",
    "backend": "numpy",
    "device": "CPU:0",
    "switches": {},
    "planned": 1,
    "faults": {},
    "options": {},
}
