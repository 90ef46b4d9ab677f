"""Section R of docs/semantics.md: each rule, the least that breaks it, and its neighbour that does not."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from fixtures.case import Case
from fixtures.oracle.expectation import Accepts, Rejects, expected_result
from fixtures.oracle.rules import CONTRACT, CONTRACT_INDEX_MAP, CONTRACT_KERAS_2, CONTRACT_TF_NN, RULES, broken_rules

CASE = Case(2, (3, 4), 2, 3, (3, 2), (2, 3), (1, 1))
EVERY = frozenset(rule.id for rule in RULES)
R5 = ["R5", "R8"]  # an output shorter by a cell is not admissible either
# By rule: what is changed, and every rule that this breaks.
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
    # No forward convolution to ask about: only what is wrong with its own lengths.
    ({"kernel_size": (0, 2), "output_padding": (0, 0)}, ["R2"]),
    ({"strides": (0, 3), "output_padding": (0, 0)}, ["R3", "R6"]),
    ({"dilation_rate": (0, 0), "output_padding": (0, 0)}, ["R4"]),
    ({"kernel_size": (1, 1), "strides": (1, 1), "output_padding": (0, 0)}, []),
    ({"kernel_size": (1, 1), "strides": (1, 1), "output_padding": (1, 0)}, ["R6", "R8"]),
    # Nothing maps to a length of 0, so there only a negative one is refused.
    ({"size": (0, 4), "kernel_size": (1, 2), "output_padding": (0, 0)}, ["R8"]),
    ({"size": (0, 4), "kernel_size": (1, 2), "output_padding": (1, 0)}, []),
    ({"size": (0, 4), "output_padding": (0, 0)}, []),
]


@pytest.mark.parametrize(("changes", "ids"), BROKEN, ids=lambda value: str(value).replace(" ", ""))
def test_which_rules_a_case_breaks(changes: dict[str, Any], ids: list[str]) -> None:
    """All of them, in order, and no other."""
    assert [rule.id for rule in broken_rules(replace(CASE, **changes), EVERY)] == ids


def test_each_rule_blames_an_argument_and_says_where_it_is_from() -> None:
    """What the layer's message must name, and the third column of section R."""
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
def test_the_sentence_names_what_is_wrong(rule: Any) -> None:
    """It stands alone on the page, so it must say which argument it is about."""
    words = rule.sentence.replace("output_padding", "padding")
    singular = [name.split("_")[0].rstrip("s") for name in rule.arguments if name != "output_padding"]
    assert all(name in words for name in singular) and (singular or "padding" in words)


def test_each_family_has_its_contract() -> None:
    """The last paragraph of section R, and the row of R9."""
    assert {"R1", "R2", "R3", "R4", "R5", "R6", "R7"} == CONTRACT
    assert {"R9"} == CONTRACT_KERAS_2 - CONTRACT and CONTRACT_KERAS_2 > CONTRACT
    assert {"R2", "R3", "R4"} == CONTRACT_TF_NN
    assert {"R1", "R2", "R3", "R4", "R5"} == CONTRACT_INDEX_MAP


def test_mathematics_holds_whatever_the_contract() -> None:
    """And what is no contract of a subject is not checked."""
    both = replace(CASE, strides=(1, 1), dilation_rate=(1, 2), output_padding=(1, 0))
    assert [rule.id for rule in broken_rules(both, frozenset())] == ["R8"]
    assert [rule.id for rule in broken_rules(both)] == ["R6", "R8"]
    assert [rule.id for rule in broken_rules(both, CONTRACT_KERAS_2)] == ["R6", "R8", "R9"]


def test_expectation_follows_the_rules() -> None:
    """Refused for every rule that is broken, computed where there is none; by default the contract of Keras 3."""
    uneven = replace(CASE, strides=(1, 1), dilation_rate=(1, 2))
    assert isinstance(expected_result(uneven), Accepts)
    refused = expected_result(uneven, CONTRACT_KERAS_2)
    assert isinstance(refused, Rejects) and [rule.id for rule in refused.rules] == ["R9"]
    assert isinstance(refused.rules, tuple)
    assert isinstance(expected_result(replace(CASE, filters=0), CONTRACT_TF_NN), Accepts)
