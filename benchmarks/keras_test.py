"""Keras's own ``conv_transpose_test.py`` next to the suite ``forward``: the named faults each detects, and its time."""

from __future__ import annotations

import importlib
import time
import unittest
from typing import Any, Callable, Iterator, Sequence

import pytest

from fixtures.cases.tiers import cases_of_tier
from fixtures.check import Check
from fixtures.fault_matrix.targets import AGREED
from fixtures.frameworks.adapter import Setting
from fixtures.frameworks.keras3 import import_keras
from fixtures.frameworks.patches.catalog import PATCHES
from fixtures.frameworks.patches.patch import KerasParts, apply_replacements
from fixtures.run.child_process import Process
from fixtures.run.worker import IsolatedSubject
from fixtures.suite_registry import select_checks

_MODULE = "keras.src.layers.convolutional.conv_transpose_test"
_DEVICE = "CPU:0"
_SECONDS = 600.0  # time limit of a run of Keras's test


def measure_detection(number: int) -> dict[str, Any]:
    """Return how many of ``number`` faults each test detects, and the seconds of its run on the layer without a fault.

    Both run in processes of their own, since a fault may end one; that counts as detected. Keras's tests of other ranks
    than 2 are left out. ``missing`` says why there is no comparison.
    """
    faults = sorted(PATCHES)[:: max(1, len(PATCHES) // number)][:number]
    detected: dict[str, list[str]] = {"keras": [], "forward": []}
    checks = [
        check for case in cases_of_tier("smoke") for check in select_checks("forward", case, "keras3", ("eager",), ())
    ]
    with IsolatedSubject("keras3") as subject, Process() as process:
        version = subject.environment()["keras"]  # raises SubjectUnavailable
        missing = process.call_in_child(_SECONDS, _in_child_import)
        if missing:
            return {"missing": missing, "sentence": "Keras %s has no test of the layer here: %s" % (version, missing)}
        passes: list[object] = []
        theirs = _time_run(lambda: passes.append(process.call_in_child(_SECONDS, _in_child_keras_test, "")))
        if passes != [True]:
            sentence = "Keras %s: its own test fails on the layer without a fault, so it cannot be compared" % version
            return {"missing": "its own test fails", "sentence": sentence}
        for fault in faults:
            if process.call_in_child(_SECONDS, _in_child_keras_test, fault) is not True:
                detected["keras"].append(fault)
        known: set[Check] = set()
        ours = _time_run(lambda: known.update(_yield_failing_checks(subject, "", checks)))
        rest = [check for check in checks if check not in known]
        for fault in faults:
            if next(_yield_failing_checks(subject, "keras3:" + fault, rest), None):
                detected["forward"].append(fault)
    facts = (version, len(detected["keras"]), len(faults), theirs, len(detected["forward"]), len(rest), ours)
    return {
        "keras": version,
        "faults": faults,
        "detected": detected,
        "seconds": {"keras": round(theirs, 2), "forward": round(ours, 2)},
        "sentence": "Keras %s: its own test detects %d of %d faults and takes %.1f s; "
        "forward detects %d with %d checks in eager mode of the tier smoke, which take %.1f s" % facts,
    }


def _in_child_import() -> str:
    """Import Keras's test; return why it cannot be imported, or an empty text."""
    try:
        importlib.import_module(_MODULE)
    except ImportError as error:
        return str(error)
    return ""


def _in_child_keras_test(fault: str) -> bool:
    """Return whether Keras's test passes on the layer with a fault, or on the sound one for an empty name."""
    keras, _, _ = import_keras("keras3", Setting())
    module = importlib.import_module(_MODULE)
    with apply_replacements(tuple(PATCHES[fault](KerasParts(keras))) if fault else ()):
        return _run_keras_test(module)


def _time_run(act: Callable[[], object]) -> float:
    began = time.perf_counter()
    act()
    return time.perf_counter() - began


def _run_keras_test(module: Any) -> bool:
    """Run the tests of the layer of rank 2, and return whether all pass."""
    loader, chosen = unittest.TestLoader(), unittest.TestSuite()
    for name in sorted(vars(module)):
        kind = getattr(module, name)
        if isinstance(kind, type) and issubclass(kind, unittest.TestCase):
            names = [one for one in loader.getTestCaseNames(kind) if "conv1d" not in one and "conv3d" not in one]
            chosen.addTests([kind(one) for one in names])
    result = _Result()
    chosen.run(result)
    return result.wasSuccessful() and result.testsRun > len(result.skipped)


class _Result(unittest.TestResult):
    """A result in which a test that pytest would skip is skipped."""

    def addError(self, test: unittest.TestCase, err: Any) -> None:  # noqa: N802  # the name in unittest
        """Count an exception, unless it is the one with which pytest skips a test."""
        if isinstance(err[1], pytest.skip.Exception):
            self.addSkip(test, str(err[1]))
        else:
            super().addError(test, err)


def _yield_failing_checks(subject: IsolatedSubject, name: str, checks: Sequence[Check]) -> Iterator[Check]:
    """Yield the checks that fail on the subject, or in its process on the one of that name."""
    for check in checks:
        if subject.run_check(check, _DEVICE, name).verdict not in AGREED:
            yield check
