"""Tests that the evidence classes, the keys of ledger rows and the ledger's schema have the same fields."""

from __future__ import annotations

import json
from dataclasses import MISSING, fields, replace
from functools import lru_cache
from pathlib import Path
from typing import Any, Iterator, Sequence

import pytest

from fixtures.cases.contract import PLAIN
from fixtures.cases.data_sets import make_dense_integers
from fixtures.cases.tiers import cases_of_tier
from fixtures.check import Check
from fixtures.compare.evidence import (
    Arrays,
    ExpectedArray,
    ExpectedEvidence,
    ExpectedRefusal,
    Facts,
    GivenArgument,
    InferredShape,
    MissingArray,
    NoFacts,
    ObservedArray,
    ObservedEvidence,
    ShapeOrRefusal,
    to_ledger,
    with_geometry,
)
from fixtures.faults import FAULTS, HEALTHY, Fault
from fixtures.frameworks.numpy_layer import NumpyLayer
from fixtures.oracle.expectation import compute_reference_arrays
from fixtures.run.check_run import run_check
from fixtures.run.pipeline import Pipeline
from fixtures.suite_registry import HYPOTHESIS, MIGRATION, select_checks, suites
from suites.selftest.detecting_checks import find_detecting_checks

SCHEMA = Path(__file__).resolve().parents[2] / "reports" / "schema" / "ledger-2.schema.json"
DEFINITIONS = json.loads(SCHEMA.read_text(encoding="utf-8"))["$defs"]
_UNIONS: Sequence[Any] = (ExpectedEvidence, ObservedEvidence)
EXPECTED, OBSERVED = (union.__args__ for union in _UNIONS)
CLASSES = sorted({*EXPECTED, *OBSERVED}, key=lambda one: str(one.__name__))
OPEN = "by_name"
FACTUAL = DEFINITIONS["verdict"]["if"]["properties"]["suite"]["enum"]


def keys(evidence: Any) -> dict[str, Any]:
    """Return the fields of an evidence class by their key in a ledger row, without the open field."""
    return {one.name.rstrip("_"): one for one in fields(evidence) if one.name != OPEN}


@pytest.mark.parametrize("evidence", CLASSES, ids=lambda one: str(one.__name__))
def test_the_schema_has_exactly_the_fields_of_each_evidence_class(evidence: Any) -> None:
    """Fields without a default are required; other keys are refused unless the class has an open field."""
    definition, found = DEFINITIONS[evidence.__name__], keys(evidence)
    assert list(definition.get("properties", {})) == sorted(found, key=lambda key: not found[key].metadata.get("first"))
    always = [key for key, one in found.items() if one.default is MISSING or one.default is not None]
    assert definition.get("required", []) == always
    assert (definition["additionalProperties"] is not False) == any(one.name == OPEN for one in fields(evidence))


@pytest.mark.parametrize("evidence", CLASSES, ids=lambda one: str(one.__name__))
def test_the_docstring_of_an_evidence_class_names_every_key(evidence: Any) -> None:
    """Each key is written as code."""
    for key in (*keys(evidence), *(one.name for one in fields(evidence) if one.name == OPEN)):
        assert "``%s``" % key in evidence.__doc__, key


@pytest.mark.parametrize(("side", "classes"), [("expected", EXPECTED), ("observed", OBSERVED)])
def test_the_schema_lists_the_evidence_classes_of_expected_and_observed(side: str, classes: Any) -> None:
    """Free facts are allowed for some suites only."""
    listed = [one["$ref"].rpartition("/")[2] for one in DEFINITIONS[side]["anyOf"]]
    assert listed == [one.__name__ for one in classes if one is not Facts]
    facts = DEFINITIONS["verdict"]["then"]["properties"][side]["anyOf"]
    assert facts == [{"$ref": "#/$defs/" + side}, {"$ref": "#/$defs/Facts"}]
    assert DEFINITIONS["verdict"]["else"]["properties"][side] == {"$ref": "#/$defs/" + side}


def test_the_schema_lists_the_names_of_all_arrays() -> None:
    """The names are those of the reference."""
    arrays = {**make_dense_integers(PLAIN, "gradients").arrays, "h": make_dense_integers(PLAIN).x}
    kinds = ("output", "gradients", "second-order", "step")
    names = [name for what in kinds for name in compute_reference_arrays(PLAIN, what, arrays)]
    assert DEFINITIONS["Arrays"]["propertyNames"]["enum"] == [*names, "geometry"]


