"""The code to paste runs by itself and shows what the verdict says; here against the double in Keras' clothes."""

from __future__ import annotations

import contextlib
import io
import sys
import types
from dataclasses import replace

import pytest

from fixtures.arrays import Data, data_sets
from fixtures.case import Case
from fixtures.faults import HEALTHY, find
from fixtures.registry import belongs, hear
from fixtures.reproduce import snippet
from fixtures.space import cases
from fixtures.subjects.twin import Twin

CASES = [case for case in cases("smoke") if belongs("forward", case, "twin") and case.rank == 2 and max(case.size) < 40]


def pasted(case: Case, data: Data, double: Twin) -> str:
    """The code, importing the double in Keras' clothes."""
    double.imports = "import parity_fake_keras as keras\ncast = lambda x, dtype: x\nto_float = lambda y: y"
    code = snippet(case, data, double, "eager")
    assert code is not None
    return code


def shown(code: str, double: Twin, case: Case) -> str:
    """What pasted code prints when ``keras`` is the double."""
    fake = types.ModuleType("keras")
    fake.layers = double.keras.layers  # type: ignore[attr-defined]  # a stand-in module
    sys.modules["parity_fake_keras"] = fake
    text = io.StringIO()
    with contextlib.redirect_stdout(text):
        exec(code, {})
    return text.getvalue()


@pytest.mark.parametrize("case", CASES)
def test_no_difference_on_a_healthy_layer(case: Case) -> None:
    """For every data set; the pasted reference is the definition and not the layer."""
    for data in data_sets(case):
        fed = replace(case, batch=len(data.x))
        assert "\n0 of " in shown(pasted(fed, data, Twin(HEALTHY)), Twin(HEALTHY), fed)


@pytest.mark.parametrize("name", ["kernel-flipped-width", "crop-other-side", "bias-missing", "shifted-one-down"])
def test_the_difference_of_a_faulty_one(name: str) -> None:
    """The recorded code shows the recorded mismatch."""
    double, seen = Twin(find(name)), 0
    for case in CASES[::3]:
        verdict = hear("forward", case, "eager", double, "CPU:0")
        if verdict.claim == "values" and verdict.verdict == "mismatch":
            data = next(data for data in data_sets(case) if data.name == verdict.data)
            fed = replace(case, batch=len(data.x))
            text = shown(pasted(fed, data, double), double, fed)
            assert "\n%d of " % verdict.observed["differs"] in text
            seen += 1
    assert seen > 3
