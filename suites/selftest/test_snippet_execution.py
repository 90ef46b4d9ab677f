"""Tests that a snippet runs alone and shows what its row says; the NumPy layer replaces Keras."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from itertools import chain, islice
from typing import Iterable, Iterator

import pytest

from fixtures.case import Case
from fixtures.cases.contract import CASES as CONTRACT_CASES
from fixtures.cases.data_sets import yield_data_sets
from fixtures.cases.empty import empty_cases
from fixtures.cases.tiers import cases_of_tier
from fixtures.check import Check
from fixtures.compare.evidence import to_ledger
from fixtures.compare.verdict import Verdict
from fixtures.faults import FAULTS, HEALTHY, Fault, find_fault
from fixtures.run.check_run import run_check
from fixtures.snippets.computed_results import make_computed_snippet
from fixtures.snippets.shared_parts import NOT_SHOWN, SHOWN
from fixtures.suite_registry import CONTRACT, is_checked, select_checks, suites
from suites.selftest.detecting_checks import find_detecting_checks
from suites.selftest.fake_keras import FakeKeras, numpy_layer_as_keras, run_snippet
from suites.selftest.many_values import for_each

CASES = [
    case
    for case in cases_of_tier("smoke")
    if is_checked(Check("forward", case, "eager"), "numpy_layer") and case.rank == 2 and max(case.size) < 40
]
SMALL = [case for case in cases_of_tier("smoke") if max(case.size) < 9]
LARGE = [case for case in cases_of_tier("smoke") if case.size == (64, 65)][:1]
# Faults of a model, a file or a device, which the stand-in for Keras does not have.
UNSHOWN = ("train-steps-twice", "on-another-device")


@for_each("case", CASES)
def test_a_snippet_shows_no_difference_on_a_healthy_layer(case: Case) -> None:
    """The snippet's reference is the definition, and not the layer."""
    for data in yield_data_sets(case):
        fed, numpy_layer = replace(case, batch=len(data.x)), numpy_layer_as_keras(HEALTHY)
        text = run_snippet(make_computed_snippet(fed, data, numpy_layer, "eager", "output"), numpy_layer)
        assert "\n0 of " in text and text.endswith(NOT_SHOWN + "\n")


@pytest.mark.parametrize("name", ["kernel-flipped-width", "crop-other-side", "bias-missing", "shifted-one-down"])
def test_a_snippet_shows_as_many_wrong_entries_as_its_row(name: str) -> None:
    """Each snippet is run with the fault of its row.

    These cases have both paddings, data formats and activations, dilation, and mismatches of both kinds of integers.
    """
    numpy_layer, seen = numpy_layer_as_keras(find_fault(name)), 0
    for case in CASES[::7]:
        verdict = run_check(Check("forward", case, "eager"), numpy_layer, "CPU:0")
        if verdict.property == "values" and verdict.verdict == "mismatch":
            assert "\n%d of " % to_ledger(verdict.observed)["differs"] in run_snippet(str(verdict.snippet), numpy_layer)
            seen += 1
    assert seen > 3


@for_each("fault", [fault for fault in FAULTS if not fault.fatal and fault.name not in UNSHOWN])
def test_a_snippet_shows_its_fault_and_nothing_without_it(fault: Fault) -> None:
    """These are the snippets of checks that are known to detect the fault, or of the first three that are found."""
    faulty = numpy_layer_as_keras(fault)
    failures = [*find_failures(choose_known_checks(fault), faulty)]
    failures = failures or [*islice(find_failures(yield_candidates(fault), faulty), 3)]
    assert failures
    for verdict in failures:
        code = str(verdict.snippet)
        text = run_snippet(code, faulty)
        assert text.endswith(SHOWN + "\n") and str(to_ledger(verdict.observed).get("error", "")) in text, text
        assert run_on_sound_layer(code).endswith(NOT_SHOWN + "\n"), code


@lru_cache(maxsize=None)  # faults share checks
def run_on_sound_layer(code: str) -> str:
    """Run a snippet without a fault and return what it prints."""
    return run_snippet(code, numpy_layer_as_keras(HEALTHY))


def find_failures(checks: Iterable[Check], layer: FakeKeras) -> Iterator[Verdict]:
    """Yield the verdicts of those checks that the layer fails."""
    verdicts = (run_check(check, layer, "CPU:0") for check in checks)
    return (verdict for verdict in verdicts if verdict.verdict not in ("agree", "not-run"))


def choose_known_checks(fault: Fault) -> list[Check]:
    """Return three small checks of each mode that detect the fault, or one of each variant of a contract."""
    most = 3 if suites()[fault.suite].variants_of is None else 1
    found: dict[str, list[Check]] = {}
    for check in find_detecting_checks(fault):
        found.setdefault(check.variant, []).append(check)
    return [check for checks in found.values() for check in checks[:most]]


def yield_candidates(fault: Fault) -> Iterator[Check]:
    """Yield the checks of the fault's suite, the smallest cases first; for a fault that was not measured."""
    among = {"large": LARGE}.get(fault.suite, [*CONTRACT_CASES, *empty_cases(), *SMALL])
    for case in chain(among, () if fault.suite == "large" else cases_of_tier("standard")):
        yield from select_checks(fault.suite, case, "numpy_layer", fault.modes or ("eager",), (CONTRACT,))


@pytest.mark.parametrize(
    "suite", [name for name, suite in suites().items() if suite.variants_of and name != "hypothesis"]
)
def test_the_snippet_of_every_contract_check_passes_on_a_healthy_layer(suite: str) -> None:
    """This includes the checks that no fault makes fail."""
    numpy_layer = numpy_layer_as_keras(HEALTHY)
    for case in CONTRACT_CASES:
        for check in select_checks(suite, case, "numpy_layer", (), (CONTRACT,)):
            code = suites()[suite].snippet(check, numpy_layer)
            text = run_snippet(code, numpy_layer)
            assert text.endswith(NOT_SHOWN + "\n"), "%s\n%s" % (code, text)


def test_a_snippet_with_a_broken_comparison_shows_no_mismatch() -> None:
    """The layer has a fault, but its entries are no longer compared."""
    numpy_layer = numpy_layer_as_keras(find_fault("bias-missing"))
    verdict = run_check(Check("forward", CASES[0], "eager"), numpy_layer, "CPU:0")
    blunted = str(verdict.snippet).replace("mismatch or len(wrong) > 0", "mismatch")
    assert blunted != verdict.snippet and run_snippet(blunted, numpy_layer).endswith(NOT_SHOWN + "\n")
