"""A sample cause for tests of known deviations, as a Python value and as TOML."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

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


def write_entry(folder: Path, when: str, more: str = "") -> Path:
    """Write a deviations file with one entry for the NumPy layer, with ``more`` fields, and return its path."""
    path = folder / "entries.toml"
    path.write_text(
        HEAD + 'name = "one"\nsubject = ["numpy_layer"]\nbackend = ["numpy"]\nversions = { numpy = ">=1" }\n'
        'when = "%s"\nverdict = "mismatch"\nproperty = "values"\n%s' % (when, more),
        encoding="utf-8",
    )
    return path
