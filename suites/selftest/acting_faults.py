"""Tells on which cases a fault changes anything, from what the hooks of a healthy NumPy layer receive.

A check on which every hook of a fault returns what the healthy hook returns has the verdict of the healthy layer. So
such a check need not run once for every fault.
"""

from __future__ import annotations

from dataclasses import fields, replace
from functools import lru_cache
from typing import Any, Callable, Sequence

import numpy as np

from fixtures.case import Case
from fixtures.fault_matrix.matrix import OWN, SAMPLE
from fixtures.faults import FAULTS, HEALTHY, Fault
from fixtures.frameworks.numpy_layer import NumpyLayer
from fixtures.run.pipeline import run_check
from fixtures.suite_registry import CONTRACT, select_checks

# A fault that replaces another field than these may act on any case, and so may one that shows in some modes only.
HOOKS = ("arguments", "input", "kernel", "axis_map", "bias", "output", "state", "answer", "says", "refuses")
DESCRIPTION = ("name", "sentence", "suite", "only", "local", "remembers")


def replaced_fields(fault: Fault) -> set[str]:
    """Return the names of the fields in which the fault differs from none, without those that only describe it."""
    every = [one.name for one in fields(fault) if one.name not in DESCRIPTION]
    return {name for name in every if getattr(fault, name) != getattr(HEALTHY, name)}


def find_cases_of_fault(fault: Fault, suite: str) -> list[Case]:
    """Return those cases of the fault matrix on which a suite other than the fault's own may give another verdict."""
    cases = list(OWN.get(suite, SAMPLE))
    if not replaced_fields(fault) <= set(HOOKS):
        return cases
    return [case for case, names in zip(cases, find_acting_faults(suite)) if fault.name in names]


@lru_cache(maxsize=None)
def find_acting_faults(suite: str) -> Sequence[set[str]]:
    """Return, for each case that the suite gets for a fault of another one, the names of the faults that act on it."""
    return [_find_faults_on_case(suite, case) for case in OWN.get(suite, SAMPLE)]


def _find_faults_on_case(suite: str, case: Case) -> set[str]:
    faults = [fault for fault in FAULTS if fault.suite != suite and not fault.modes]
    of_hook = {name: [fault for fault in faults if name in replaced_fields(fault)] for name in HOOKS}
    acting: set[str] = set()
    hooks: dict[str, Any] = {name: _compare_hook(name, of_hook[name], acting) for name in HOOKS}
    layer = NumpyLayer(replace(HEALTHY, **hooks))
    for check in select_checks(suite, case, "numpy_layer", ("eager",), (CONTRACT,)):
        verdict = run_check(check, layer, "CPU:0")
        assert verdict.verdict in ("agree", "not-run"), verdict
    # A pickled layer gets its fault by name when it is loaded, and these hooks are not seen.
    return {fault.name for fault in faults} if "pickled" in acting else acting


def _compare_hook(name: str, faults: Sequence[Fault], acting: set[str]) -> Callable[..., Any]:
    """Return the healthy hook, which adds to ``acting`` the names of the faults whose hook returns something else."""
    healthy = getattr(HEALTHY, name)

    def hook(*given: Any) -> Any:
        if name == "says" and given[0] == "pickled":
            acting.add("pickled")
        found = healthy(*given)
        with np.errstate(all="ignore"):
            acting.update(
                fault.name
                for fault in faults
                if fault.name not in acting and not is_same(getattr(fault, name)(*map(_copy, given)), found)
            )
        return found

    return hook


def _copy(value: Any) -> Any:
    """Return a copy of arrays, and of lists, tuples and dicts with all that they hold; other values as they are."""
    if isinstance(value, np.ndarray):
        return value.copy()
    if type(value) in (list, tuple):
        return type(value)(map(_copy, value))
    return {key: _copy(one) for key, one in value.items()} if type(value) is dict else value


def is_same(one: Any, other: Any) -> bool:
    """Return whether two values are the same to the last bit; False where that is not known."""
    if one is other:
        return True
    if type(one) is not type(other):
        return False
    if isinstance(one, np.ndarray):
        return (one.dtype, one.shape, one.tobytes()) == (other.dtype, other.shape, other.tobytes())
    if isinstance(one, dict):
        return list(one) == list(other) and all(map(is_same, one.values(), other.values()))
    if isinstance(one, (list, tuple)):
        return len(one) == len(other) and all(map(is_same, one, other))
    return isinstance(one, (int, float, str, Case)) and one == other
