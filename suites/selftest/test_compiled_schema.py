"""Tests that the compiled checks of a ledger's lines and jsonschema allow the same lines."""

from __future__ import annotations

import json
import random
import sys
from typing import Any, Mapping

import pytest

if sys.version_info < (3, 11):
    pytest.skip("pages need Python 3.11", allow_module_level=True)

from jsonschema import Draft202012Validator

from reports.ledger import compiled_schema
from reports.ledger.compiled_schema import LARGEST_NUMBER, compile_schema, read_definitions
from suites.fuzz.damages import DAMAGES
from suites.fuzz.sample_ledger import make_sample_lines

DEFINITIONS = read_definitions()
DAMAGED = ("nothing", "other values and types", "a key less", "a key more")


def make_lines(count: int) -> list[dict[str, Any]]:
    """Return the lines of whole and of damaged ledgers that still are objects of a known kind."""
    draw, lines = random.Random(1), []
    whole = make_sample_lines(draw)
    for number in range(count):
        data = DAMAGES[DAMAGED[number % len(DAMAGED)]]([dict(line) for line in whole], draw)
        lines += [json.loads(line) for line in data.splitlines()]
    return [line for line in lines if line.get("kind") in ("run", "verdict", "end")]


def has_large_number(value: Any) -> bool:
    """Return whether a value holds a number of more than 64 bits, which jsonschema takes for an integer too."""
    if isinstance(value, (dict, list)):
        return any(map(has_large_number, value.values() if isinstance(value, dict) else value))
    return isinstance(value, (int, float)) and abs(value) > LARGEST_NUMBER


def find_differing_lines(definitions: Mapping[str, Any], count: int) -> tuple[list[dict[str, Any]], int]:
    """Return the lines that only one of the two allows, and the number of lines that jsonschema refuses."""
    kinds = ("run", "verdict", "end")
    checks = {kind: compile_schema(definitions[kind], definitions) for kind in kinds}
    validators = {kind: Draft202012Validator({"$ref": "#/$defs/" + kind, "$defs": DEFINITIONS}) for kind in kinds}
    differing, refused = [], 0
    for line in make_lines(count):
        kind = line["kind"]
        allowed = validators[kind].is_valid(line)
        refused += not allowed
        if (checks[kind](line) is None) != allowed and not has_large_number(line):
            differing.append(line)
    return differing, refused


def test_the_compiled_checks_allow_what_jsonschema_allows() -> None:
    """Whole and damaged lines of all kinds are compared; many of them are refused."""
    differing, refused = find_differing_lines(DEFINITIONS, 60)
    assert not differing and refused > 15


@pytest.mark.parametrize("name", ["_make_check_of_any", "_make_check_of_values", "_make_check_of_array"])
def test_a_check_that_allows_everything_is_noticed(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """The comparison notices if one kind of check is not made."""
    monkeypatch.setattr(compiled_schema, name, lambda *_: lambda value: None)
    assert find_differing_lines(DEFINITIONS, 60)[0]
