"""Keras's own ``conv_transpose_test.py`` next to the suite ``forward``: the named faults each detects, and its time."""

from __future__ import annotations

import importlib
import time
import unittest
from typing import Any, Callable, Sequence

from fixtures.cases.tiers import cases_of_tier
from fixtures.check import Check
from fixtures.fault_matrix.targets import AGREED
from fixtures.frameworks.adapter import Setting, load_subject
from fixtures.frameworks.keras3 import import_keras
from fixtures.frameworks.patches.catalog import PATCHES
from fixtures.frameworks.patches.patch import KerasParts, apply_replacements
from fixtures.run.pipeline import run_check
from fixtures.suite_registry import select_checks

_MODULE = "keras.src.layers.convolutional.conv_transpose_test"
_DEVICE = "CPU:0"


def measure_detection(number: int) -> dict[str, Any]:
    """Return how many of ``number`` faults each test detects, and the seconds of its run on the layer without a fault.

    Keras's tests of other ranks than 2 are left out. ``missing`` says why there is no comparison.
    """
    keras, version, _ = import_keras("keras3", Setting())
    try:
        module = importlib.import_module(_MODULE)
    except ImportError as error:
        return {"missing": str(error), "sentence": "Keras %s has no test of the layer here: %s" % (version, error)}
    faults = sorted(PATCHES)[:: max(1, len(PATCHES) // number)][:number]
    theirs = _time_run(lambda: _run_keras_test(module))
    detected: dict[str, list[str]] = {"keras": [], "forward": []}
    for fault in faults:
        with apply_replacements(tuple(PATCHES[fault](KerasParts(keras)))):
            if not _run_keras_test(module):
                detected["keras"].append(fault)
    checks = [
        check for case in cases_of_tier("smoke") for check in select_checks("forward", case, "keras3", ("eager",), ())
    ]
    ours = _time_run(lambda: bool(_find_failing_checks("keras3", checks, stop=False)))
    known = set(_find_failing_checks("keras3", checks, stop=False))
    rest = [check for check in checks if check not in known]
    detected["forward"] = [fault for fault in faults if _find_failing_checks("keras3:" + fault, rest, stop=True)]
    facts = (version, len(detected["keras"]), len(faults), theirs, len(detected["forward"]), len(rest), ours)
    return {
        "keras": version,
        "faults": faults,
        "detected": detected,
        "seconds": {"keras": round(theirs, 2), "forward": round(ours, 2)},
        "sentence": "Keras %s: its own test detects %d of %d faults and takes %.1f s; "
        "forward detects %d with %d checks in eager mode of the tier smoke, which take %.1f s" % facts,
    }


def _time_run(act: Callable[[], bool]) -> float:
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
    return unittest.TextTestRunner(stream=_Silent(), verbosity=0).run(chosen).wasSuccessful()


class _Silent:
    """A stream that drops what is written."""

    def write(self, text: str) -> int:
        return len(text)

    def flush(self) -> None:
        pass


def _find_failing_checks(subject: str, checks: Sequence[Check], stop: bool) -> list[Check]:
    """Return the checks that fail; with ``stop``, at most the first of them."""
    loaded, failing = load_subject(subject, Setting()), []
    for check in checks:
        if run_check(check, loaded, _DEVICE).verdict not in AGREED:
            failing.append(check)
            if stop:
                break
    return failing
