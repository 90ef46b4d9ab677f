"""Tests of the records of framework families: which modes, suites and contract follow from them."""

from __future__ import annotations

import importlib.util
from dataclasses import replace

import pytest

from fixtures.case import Case
from fixtures.cases.contract import CASES
from fixtures.cases.empty import empty_cases
from fixtures.check import Check
from fixtures.frameworks.families import FAMILIES, MODES, modes_of_subject, restrictions_of_subject
from fixtures.suite_registry import contract_suites, is_checked, suites

PLAIN = Case(2, (4, 5), 3, 2, (3, 2), (2, 3), (1, 1), use_bias=False)
BOTH = replace(PLAIN, dilation_rate=(2, 2))  # R7
THIRD_PARTIES = ("torch", "jax", "scipy", "onnxruntime")
FUNCTIONS = ("keras.ops", "tf.nn")


def find_suites_that_check(case: Case, subject: str) -> list[str]:
    """Return the suites that check a case on a subject in its first mode."""
    computing = [name for name, suite in suites().items() if suite.variants_of is None]
    return [name for name in computing if is_checked(Check(name, case, modes_of_subject(subject)[0]), subject)]


@pytest.mark.parametrize("subject", FAMILIES)
def test_every_family_has_known_modes_and_an_existing_module(subject: str) -> None:
    """Its suites exist too."""
    assert modes_of_subject(subject) and set(modes_of_subject(subject)) <= set(MODES)
    assert importlib.util.find_spec("fixtures.frameworks." + FAMILIES[subject].module) is not None
    assert set(FAMILIES[subject].suites) <= set(suites())


def test_only_keras_3_takes_its_modes_from_keras_backend(monkeypatch: pytest.MonkeyPatch) -> None:
    """The variable KERAS_BACKEND changes nothing for other families."""
    expected = {
        "tensorflow": ("eager", "graph", "dynamic", "xla", "predict", "train"),
        "jax": ("eager", "xla", "predict", "train"),
        "torch": ("eager", "compile", "predict", "train"),
        "openvino": ("eager", "predict"),
    }
    for backend, modes in expected.items():
        monkeypatch.setenv("KERAS_BACKEND", backend)
        assert modes_of_subject("keras3") == modes_of_subject("keras3:bias-missing") == modes
        assert modes_of_subject("keras.ops") == (
            *(mode for mode in modes if mode not in ("predict", "train")),
            "functional",
        )
        assert modes_of_subject("tf.keras") == expected["tensorflow"] and modes_of_subject("jax") == ("eager",)


def test_third_parties_compute_cases_that_break_rules_r6_and_r7() -> None:
    """The other rules are the same for third parties and for Keras 3."""
    for subject in THIRD_PARTIES:
        assert restrictions_of_subject("keras3") - restrictions_of_subject(subject) == {"R6", "R7"}
        assert (
            find_suites_that_check(BOTH, subject) == find_suites_that_check(PLAIN, subject) == ["forward", "gradients"]
        )
    assert find_suites_that_check(BOTH, "keras3") == ["rejection"] and "forward" in find_suites_that_check(
        PLAIN, "keras3"
    )


@pytest.mark.parametrize("subject", THIRD_PARTIES)
def test_third_parties_are_checked_only_on_outputs_and_gradients(subject: str) -> None:
    """Refusals, empty inputs and mixed dtype policies belong to Keras."""
    assert (
        find_suites_that_check(replace(PLAIN, kernel_size=(0, 2)), subject)
        == find_suites_that_check(next(empty_cases()), subject)
        == []
    )
    assert find_suites_that_check(replace(PLAIN, dtype="mixed_float16"), subject) == []
    assert find_suites_that_check(replace(PLAIN, use_bias=True, activation="relu"), subject) == ["forward", "gradients"]


def test_only_keras_layers_have_checks_of_the_contract() -> None:
    """Functions and third parties have no layer."""

    def has_contract_checks(subject: str) -> bool:
        named = [(suite, variant) for suite in contract_suites() for variant in suites()[suite].variants]
        return any(is_checked(Check(suite, case, variant), subject) for suite, variant in named for case in CASES)

    assert {subject for subject in FAMILIES if not has_contract_checks(subject)} == {*THIRD_PARTIES, *FUNCTIONS}


def test_functions_are_not_checked_with_bias_or_activation() -> None:
    """tf.nn is not checked with mixed dtype policies either."""
    for subject in FUNCTIONS:
        assert "forward" in find_suites_that_check(PLAIN, subject)
        assert find_suites_that_check(replace(PLAIN, use_bias=True), subject) == []
        assert find_suites_that_check(replace(PLAIN, activation="relu"), subject) == []
    assert find_suites_that_check(replace(PLAIN, dtype="mixed_float16"), "keras.ops")
    assert find_suites_that_check(replace(PLAIN, dtype="mixed_float16"), "tf.nn") == []
