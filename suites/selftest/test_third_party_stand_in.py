"""Tests of third parties as subjects. None is installed here: a stand-in computes with the NumPy layer."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from fixtures.case import Case
from fixtures.cases.draws import yield_draws
from fixtures.check import Check
from fixtures.compare.evidence import to_ledger
from fixtures.compare.verdict import Verdict
from fixtures.faults import HEALTHY
from fixtures.frameworks.adapter import Setting, SubjectUnavailable, load_subject
from fixtures.frameworks.third_parties import subject as subject_module
from fixtures.frameworks.third_parties.geometry import axes_of_case
from fixtures.frameworks.third_parties.layer import CannotCompute, Layer
from fixtures.frameworks.third_parties.subject import ThirdParty
from fixtures.numpy_layer.arithmetic import compute_with_fault
from fixtures.oracle.expectation import output_size
from fixtures.oracle.shape import cells_cropped_in_front, effective_kernel
from fixtures.run.check_run import run_check
from suites.third_parties.oracle_faults import FAULTS, OracleFault, judge_cases, oracle_with_fault

ROOT = Path(__file__).resolve().parents[2]
DRAWN = [case for _, case in yield_draws(60) if case.rank < 3 and max(case.size) < 16]
PLAIN = Case(2, (4, 5), 3, 2, (3, 2), (2, 3), (1, 1), use_bias=False)


class StandIn(Layer):
    """A third party that computes with the NumPy layer's arithmetic (fixtures/numpy_layer/arithmetic.py)."""

    packages = ("numpy",)
    derivatives = 1

    def output(self, x: np.ndarray) -> np.ndarray:
        """Return the output."""
        return self._computed("output", x=x)["output"]

    def gradients(self, x: np.ndarray, g: np.ndarray) -> dict[str, np.ndarray]:
        """Return dx, dkernel and dbias."""
        return self._computed("gradients", x=x, g=g)

    def _computed(self, what: str, **fed: np.ndarray) -> dict[str, np.ndarray]:
        """Return the arrays of ``what`` in the layout of the third party."""
        last = {name: np.moveaxis(self.to_channels_first(array), 1, -1) for name, array in fed.items()}
        weights = [self.kernel] if self.bias is None else [self.kernel, self.bias]
        found = compute_with_fault(what, replace(self.case, batch=len(fed["x"])), last, weights, HEALTHY)
        for name in set(found) & {"output", "dx"}:
            found[name] = self.from_channels_first(np.moveaxis(found[name], -1, 1))
        return {name: array.astype(self.case.dtype) for name, array in found.items()}


class OutputsOnly(StandIn):
    """A third party that has no gradients."""

    derivatives = 0


class Incapable(StandIn):
    """A third party without an implementation of the operation."""

    def output(self, x: np.ndarray) -> np.ndarray:
        """Raise CannotCompute, as the adapters do."""
        raise CannotCompute("no implementation of ConvTranspose")


class Refusing(StandIn):
    """A third party that refuses in a compiled function."""

    def output(self, x: np.ndarray) -> np.ndarray:
        """Raise an error in a function that has no Python frame, as torch's operators do."""
        return int("no such padding")  # type: ignore[return-value]  # int() raises here


def judge_third_party(layer: type[Layer], suite: str = "forward", case: Case = PLAIN) -> Verdict:
    """Return the verdict on a third party that replaces torch."""
    return run_check(Check(suite, case, "eager"), ThirdParty("torch", layer), "CPU:0")


def test_the_axes_of_third_parties_give_the_lengths_of_the_semantics() -> None:
    """Their formula of the length equals section S and rule V2."""
    for _, case in yield_draws(2000):
        axes = axes_of_case(case)
        lengths = [(n - 1) * a.stride + a.span - a.front - a.end + a.extra for n, a in zip(case.size, axes)]
        assert tuple(lengths) == output_size(case)
        spans = map(effective_kernel, case.kernel_size, case.dilation_rate)
        fronts = [
            cells_cropped_in_front(n, ke, s, m, case.padding)
            for n, ke, s, m in zip(case.size, spans, case.strides, lengths)
        ]
        assert [axis.front for axis in axes] == fronts
        assert all(axis.extra == 0 or axis.end == 0 for axis in axes)


