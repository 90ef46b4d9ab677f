"""Tests of the patches of the real layer: each is a fault of the NumPy layer too, and is removed after the check."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from fixtures.case import Case
from fixtures.check import Check
from fixtures.compare.evidence import Facts, NoFacts
from fixtures.compare.verdict import Verdict
from fixtures.deviations import read_deviations
from fixtures.fault_matrix.matrix import NUMPY_TARGET, Detection, detect_by_suite, summarise_matrix
from fixtures.fault_matrix.targets import RealLayer, assign_faults_to_targets
from fixtures.faults import FAULTS, find_fault
from fixtures.frameworks.adapter import Setting
from fixtures.frameworks.families import modes_of_subject, restrictions_of_subject
from fixtures.frameworks.patches.catalog import PATCHES, patch_of
from fixtures.frameworks.patches.patch import LayerView, apply_replacements
from fixtures.numpy_layer.arithmetic import compute_with_fault
from fixtures.observation import Observed
from fixtures.run.option_values import check_options
from fixtures.run.options import BadOption
from fixtures.suite_registry import HYPOTHESIS, MIGRATION, suites
from suites.special.data import flush_least_number, list_special_values, yield_comparisons

CASE = Case(2, (4, 5), 3, 2, (3, 2), (2, 1), (1, 1))


def test_there_are_at_least_45_patches_and_two_for_every_suite() -> None:
    """Each patch has the name of a fault. The suites migration and hypothesis have no patches of their own."""
    assert len(PATCHES) >= 45
    assert set(PATCHES) <= {fault.name for fault in FAULTS}
    for suite in set(suites()) - {MIGRATION, HYPOTHESIS}:
        assert sum(find_fault(name).suite == suite for name in PATCHES) >= 2, suite


def test_an_unknown_patch_is_refused_with_the_nearest_name() -> None:
    """A fault that only the NumPy layer can carry is refused for other subjects."""
    with pytest.raises(ValueError, match="did you mean 'bias-missing'"):
        patch_of("bias-mising")
    with pytest.raises(ValueError, match="one of the NumPy layer only, as numpy_layer:on-another-device"):
        patch_of("on-another-device")
    with pytest.raises(BadOption, match="did you mean 'bias-missing'"):
        check_options({"subject": "keras3:bias-mising"})
    with pytest.raises(BadOption, match="of the NumPy layer only"):
        check_options({"subject": "keras3:on-another-device"})
    assert check_options({"subject": "keras3:bias-missing"}).subject == "keras3:bias-missing"


def test_a_patched_layer_has_the_modes_and_deviations_of_the_sound_one() -> None:
    """So a run shows the fault alone."""
    faulty = "keras3:bias-missing"
    assert modes_of_subject(faulty) == modes_of_subject("keras3") and restrictions_of_subject(
        faulty
    ) == restrictions_of_subject("keras3")
    run = {"backend": "tensorflow", "device": "CPU:0", "switches": {}, "keras": "3.15.1", "tensorflow": "2.21.0"}
    entries = [
        [one.name for one in read_deviations() if one.applies({**run, "subject": name})] for name in ("keras3", faulty)
    ]
    assert entries[0] == entries[1] != []


def test_a_patch_is_removed_even_after_an_error() -> None:
    """An inherited method is inherited again."""
    base: Any = type("Base", (), {"call": lambda self: "sound"})
    layer: Any = type("Layer", (base,), {})

    def refusing(self: Any) -> None:
        raise KeyError(layer.call is refusing and base.call is not refusing)

    with pytest.raises(KeyError, match="True"), apply_replacements([(layer, "call", refusing)]):
        layer().call()
    assert layer().call() == "sound" and "call" not in vars(layer)


def test_the_fault_bias_after_activation_leaves_the_bias_where_relu_gives_zero() -> None:
    """A real layer with this fault does the same."""
    case = replace(CASE, activation="relu")
    fault, bias = find_fault("bias-after-activation"), np.array([-3.0, 2.0])
    weights = [np.full((3, 2, 2, 3), -1.0), bias]
    y = compute_with_fault("output", case, {"x": np.ones((2, 4, 5, 3))}, weights, fault)["output"]
    assert (y == bias).all()


def test_a_layer_view_changes_attributes_without_changing_the_layer() -> None:
    """Other attributes are read from the layer."""
    layer = SimpleNamespace(use_bias=True, rank=2)
    view = LayerView(layer, use_bias=False)
    assert (view.use_bias, view.rank, layer.use_bias) == (False, 2, True)


def test_each_fault_is_assigned_to_the_subjects_that_can_carry_it() -> None:
    """A fault that no given subject can carry is refused."""
    ((target, names),) = assign_faults_to_targets(["numpy_layer"], ["on-another-device"], Setting())
    assert (target.name, names) == ("numpy_layer", ["on-another-device"])
    with pytest.raises(ValueError, match="of the NumPy layer only"):
        assign_faults_to_targets(["keras3"], ["on-another-device"], Setting())
    with pytest.raises(ValueError, match="did you mean"):
        assign_faults_to_targets(["numpy_layer"], ["bias-mising"], Setting())
    with pytest.raises(ValueError, match="--subject torch"):
        assign_faults_to_targets(["torch"], [], Setting())


class _Deviant(type(NUMPY_TARGET)):  # type: ignore[misc]  # a class taken from an object
    """A target whose sound layer has no correct check, or whose every mismatch is a known deviation."""

    def __init__(self, sound: bool, known_deviation: bool) -> None:
        self._sound, self._known_deviation = sound, known_deviation

    def sound_subject_passes(self, check: Check) -> bool:
        """Return the fixed answer for every check."""
        return self._sound

    def verdict_blames_subject(self, check: Check, verdict: Verdict) -> bool:
        """Return whether the verdict blames the subject; never for a known deviation."""
        return not self._known_deviation and super().verdict_blames_subject(check, verdict)


@pytest.mark.parametrize(
    ("sound", "known_deviation", "caught"), [(True, False, True), (False, False, False), (True, True, False)]
)
def test_a_mismatch_that_the_sound_layer_shows_too_is_not_a_detection(
    sound: bool, known_deviation: bool, caught: bool
) -> None:
    """The mismatch may be a known deviation or not."""
    detection = detect_by_suite(find_fault("bias-missing"), "forward", [CASE], target=_Deviant(sound, known_deviation))
    assert detection.caught is caught


def test_a_patch_that_raises_is_reported_as_differing_from_the_numpy_layer() -> None:
    """The NumPy layer with this fault gives wrong values, so a refusal comes from the patch itself."""
    # The target is made without Keras, which the comparison does not need.
    target, fault = object.__new__(RealLayer), find_fault("bias-missing")
    wrong = Verdict("mismatch", "values", NoFacts(), Facts({}))
    assert target.numpy_layer_agrees(fault, Check("forward", CASE, "eager"), wrong) is True
    refused = Verdict("wrongly-rejected", "rejection", NoFacts(), Facts({}))
    assert target.numpy_layer_agrees(fault, Check("forward", CASE, "eager"), refused) is False
    detection = Detection(
        "keras3", "bias-missing", "forward", True, True, CASE.id, "eager", "mismatch", 1, 0.1, True, False
    )
    assert "shown as the NumPy layer shows it: 0 of 1; not: bias-missing (mismatch)" in summarise_matrix([detection])[0]


def test_the_fault_matrix_is_bad_if_one_subject_is_bad() -> None:
    """The summary names the subject."""
    good = Detection("numpy_layer", "bias-missing", "forward", True, True, CASE.id, "eager", "mismatch", 1, 0.1, True)
    bad = replace(good, subject="keras3", caught=False)
    text, fine = summarise_matrix([good, bad])
    assert not fine and "numpy_layer: detected 1 of 1" in text and "keras3: detected 0 of 1; not detected: bias" in text


def test_an_output_that_flushes_subnormals_is_compared_without_them() -> None:
    """A NumPy layer that did not get the least number is the reference then."""
    check = yield_comparisons(CASE, False)[0]
    least = list_special_values("float32")[-1]
    seen = {"output": Observed((3,), "float32", np.array([least, -least, 1.0]), "")}
    data, answer = flush_least_number(CASE, check.data, seen)
    assert answer["output"].values.tolist() == [0.0, 0.0, 1.0]
    assert (check.data.x == least).any() and not (data.x == least).any()
