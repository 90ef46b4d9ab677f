"""A sample cause for tests of known deviations, as a Python value and as TOML."""

from __future__ import annotations

from functools import lru_cache

from fixtures.deviations import Cause
from fixtures.deviations.suggest.atom_values import AtomEvaluations

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
    "known_deviations": [],
}

# Atoms do not depend on a run: tests with the same cases share their values.
evaluations_of_subject = lru_cache(maxsize=None)(AtomEvaluations)