@pytest.mark.parametrize("suite", ["forward", "gradients"])
def test_a_correct_third_party_agrees(suite: str) -> None:
    """Both data formats, both dtypes and every data set are tried."""
    verdicts = [judge_third_party(StandIn, suite, case) for case in DRAWN]
    assert {verdict.verdict for verdict in verdicts} == {"agree"} and len(verdicts) > 30


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_every_fault_of_the_oracle_is_detected_by_a_third_party(fault: OracleFault) -> None:
    """It shows in the expected array, and the oracle is unchanged afterwards."""
    subject, before = ThirdParty("torch", StandIn), getattr(fault.owner, fault.attribute)
    with oracle_with_fault(fault):
        case, verdict = next(pair for pair in judge_cases(fault, subject, DRAWN) if pair[1].verdict != "agree")
    assert verdict.verdict == "mismatch" and to_ledger(verdict.observed).get("array", "output") == fault.array
    assert getattr(fault.owner, fault.attribute) is before
    assert [found.verdict for _, found in judge_cases(fault, subject, [case])] == ["agree"]


def test_the_oracle_is_restored_after_an_error() -> None:
    """The fault ends with its block."""
    before = getattr(FAULTS[0].owner, FAULTS[0].attribute)
    with pytest.raises(KeyError), oracle_with_fault(FAULTS[0]):
        raise KeyError
    assert getattr(FAULTS[0].owner, FAULTS[0].attribute) is before


def test_a_check_that_a_third_party_cannot_compute_is_not_run() -> None:
    """The reason is a half format, missing gradients, or the adapter's own message."""
    for layer, suite, dtype, reason in (
        (StandIn, "forward", "float16", "torch is compared in float32 and float64, not in float16"),
        (StandIn, "gradients", "bfloat16", "torch is compared in float32 and float64, not in bfloat16"),
        (OutputsOnly, "gradients", "float32", "torch computes no gradients"),
        (Incapable, "forward", "float64", "no implementation of ConvTranspose"),
    ):
        verdict = judge_third_party(layer, suite, replace(PLAIN, dtype=dtype))
        assert (verdict.verdict, to_ledger(verdict.observed)) == ("not-run", {"reason": reason})
    assert judge_third_party(OutputsOnly).verdict == "agree"


def test_an_error_in_a_compiled_function_belongs_to_the_third_party(monkeypatch: pytest.MonkeyPatch) -> None:
    """An error of the adapter is a bug of the suite."""
    verdict = judge_third_party(Refusing)
    assert (verdict.verdict, to_ledger(verdict.observed)["error"]) == ("wrongly-rejected", "ValueError")
    monkeypatch.setattr(subject_module, "DTYPES", None)
    assert judge_third_party(StandIn).verdict == "suite-bug"


def test_the_facts_of_a_third_party_have_its_versions() -> None:
    """The facts are strings, lists and dicts. A third party has no switches, so a switch is refused."""
    if sys.version_info < (3, 8):
        pytest.skip("importlib.metadata is new in Python 3.8, third parties run on Python 3.11")
    found: Any = ThirdParty("torch", StandIn).environment()
    assert (found["backend"], found["devices"], found["switches"]) == ("torch", ["CPU:0"], {})
    assert found["numpy"] == np.__version__
    with pytest.raises(SubjectUnavailable, match="torch has no switch onednn; it has none"):
        load_subject("torch", Setting("CPU", {"onednn": "off"}))


def test_a_third_party_that_is_not_installed_is_unavailable(monkeypatch: pytest.MonkeyPatch) -> None:
    """The message says how to install it."""
    for name in ("torch", "jax", "scipy", "onnxruntime"):
        monkeypatch.setitem(sys.modules, name, None)
        monkeypatch.delitem(sys.modules, "fixtures.frameworks.third_parties." + name, raising=False)
        with pytest.raises(SubjectUnavailable, match="run tox run -e third-parties, or install " + name):
            load_subject(name, Setting())
        with pytest.raises(SubjectUnavailable, match="has no variant 'bias-missing'"):
            load_subject(name + ":bias-missing", Setting())


def test_listing_the_subjects_imports_no_third_party() -> None:
    """So options and help work where none is installed."""
    code = "import sys, fixtures.run.option_values, fixtures.frameworks.third_parties.subject; "
    code += "print([n for n in %r if n in sys.modules])" % (("torch", "jax", "scipy", "onnx", "onnxruntime"),)
    ran = subprocess.run([sys.executable, "-c", code], cwd=str(ROOT), stdout=subprocess.PIPE, check=True)
    assert ran.stdout.decode().strip() == "[]"
