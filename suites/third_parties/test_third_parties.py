"""Tests that each third party agrees with the oracle and detects its faults; for ``tox run -e third-parties``."""

from __future__ import annotations

import importlib
import subprocess
import sys
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Sequence
from unittest import mock

import numpy as np
import pytest

from fixtures.case import Case
from fixtures.cases.data_sets import make_dense_integers
from fixtures.cases.draws import yield_draws
from fixtures.check import Check
from fixtures.compare.evidence import to_ledger
from fixtures.frameworks.adapter import Setting, load_subject
from fixtures.frameworks.third_parties import layer
from fixtures.frameworks.third_parties.subject import ThirdParty
from fixtures.run.check_run import run_check
from suites.third_parties.oracle_faults import FAULTS, OracleFault, judge_cases, oracle_with_fault

ROOT = Path(__file__).resolve().parents[2]
THIRD_PARTIES = ("torch", "jax", "scipy", "onnxruntime")
DRAWN = [case for _, case in yield_draws(40)]
DIFFERENTIABLE = ("torch", "jax")
DETECTORS = [
    (fault, name) for fault in FAULTS for name in THIRD_PARTIES if fault.array == "output" or name in DIFFERENTIABLE
]
PLAIN = Case.parse("b2-i4.5-c3-f2-k3.2-s2.3-d1.1-same-o1.2-last-bias-linear-float32")


@lru_cache(maxsize=None)
def subject(name: str) -> ThirdParty:
    """Return the subject of a third party."""
    found = load_subject(name, Setting())
    assert isinstance(found, ThirdParty)
    return found


def make_layer(name: str, case: Case, **changed: int) -> layer.Layer:
    """Return a layer with the case's integers as weights, in which the given fields of every axis are changed."""
    data, found = make_dense_integers(case), subject(name).construct(case)
    subject(name).build(found, case, [data.kernel] if data.bias is None else [data.kernel, data.bias])
    found.axes = tuple(replace(axis, **changed) for axis in found.axes)
    return found


def length(name: str, case: Case, **changed: int) -> tuple[int, ...]:
    """Return the spatial lengths of the output if the given fields of every axis are changed."""
    return make_layer(name, case, **changed).output(np.ones(case.input_shape, np.float32)).shape[1:-1]


def verdict(name: str, case: Case, suite: str = "forward") -> str:
    """Return the verdict of one check."""
    return run_check(Check(suite, case, "eager"), subject(name), "CPU:0").verdict


@pytest.mark.parametrize(("fault", "name"), DETECTORS, ids=lambda one: getattr(one, "name", one))
def test_each_third_party_detects_each_fault_of_the_oracle(fault: OracleFault, name: str) -> None:
    """The mismatch is in the array where the fault shows, and without the fault the case agrees."""
    with oracle_with_fault(fault):
        case, found = next(pair for pair in judge_cases(fault, subject(name), DRAWN) if pair[1].verdict == "mismatch")
    assert to_ledger(found.observed).get("array", "output") == fault.array
    assert [again.verdict for _, again in judge_cases(fault, subject(name), [case])] == ["agree"]


@pytest.mark.parametrize("name", THIRD_PARTIES)
def test_the_output_length_of_a_third_party_follows_from_its_axes(name: str) -> None:
    """Cropping more cells shortens it, adding more lengthens it."""
    case = replace(PLAIN, output_padding=(0, 1))
    assert length(name, case) == (7, 13)
    assert length(name, case, front=1, end=1, extra=0) == (7, 12)
    assert length(name, case, front=0, end=0, extra=0) == (9, 14)
    assert length(name, case, front=0, end=0, extra=1) == (10, 15)


@pytest.mark.parametrize("name", THIRD_PARTIES)
def test_an_error_in_a_third_party_is_its_refusal(name: str) -> None:
    """Compiled functions have no Python frame."""
    build = subject(name).build

    def build_wrong(made: layer.Layer, case: Case, weights: Sequence[np.ndarray]) -> None:
        build(made, case, [weights[0][..., :1], *weights[1:]])

    with mock.patch.object(subject(name), "build", build_wrong):
        assert verdict(name, PLAIN) == "wrongly-rejected"
    assert verdict(name, PLAIN) == "agree"


def test_onnx_runtime_reports_that_it_has_no_float64() -> None:
    """The other third parties compute in float64."""
    case = replace(PLAIN, dtype="float64")
    assert {name for name in THIRD_PARTIES if verdict(name, case) == "not-run"} == {"onnxruntime"}
    assert {name for name in DIFFERENTIABLE if verdict(name, case, "gradients") == "agree"} == {"torch", "jax"}


def test_symmetric_padding_in_torch_gives_wrong_values_for_an_odd_crop() -> None:
    """padding = front + 1 with output_padding = 1 has the right length, but a cell is missing in front."""
    case = Case.parse("b1-i4.4-c2-f3-k3.3-s2.2-d1.1-same-onone-last-bias-linear-float32")
    construct = subject("torch").construct

    def symmetric(case: Case) -> layer.Layer:
        found = construct(case)
        found.axes = tuple(replace(axis, front=1, end=1, extra=1) for axis in found.axes)
        return found

    with mock.patch.object(subject("torch"), "construct", symmetric):
        assert verdict("torch", case) == "mismatch"
        with oracle_with_fault(next(fault for fault in FAULTS if fault.name == "crop-larger-half-in-front")):
            assert verdict("torch", case) == "agree"


_WITH_ONEDNN = """
from fixtures.case import Case
from fixtures.check import Check
from fixtures.frameworks.adapter import Setting, load_subject
from fixtures.frameworks.third_parties import torch
from fixtures.run.check_run import run_check
torch.may_use_foreign_memory = lambda made: False
for _ in range(5):
    print(run_check(Check("gradients", Case.parse(%r), "eager"), load_subject("torch", Setting()), "CPU:0").verdict)
"""


@pytest.mark.parametrize(("depth", "leaves"), [(4, True), (5, False)])
def test_onednn_gives_wrong_values_or_crashes_on_avx512_only(depth: int, leaves: bool) -> None:
    """With one cell more the values are right; this is why the adapter leaves oneDNN out."""
    case = Case.parse("b2-i%d.2.2-c16-f16-k7.1.1-s2.1.1-d1.1.1-same-o0.0.0-last-nobias-linear-float32" % depth)
    adapter = importlib.import_module("fixtures.frameworks.third_parties.torch")
    assert verdict("torch", case, "gradients") == "agree"
    assert adapter.may_use_foreign_memory(make_layer("torch", case)) is leaves
    ran = subprocess.run([sys.executable, "-c", _WITH_ONEDNN % case.id], cwd=str(ROOT), capture_output=True)
    right = ran.returncode == 0 and set(ran.stdout.decode().split()) == {"agree"}
    avx512 = importlib.import_module("torch").backends.cpu.get_cpu_capability() == "AVX512"
    assert right is not (leaves and avx512), ran
