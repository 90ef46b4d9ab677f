"""A stand-in for a layer that refuses the cases of a predicate, for tests of the search for regions."""

from __future__ import annotations

from typing import Any, Callable, Sequence

from fixtures.case import Case
from fixtures.cases.tiers import cases_of_tier
from fixtures.check import Check
from fixtures.deviations import evaluate_when
from fixtures.deviations.suggest.failure_groups import Pool
from fixtures.suite_registry import is_checked
from suites.selftest.sample_cause import RUN

COMPUTED = [
    case
    for case in cases_of_tier("standard")
    if case.rank == 2 and is_checked(Check("forward", case, "eager"), "numpy_layer")
][::4]
DILATED = "data_format == 'channels_last' and dtype == 'float16' and max(dilation_rate) > 1"


def holds(when: str, case: Case) -> bool:
    """Return whether a predicate holds for a case."""
    return bool(evaluate_when(when, Check("forward", case, "eager"), "numpy_layer"))


def make_toy_layer(when: str, message: str = "no") -> Callable[[Check], dict[str, Any]]:
    """Return a stand-in for a layer: it refuses the cases of a predicate and computes all others."""

    def ask(check: Check) -> dict[str, Any]:
        row: dict[str, Any] = {"kind": "verdict", "case": check.case.id, "suite": check.suite}
        row.update(variant=check.variant, diagnosis=None, known_deviation=None)
        if holds(when, check.case):
            observed = {"stage": "call", "error": "E", "message": message}
            return {**row, "verdict": "wrongly-rejected", "property": "rejection", "observed": observed}
        return {**row, "verdict": "agree", "property": "values", "observed": {}}

    return ask


def make_pool(ask: Callable[[Check], dict[str, Any]], among: Sequence[Case]) -> Pool:
    """Return the pool of rows that a stand-in layer gives on these cases."""
    return Pool(RUN, [ask(Check("forward", case, "eager")) for case in among])
