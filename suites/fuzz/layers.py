"""The fuzzer of layers: a layer whose methods raise anything or return anything gets a verdict in every suite.

No such check ends as a bug of the suite: its row must be about the layer. Each method of the NumPy layer in turn raises
an exception of any kind, or returns a value of another form. A fault is injected from the first call on, or from a
later one, which a check meets in the middle of its work.
"""

from __future__ import annotations

import json
import random
from functools import lru_cache
from typing import Mapping, Sequence

from fixtures.cases.contract import CASES, PLAIN
from fixtures.cases.tiers import cases_of_tier
from fixtures.check import Check
from fixtures.compare.verdict import Verdict
from fixtures.frameworks.numpy_layer import NumpyLayer
from fixtures.run.check_run import run_check
from fixtures.suite_registry import HYPOTHESIS, MIGRATION, is_checked, suites
from suites.fuzz.faulty_layer import ATTRIBUTES, METHODS, SUBJECT, FaultyLayer, RecordingLayer, yield_fault_kinds
from suites.fuzz.table import Table


@lru_cache(maxsize=None)
def make_checks() -> Sequence[Check]:
    """Return a few checks of every suite: all variants of the contract once, and computed, refused and empty cases."""
    found = []
    few = [PLAIN, *list(cases_of_tier("smoke"))[20:120:9], *CASES]
    for name, suite in suites().items():
        if name in (HYPOTHESIS, MIGRATION):
            continue  # the first asks the other suites, the second reads files
        modes = [mode for mode in suite.modes if mode in ("eager", "dynamic", "predict", "train")]
        of_suite: dict[str, list[Check]] = {}
        for case in few:
            for variant in suite.variants_of(case) if suite.variants_of else modes:
                check = Check(name, case, variant)
                if is_checked(check, SUBJECT):
                    of_suite.setdefault(variant, []).append(check)
        for several in of_suite.values():
            found += several[: 1 if suite.variants_of else 3]
    return found


@lru_cache(maxsize=None)
def find_used_names() -> Mapping[Check, set[str]]:
    """Return the methods and attributes of the layer that each of the checks uses."""
    found, subject = {}, RecordingLayer()
    for check in make_checks():
        found[check] = subject.used = set()
        run_check(check, subject, "CPU:0")
    return found


@lru_cache(maxsize=None)
def select_checks_that_use(method: str) -> Sequence[Check]:
    """Return those of the checks that use the method or attribute of the layer."""
    return [check for check, used in find_used_names().items() if method in used]


def run(table: Table, count: int, seed: int) -> None:
    """Inject ``count`` faults, each in one check, and record them in the table."""
    source = random.Random(seed)
    every = [(method, name, act) for method in (*METHODS, *ATTRIBUTES) for name, act in yield_fault_kinds()]
    every = [(method, name, act) for method, name, act in every if select_checks_that_use(method)]
    for number in range(count):
        if number % len(every) == 0:
            source.shuffle(every)
        method, name, act = every[number % len(every)]
        check, first = source.choice(select_checks_that_use(method)), source.choice((0, 0, 0, 1, 2, 5))
        problem = find_problem(check, FaultyLayer(method, act, first))
        where = "%s from call %d on, %s %s %s: " % (method, first, check.suite, check.variant, check.case.id)
        table.record(name, where + problem if problem else "")


def find_problem(check: Check, subject: NumpyLayer) -> str:
    """Return what is wrong with the verdict of a check on a faulty layer: it is about the suite, or no plain JSON."""
    try:
        verdict = run_check(check, subject, "CPU:0")
        json.dumps(verdict.to_row(), allow_nan=False)
    except BaseException as error:
        return "%s: %s" % (type(error).__name__, error)
    return _describe_complaint(verdict)


def _describe_complaint(verdict: Verdict) -> str:
    return str(verdict.to_row()["observed"])[-700:] if verdict.verdict == "suite-bug" else ""