def test_the_keys_of_evidence_have_the_order_of_its_fields() -> None:
    """The argument comes first; names of arrays and facts are keys of the row."""
    array = ExpectedArray([1], "float32", "CPU:0", [], "dx", "a = b", [], "strides=2", "strides=(2, 2)")
    order = ["given", "means", "shape", "dtype", "device", "entries", "array", "relation", "geometry"]
    assert list(to_ledger(array)) == order
    refusal = ExpectedRefusal(["R1"], "so", [], "strides=2")
    assert list(to_ledger(refusal)) == ["given", "refuses", "because", "geometry"]
    assert to_ledger(Facts({"b": 1, "a": None})) == {"b": 1, "a": None}
    few = ExpectedArray([1], "float32", "")
    assert to_ledger(Arrays({"dx": few}, [])) == {"dx": to_ledger(few), "geometry": []}


def test_evidence_leaves_out_fields_whose_default_is_none() -> None:
    """A shape without a rank is written as null, and an empty list as an empty list."""
    assert to_ledger(NoFacts()) == {} and to_ledger(NoFacts([])) == {"geometry": []}
    assert to_ledger(ObservedArray([2], "float32")) == {"shape": [2], "dtype": "float32"}
    assert to_ledger(InferredShape(None)) == {"shape": None}
    assert to_ledger(MissingArray()) == {"shape": "missing"}
    assert to_ledger(ShapeOrRefusal([0], "a refusal")) == {"shape": [0], "or": "a refusal"}


def test_geometry_is_added_to_evidence_only_once() -> None:
    """Geometry that is there stays; evidence of the contract has none."""
    axes = [{"axis": "steps"}]
    assert with_geometry(NoFacts(), axes) == NoFacts(axes)
    few = ExpectedArray([1], "float32", "CPU:0", geometry=[])
    assert with_geometry(few, axes) == few
    assert with_geometry(replace(few, geometry=None), axes) == replace(few, geometry=axes)
    for contract in (Facts({}), GivenArgument("strides=2")):
        assert with_geometry(contract, axes) is contract


@pytest.mark.parametrize("suite", [name for name in suites() if name not in (HYPOTHESIS, MIGRATION)])
def test_rows_of_every_suite_are_valid_in_the_schema(suite: str) -> None:
    """Rows of the healthy and the faulty NumPy layer are valid; an undocumented key is not, except for free facts."""
    validator = pytest.importorskip("jsonschema").Draft202012Validator(
        {"$ref": "#/$defs/verdict", "$defs": DEFINITIONS}
    )
    faults = [fault for fault in FAULTS if fault.suite == suite and not fault.fatal]
    rows = [row for fault in (HEALTHY, *faults[:4]) for row in _yield_one_row_per_variant(suite, fault)]
    assert {row["verdict"] for row in rows} > {"agree"}
    for row in rows:
        validator.validate(row)
        novel = {**row, "observed": {**row["observed"], "novel": 1}}
        assert validator.is_valid(novel) == (suite in FACTUAL)


@lru_cache(maxsize=1)  # each fault of the suite needs them
def _first_check_of_each_variant(suite: str) -> dict[str, Check]:
    checks: dict[str, Check] = {}
    for case in cases_of_tier("smoke"):
        for check in select_checks(suite, case, "numpy_layer", ("eager", "train"), ("contract",)):
            checks.setdefault(check.variant, check)
    return checks


def _yield_one_row_per_variant(suite: str, fault: Fault) -> Iterator[dict[str, Any]]:
    """Yield the row of one check for each mode or variant of the suite.

    If the suite is one of the contract, and it is known which variants detect the fault, these are only those.
    """
    layer = NumpyLayer(fault)
    pipeline = Pipeline("numpy_layer", lambda check: run_check(check, layer, "CPU:0"))
    known = {check.variant for check in find_detecting_checks(fault)} if suites()[suite].variants_of else set()
    checks = _first_check_of_each_variant(suite).values()
    for check in [check for check in checks if not known or check.variant in known]:
        yield json.loads(json.dumps(pipeline.judge(check)))
