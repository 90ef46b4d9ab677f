"""Tells on which checks a fault changes anything, from what the hooks of a healthy NumPy layer receive.

A check on which every hook of a fault returns what the healthy hook returns has the verdict of the healthy layer. So
such a check need not run once for every fault.
"""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import fields, replace
from functools import lru_cache
from typing import Any, Callable, Mapping, Sequence
from unittest import mock

import numpy as np

from fixtures.case import Case
from fixtures.check import Check
from fixtures.fault_matrix.matrix import OWN, SAMPLE
from fixtures.fault_matrix.targets import NumpyTarget
from fixtures.faults import FAULTS, HEALTHY, Fault
from fixtures.faults.fault import ChangeOfNamedValue
from fixtures.frameworks.adapter import Setting
from fixtures.frameworks.layer_calls import LayerInMode
from fixtures.frameworks.numpy_layer import NumpyLayer
from fixtures.numpy_layer import layers, mini_keras
from fixtures.numpy_layer.arguments import given_arguments, normalise_arguments
from fixtures.run.check_run import run_check
from fixtures.suite_registry import CONTRACT, select_checks

# A fault that replaces another field than these, ``zero_products`` and ``modes`` may act on any check.
HOOKS = ("arguments", "input", "kernel", "axis_map", "bias", "output", "state", "answer", "says", "refuses")
DESCRIPTION = ("name", "sentence", "suite", "only", "local", "remembers")


@lru_cache(maxsize=None)
def replaced_fields(fault: Fault) -> frozenset[str]:
    """Return the names of the fields in which the fault differs from none, without those that only describe it."""
    every = [one.name for one in fields(fault) if one.name not in DESCRIPTION]
    return frozenset(name for name in every if getattr(fault, name) != getattr(HEALTHY, name))


class ActingChecks(NumpyTarget):
    """The NumPy layer, which runs only those checks of a suite that a fault may give another verdict."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(Setting())
        self._fault, self._may_act = fault, not replaced_fields(fault) <= {*HOOKS, "zero_products", "modes"}

    def can_run_check(self, check: Check) -> bool:
        """Return whether the fault acts on the check, or whether that is not known."""
        may_act = self._may_act or check.variant in self._fault.modes
        return may_act or self._fault.name in find_acting_faults(check.suite)[check]


@lru_cache(maxsize=None)
def find_acting_faults(suite: str) -> Mapping[Check, set[str]]:
    """Return the names of the faults of other suites that act on each check which the suite runs for such a fault."""
    faults = [fault for fault in FAULTS if fault.suite != suite]
    of_hook = {
        name: [fault for fault in faults if name in replaced_fields(fault)] for name in (*HOOKS, "zero_products")
    }
    cases = OWN.get(suite, SAMPLE)
    checks = (check for case in cases for check in select_checks(suite, case, "numpy_layer", ("eager",), (CONTRACT,)))
    return {check: _find_faults_on_check(check, faults, of_hook) for check in checks}


class _Recorder(NumpyLayer):
    """A NumPy layer that records in ``inactive`` the faults that do not show in the mode in which it is called."""

    def __init__(self, fault: Fault, faults: Sequence[Fault], inactive: set[str]) -> None:
        super().__init__(fault)
        self._faults, self._inactive = faults, inactive

    def answer(self, probe: LayerInMode, *given: Any) -> Any:
        """Return the answer of the layer."""
        self._inactive.update(one.name for one in self._faults if one.modes and probe.mode not in one.modes)
        try:
            return super().answer(probe, *given)
        finally:
            self._inactive.clear()


def _find_faults_on_check(check: Check, faults: Sequence[Fault], of_hook: Mapping[str, Sequence[Fault]]) -> set[str]:
    acting: set[str] = set()
    inactive: set[str] = set()
    hooks: dict[str, Any] = {name: _compare_hook(name, of_hook[name], acting, inactive) for name in HOOKS}

    def add_no_products(x: np.ndarray, _: Case) -> np.ndarray:
        acting.update(fault.name for fault in of_hook["zero_products"])
        return np.zeros(x.shape)

    recorder = replace(HEALTHY, name="recorder", zero_products=add_no_products, **hooks)
    with ExitStack() as patches:
        # A pickled layer gets its fault by name when it is loaded.
        patches.enter_context(mock.patch.object(mini_keras, "find_fault", {recorder.name: recorder}.__getitem__))
        for read in (given_arguments, normalise_arguments):
            compare = _compare_read_arguments(read, of_hook["says"], acting)
            patches.enter_context(mock.patch.object(layers, read.__name__, compare))
        verdict = run_check(check, _Recorder(recorder, faults, inactive), "CPU:0")
    assert verdict.verdict in ("agree", "not-run"), verdict
    return acting


def _compare_read_arguments(read: Callable[..., Any], faults: Sequence[Fault], acting: set[str]) -> Callable[..., Any]:
    """Return a function that reads arguments, which adds to ``acting`` the faults with which its result is another.

    It may ask ``says``, its last argument, for several values. Those do not matter if the arguments are the same.
    """

    def compare(*given: Any) -> Any:
        names: set[str] = set()

        def note_name(name: str, value: Any) -> Any:
            names.add(name)
            return value

        def reads_something_else(fault: Fault) -> bool:
            try:
                return not is_same(read(*given[:-1], fault.says), found)
            except Exception:
                return True

        found = None  # of arguments that are refused, which every fault may change
        try:
            found = read(*given[:-1], note_name)
        finally:
            for fault in faults:
                of_value = fault.says.name if isinstance(fault.says, ChangeOfNamedValue) else None
                if fault.name not in acting and (of_value is None or of_value in names) and reads_something_else(fault):
                    acting.add(fault.name)
        return found

    return compare


def _compare_hook(name: str, faults: Sequence[Fault], acting: set[str], inactive: set[str]) -> Callable[..., Any]:
    """Return the healthy hook, which adds to ``acting`` the names of the faults whose hook returns something else.

    It leaves out those that are in ``inactive`` when it is called.
    """
    healthy = getattr(HEALTHY, name)
    by_value: dict[str | None, list[Fault]] = {}  # of a hook that changes the value of one name only, by that name
    for fault in faults:
        change = getattr(fault, name)
        by_value.setdefault(change.name if isinstance(change, ChangeOfNamedValue) else None, []).append(fault)

    def hook(*given: Any) -> Any:
        found = healthy(*given)
        of_value = by_value.get(given[0], []) if isinstance(given[0], str) else []
        fixed = _copy(given) is given  # nothing in it can change, so every fault gets the same
        with np.errstate(all="ignore"):
            acting.update(
                fault.name
                for fault in (*by_value.get(None, []), *of_value)
                if fault.name not in acting
                and fault.name not in inactive
                and not is_same(getattr(fault, name)(*(given if fixed else _copy(given))), found)
            )
        return found

    return hook


def _copy(value: Any) -> Any:
    """Return a copy of arrays, and of lists, tuples and dicts with all that they hold; other values as they are."""
    if isinstance(value, np.ndarray):
        return value.copy()
    if type(value) is tuple:
        copies = tuple(map(_copy, value))
        # A tuple of what cannot change is its own copy, so that is_same need not look into it.
        return value if all(copy is one for copy, one in zip(copies, value)) else copies
    if type(value) is list:
        return list(map(_copy, value))
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
