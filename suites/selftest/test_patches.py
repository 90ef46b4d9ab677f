"""Patches of the real layer: each is a fault that the double has too; put on and taken off; which subject is asked."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from fixtures.case import Case
from fixtures.choices import check
from fixtures.deviations import read
from fixtures.faults import FAULTS, find
from fixtures.kill import DOUBLE, Shot, shoot, summary
from fixtures.observation import Observed
from fixtures.options import BadOption
from fixtures.registry import MIGRATION, PROPERTIES, SUITES
from fixtures.special import flushed, questions, values_of
from fixtures.subjects.base import Setting, contract_of, modes_of
from fixtures.subjects.gathering import compute
from fixtures.subjects.patched import View, put_on
from fixtures.subjects.patches import PATCHES, patch_of
from fixtures.targets import RealLayer, targets
from fixtures.verdict import Verdict

CASE = Case(2, (4, 5), 3, 2, (3, 2), (2, 1), (1, 1))


def test_patches_are_named_faults() -> None:
    """At least 45, two for every suite that can be asked without stored models."""
    assert len(PATCHES) >= 45
    assert set(PATCHES) <= {fault.name for fault in FAULTS}
    for suite in set(SUITES) - {MIGRATION, PROPERTIES}:
        assert sum(find(name).suite == suite for name in PATCHES) >= 2, suite


def test_unknown_patches_are_refused() -> None:
    """A typo gets the nearest name; what only the double can carry is said to be so, also as an option."""
    with pytest.raises(ValueError, match="did you mean 'bias-missing'"):
        patch_of("bias-mising")
    with pytest.raises(ValueError, match="one of the double only, as twin:on-another-device"):
        patch_of("on-another-device")
    with pytest.raises(BadOption, match="did you mean 'bias-missing'"):
        check({"subject": "keras3:bias-mising"})
    with pytest.raises(BadOption, match="of the double only"):
        check({"subject": "keras3:on-another-device"})
    assert check({"subject": "keras3:bias-missing"}).subject == "keras3:bias-missing"


def test_a_faulty_layer_is_the_same_subject() -> None:
    """Its modes, contract and known deviations are those of the sound one, so that the fault alone is left."""
    faulty = "keras3:bias-missing"
    assert modes_of(faulty) == modes_of("keras3") and contract_of(faulty) == contract_of("keras3")
    run = {"backend": "tensorflow", "device": "CPU:0", "switches": {}, "keras": "3.15.1", "tensorflow": "2.21.0"}
    known = [[one.name for one in read() if one.applies({**run, "subject": name})] for name in ("keras3", faulty)]
    assert known[0] == known[1] != []


def test_a_patch_is_undone() -> None:
    """Also what was inherited, and when the question ends in an error."""
    base: Any = type("Base", (), {"call": lambda self: "sound"})
    layer: Any = type("Layer", (base,), {})

    def refusing(self: Any) -> None:
        raise KeyError(layer.call is refusing and base.call is not refusing)

    with pytest.raises(KeyError, match="True"), put_on([(layer, "call", refusing)]):
        layer().call()
    assert layer().call() == "sound" and "call" not in vars(layer)


def test_the_double_adds_the_bias_after_the_activation() -> None:
    """As a real layer with that fault does: where relu gives 0 the bias is left, of either sign."""
    case = replace(CASE, activation="relu")
    fault, bias = find("bias-after-activation"), np.array([-3.0, 2.0])
    weights = [np.full((3, 2, 2, 3), -1.0), bias]
    y = compute("output", case, {"x": np.ones((2, 4, 5, 3))}, weights, fault)["output"]
    assert (y == bias).all()


def test_a_view_leaves_the_layer() -> None:
    """Other attributes for a method to read, the rest from the layer."""
    layer = SimpleNamespace(use_bias=True, rank=2)
    view = View(layer, use_bias=False)
    assert (view.use_bias, view.rank, layer.use_bias) == (False, 2, True)


def test_targets_carry_what_is_asked() -> None:
    """A fault that a subject cannot carry is left to the others, and refused where there is none."""
    ((target, names),) = targets(["twin"], ["on-another-device"], Setting())
    assert (target.name, names) == ("twin", ["on-another-device"])
    with pytest.raises(ValueError, match="of the double only"):
        targets(["keras3"], ["on-another-device"], Setting())
    with pytest.raises(ValueError, match="did you mean"):
        targets(["twin"], ["bias-mising"], Setting())
    with pytest.raises(ValueError, match="--subject torch"):
        targets(["torch"], [], Setting())


class _Deviant(type(DOUBLE)):  # type: ignore[misc]  # a class taken from an object
    """A target whose sound layer is blamed for everything, or whose every verdict is excused."""

    def __init__(self, sound: bool, excused: bool) -> None:
        self._sound, self._excused = sound, excused

    def sound(self, suite: str, case: Case, mode: str) -> bool:
        return self._sound

    def counts(self, suite: str, case: Case, mode: str, verdict: Verdict) -> bool:
        return not self._excused and super().counts(suite, case, mode, verdict)


@pytest.mark.parametrize(
    ("sound", "excused", "caught"), [(True, False, True), (False, False, False), (True, True, False)]
)
def test_what_the_sound_layer_shows_too_is_no_kill(sound: bool, excused: bool, caught: bool) -> None:
    """A deviation of the layer itself, known or not."""
    shot = shoot(find("bias-missing"), "forward", [CASE], target=_Deviant(sound, excused))
    assert shot.caught is caught


def test_a_patch_that_merely_fails_is_told() -> None:
    """The double with the fault puts out wrong values, so a refusal is of the patch's own making."""
    target, fault = object.__new__(RealLayer), find("bias-missing")  # without a Keras, which comparing does not need
    wrong = Verdict("mismatch", "values", {}, {})
    assert target.alike(fault, "forward", CASE, "eager", wrong) is True
    refused = Verdict("wrongly-rejected", "rejection", {}, {})
    assert target.alike(fault, "forward", CASE, "eager", refused) is False
    shot = Shot("keras3", "bias-missing", "forward", True, True, CASE.id, "eager", "mismatch", 1, 0.1, True, False)
    assert "shown as the double shows it: 0 of 1; not: bias-missing (mismatch)" in summary([shot])[0]


def test_each_subject_is_judged_by_itself() -> None:
    """One bad subject is bad, and the summary says which."""
    good = Shot("twin", "bias-missing", "forward", True, True, CASE.id, "eager", "mismatch", 1, 0.1, True)
    bad = replace(good, subject="keras3", caught=False)
    text, fine = summary([good, bad])
    assert not fine and "twin: killed 1 of 1" in text and "keras3: killed 0 of 1; survived: bias-missing" in text


def test_flushing_the_least_number_hides_no_fault() -> None:
    """An answer that lost the least number is compared with a double that was not given it."""
    question = questions(CASE, False)[0]
    least = values_of("float32")[-1]
    seen = {"output": Observed((3,), "float32", np.array([least, -least, 1.0]), "")}
    data, answer = flushed(CASE, question.data, seen)
    assert answer["output"].values.tolist() == [0.0, 0.0, 1.0]
    assert (question.data.x == least).any() and not (data.x == least).any()
