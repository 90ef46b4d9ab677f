"""Tests of the rules of refusal (section R of the semantics): each has a case that breaks it and one that does not."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from fixtures.case import Case
from fixtures.oracle.expectation import Accepts, Rejects, expected_result
from fixtures.oracle.rules import CONTRACT, CONTRACT_INDEX_MAP, CONTRACT_KERAS_2, CONTRACT_TF_NN, RULES, broken_rules

CASE = Case(2, (3, 4), 2, 3, (3, 2), (2, 3), (1, 1))
EVERY = frozenset(rule.id for rule in RULES)
R5 = ["R5", "R8"]  # an output that is one cell shorter also breaks R8
# For each rule: what is changed in CASE, and every rule that the change breaks.
BROKEN: list[tuple[dict[str, Any], list[str]]] = [
    ({"filters": 0}, ["R1"]),
    ({"filters": -1}, ["R1"]),
    ({"filters": 1}, []),
    ({"kernel_size": (3, 0)}, ["R2"]),
    ({"kernel_size": (0, 3)}, ["R2"]),
    ({"kernel_size": (1, 1)}, []),
    ({"strides": (1, 0)}, ["R3"]),
    ({"strides": (0, 1)}, ["R3"]),
    ({"strides": (1, 1)}, []),
    ({"dilation_rate": (0, 1)}, ["R4", "R9"]),
    ({"dilation_rate": (1, 0)}, ["R4", "R9"]),
    ({"dilation_rate": (0, 0)}, ["R4"]),
    ({"output_padding": (-1, 0)}, R5),
    ({"output_padding": (0, -1)}, R5),
    ({"output_padding": (0, 0)}, []),
    ({"output_padding": (1, 2)}, []),
    ({"output_padding": (2, 0)}, ["R6", "R8"]),
    ({"output_padding": (0, 3)}, ["R6", "R8"]),
    ({"output_padding": (5, 0)}, ["R6", "R8"]),
    ({"dilation_rate": (2, 2)}, ["R7"]),
    ({"strides": (1, 2), "dilation_rate": (2, 2)}, ["R7"]),
    ({"strides": (1, 2), "dilation_rate": (2, 1)}, ["R7", "R9"]),
    ({"strides": (1, 1), "dilation_rate": (2, 2)}, []),
    ({"strides": (0, 0), "dilation_rate": (2, 2)}, ["R3"]),
    ({"dilation_rate": (2, 2), "output_padding": (2, 0)}, ["R6", "R7", "R8"]),
    ({"strides": (1, 1), "dilation_rate": (1, 2)}, ["R9"]),
    # same with an even effective kernel excludes o = 0 and admits o = s, which the contract refuses.
    ({"padding": "same", "output_padding": (0, 0)}, ["R8"]),
    ({"padding": "same", "output_padding": (0, 1)}, []),
    ({"padding": "same", "output_padding": (0, 3)}, ["R6"]),
    ({"padding": "same", "output_padding": (2, 1)}, ["R6", "R8"]),
    ({"padding": "same", "output_padding": None}, []),
    # There is no forward convolution, so only rules about the lengths themselves are broken.
    ({"kernel_size": (0, 2), "output_padding": (0, 0)}, ["R2"]),
    ({"strides": (0, 3), "output_padding": (0, 0)}, ["R3", "R6"]),
    ({"dilation_rate": (0, 0), "output_padding": (0, 0)}, ["R4"]),
    ({"kernel_size": (1, 1), "strides": (1, 1), "output_padding": (0, 0)}, []),
    ({"kernel_size": (1, 1), "strides": (1, 1), "output_padding": (1, 0)}, ["R6", "R8"]),
    # No output maps to an input length of 0, so only a negative output_padding is refused there.
    ({"size": (0, 4), "kernel_size": (1, 2), "output_padding": (0, 0)}, ["R8"]),
    ({"size": (0, 4), "kernel_size": (1, 2), "output_padding": (1, 0)}, []),
    ({"size": (0, 4), "output_padding": (0, 0)}, []),
]


@pytest.mark.parametrize(("changes", "ids"), BROKEN, ids=lambda value: str(value).replace(" ", ""))
def test_a_case_breaks_exactly_the_expected_rules(changes: dict[str, Any], ids: list[str]) -> None:
    """The rules come in their order."""
    assert [rule.id for rule in broken_rules(replace(CASE, **changes), EVERY)] == ids


def test_each_rule_names_its_arguments_and_its_source() -> None:
    """A refusal must name one of these arguments; the sources are in the third column of section R."""
    blamed = {rule.id: rule.arguments for rule in RULES}
    assert blamed == {
        "R1": ("filters",),
        "R2": ("kernel_size",),
        "R3": ("strides",),
        "R4": ("dilation_rate",),
        "R5": ("output_padding",),
        "R6": ("output_padding",),
        "R7": ("strides", "dilation_rate"),
        "R8": ("output_padding",),
        "R9": ("dilation_rate",),
    }
    sources = {rule.id: rule.source for rule in RULES}
    assert sources == {
        **{"R%d" % number: "contract" for number in range(1, 8)},
        "R8": "mathematics",
        "R9": "contract of Keras 2",
    }


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_the_sentence_of_each_rule_names_its_argument(rule: Any) -> None:
    """The page shows the sentence alone."""
    words = rule.sentence.replace("output_padding", "padding")
    singular = [name.split("_")[0].rstrip("s") for name in rule.arguments if name != "output_padding"]
    assert all(name in words for name in singular) and (singular or "padding" in words)


def test_each_framework_family_has_the_rules_of_its_contract() -> None:
    """They are those of the last paragraph of section R."""
    assert {"R1", "R2", "R3", "R4", "R5", "R6", "R7"} == CONTRACT
    assert {"R9"} == CONTRACT_KERAS_2 - CONTRACT and CONTRACT_KERAS_2 > CONTRACT
    assert {"R2", "R3", "R4"} == CONTRACT_TF_NN
    assert {"R1", "R2", "R3", "R4", "R5"} == CONTRACT_INDEX_MAP


def test_rule_r8_holds_for_every_contract() -> None:
    """Other rules are checked only if they belong to the contract."""
    both = replace(CASE, strides=(1, 1), dilation_rate=(1, 2), output_padding=(1, 0))
    assert [rule.id for rule in broken_rules(both, frozenset())] == ["R8"]
    assert [rule.id for rule in broken_rules(both)] == ["R6", "R8"]
    assert [rule.id for rule in broken_rules(both, CONTRACT_KERAS_2)] == ["R6", "R8", "R9"]


def test_a_case_is_expected_to_be_refused_if_it_breaks_a_rule_of_the_contract() -> None:
    """The default contract is that of Keras 3."""
    uneven = replace(CASE, strides=(1, 1), dilation_rate=(1, 2))
    assert isinstance(expected_result(uneven), Accepts)
    refused = expected_result(uneven, CONTRACT_KERAS_2)
    assert isinstance(refused, Rejects) and [rule.id for rule in refused.rules] == ["R9"]
    assert isinstance(refused.rules, tuple)
    assert isinstance(expected_result(replace(CASE, filters=0), CONTRACT_TF_NN), Accepts)
