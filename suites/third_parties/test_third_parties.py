"""Each third party agrees with the oracle and detects its faults. Run by ``tox run -e third-parties``."""

from __future__ import annotations

import importlib
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from fixtures.case import Case
from fixtures.third_parties.draws import drawn, kind_of
from fixtures.third_parties.faults import FAULTS, OracleFault, broken
from fixtures.third_parties.judge import Row, difference, judge, pose
from fixtures.third_parties.party import PARTIES, Check, Party, load
from fixtures.third_parties.run import ask

ROOT = Path(__file__).resolve().parents[2]
DRAWN = list(drawn(40))
DIFFERENTIABLE = ("torch", "jax")
FINDERS = [(fault, name) for fault in FAULTS for name in PARTIES if fault.array == "output" or name in DIFFERENTIABLE]
PLAIN = Case.parse("b2-i4.5-c3-f2-k3.2-s2.3-d1.1-same-o1.2-last-bias-linear-float32")


def check(case: Case) -> Check:
    """Return the check that a third party gets for a case."""
    return pose(case).check


def length_told(party: Party, asked: Check, **changed: int) -> tuple[int, ...]:
    """Return the spatial lengths of the output if the given fields of every axis are changed."""
    axes = tuple(replace(axis, **changed) for axis in asked.axes)
    return party.answer(replace(asked, axes=axes)).arrays["output"].shape[1:-1]


@pytest.mark.parametrize("name", PARTIES)
def test_agrees(name: str) -> None:
    """Check outputs, and gradients of those that have them, on the first draws; some have strides and dilation."""
    rows = ask(DRAWN, [name])
    assert [row for row in rows if row.status != "agree"] == [] and len(rows) == len(DRAWN) > 40
    wanted = {"output", "dx", "dkernel", "dbias"} if name in DIFFERENTIABLE else {"output"}
    assert {array for row in rows for array in row.arrays} == wanted == set(load(name).arrays)


@pytest.mark.parametrize(("fault", "name"), FINDERS, ids=lambda one: getattr(one, "name", one))
def test_finds_the_fault(fault: OracleFault, name: str) -> None:
    """Check that the fault is detected in the array where it shows, and that no case raises an error instead."""
    found = [row for row in ask(DRAWN, [name], fault.name) if row.status == "disagree"]
    assert [row for row in found if row.array != fault.array or row.detail.startswith("raised")] == []
    assert found


@pytest.mark.parametrize("name", PARTIES)
def test_the_length_is_the_third_partys(name: str) -> None:
    """Check that the length follows from the axis: cropping more cells shortens it, adding more lengthens it."""
    party, asked = load(name), check(replace(PLAIN, output_padding=(0, 1)))
    assert length_told(party, asked) == (7, 13)
    assert length_told(party, asked, front=1, end=1, extra=0) == (7, 12)
    assert length_told(party, asked, front=0, end=0, extra=0) == (9, 14)
    assert length_told(party, asked, front=0, end=0, extra=1) == (10, 15)


@pytest.mark.parametrize("name", PARTIES)
def test_what_is_raised_is_a_disagreement(name: str) -> None:
    """Check that an error is a disagreement of its own case, and of no other case in the same call."""
    good = pose(PLAIN)
    wrong = replace(good, check=replace(good.check, kernel=np.zeros((3, 2, 2, 1), np.float32)))
    rows = judge(name, load(name), [("accepted", good), ("accepted", wrong), ("accepted", good)])
    assert [row.status for row in rows] == ["agree", "disagree", "agree"], rows


def test_what_was_done_is_said() -> None:
    """Check the notes on an odd crop on torch, float64 on ONNX Runtime, and SciPy's crop and its zeros."""
    odd = Case.parse("b1-i3-c1-f1-k4-s1-d1-same-onone-last-nobias-linear-float64")
    longer = Case.parse("b1-i3-c1-f1-k1-s4-d1-valid-onone-last-nobias-linear-float32")
    rows = ask([(kind_of(case), case) for case in (odd, longer)], list(PARTIES))
    said = {(row.party, row.case == odd.id): [note.split(":")[0] for note in row.notes] for row in rows}
    assert said == {
        ("torch", True): ["crop is odd on an axis"],
        ("torch", False): [],
        ("jax", True): [],
        ("jax", False): [],
        ("scipy", True): ["crop cut from its full extent"],
        ("scipy", False): ["extra cells padded with zeros"],
        ("onnxruntime", True): ["asked in float32"],
        ("onnxruntime", False): [],
    }


def test_the_padding_of_torch_with_the_right_length_is_wrong() -> None:
    """Check that padding = front + 1 and output_padding = 1 is wrong for an odd crop: a cell is missing in front."""
    case = Case.parse("b1-i4.4-c2-f3-k3.3-s2.2-d1.1-same-onone-last-bias-linear-float32")
    right, party = pose(case), load("torch")
    axes = tuple(replace(axis, front=1, end=1, extra=1) for axis in right.check.axes)
    observed = party.answer(replace(right.check, axes=axes)).arrays
    assert "entries" in difference(right, observed, ["output"])[1]
    with broken("crop-larger-half-in-front"):
        assert difference(pose(case), observed, ["output"]) == ("", "")


_WITH_ONEDNN = """
from fixtures.case import Case
from fixtures.third_parties.judge import difference, pose
from fixtures.third_parties.torch import Asked
posed = pose(Case.parse(%r))
for _ in range(5):
    print(difference(posed, Asked().computed(posed.check).arrays, ["output", "dx", "dkernel"])[0] or "right")
"""


@pytest.mark.parametrize(("depth", "leaves"), [(4, True), (5, False)])
def test_onednn_is_left_out_for_a_reason(depth: int, leaves: bool) -> None:
    """Check that oneDNN gives wrong entries or a dead process on AVX-512 only, and not if there is one cell more."""
    case = Case.parse("b2-i%d.2.2-c16-f16-k7.1.1-s2.1.1-d1.1.1-same-o0.0.0-last-nobias-linear-float32" % depth)
    (row,) = ask([("accepted", case)], ["torch"])
    assert row.status == "agree" and len(row.notes) == leaves
    code = _WITH_ONEDNN % case.id
    ran = subprocess.run([sys.executable, "-c", code], cwd=str(ROOT), capture_output=True)
    right = ran.returncode == 0 and set(ran.stdout.decode().split()) == {"right"}
    avx512 = importlib.import_module("torch").backends.cpu.get_cpu_capability() == "AVX512"
    assert right is not (leaves and avx512), ran


def test_rows_are_plain() -> None:
    """Check that rows have plain types, because they cross a process boundary and go into JSON."""
    (row,) = ask([("accepted", PLAIN)], ["scipy"])
    assert row == Row(PLAIN.id, "accepted", "scipy", "agree", ("output",), notes=row.notes)
