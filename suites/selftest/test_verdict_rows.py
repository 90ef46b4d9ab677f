"""Tests of whole rows: what the ledger records and the page shows of every verdict."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from fixtures.case import Case
from fixtures.cases.data_sets import ONE_INPUT_EACH
from fixtures.compare.evidence import Facts, GivenArgument, NoFacts, to_ledger
from fixtures.compare.verdict import (
    PROPERTIES,
    VERDICTS,
    Reference,
    Verdict,
    describe_refusal,
    judge_arrays,
    judge_lost,
)
from fixtures.observation import Absent, Lost, Observed, Refused
from suites.selftest.ledgers import fields_of_verdict

SCHEMA = Path(__file__).resolve().parents[2] / "reports" / "schema" / "ledger-2.schema.json"
CASE = Case(1, (2, 1), 1, 2, (1, 1), (1, 1), (1, 1))
CHANNELS_FIRST = replace(CASE, data_format="channels_first")
Y = np.array([[1.0, 2.0], [3.0, 4.0]]).reshape(1, 2, 1, 2)  # batch, height, width, filters
W = np.array([5.0, 6.0])
FACTS = {"shape": [1, 2, 1, 2], "dtype": "float32", "device": "CPU:0"}
REFERENCE = {"output": Reference(Y, "float32")}
BOTH = {"dx": Reference(Y, "float32"), "dbias": Reference(W, "float64", spatial=False)}
REFUSED = Refused("call", "KeyError", ("KeyError", "Exception"), "no such thing")
REFUSAL = {"stage": "call", "error": "KeyError", "message": "no such thing"}


def make_observation(values: np.ndarray, **changes: Any) -> Observed:
    """Return the correct output with these changes."""
    return replace(Observed(values.shape, "float32", values, "CPU:0"), **changes)


def judge_observation(references: dict[str, Reference], seen: Any, case: Case = CASE, property: str = "") -> Verdict:
    """Return the verdict on an observation of one data set."""
    return judge_arrays(references, seen, case, "integers", "CPU:0", property)


def test_verdicts_and_properties_are_those_of_the_ledgers_schema() -> None:
    """The order is the same too."""
    properties = json.loads(SCHEMA.read_text(encoding="utf-8"))["$defs"]["verdict"]["properties"]
    assert list(VERDICTS) == properties["verdict"]["enum"] and list(PROPERTIES) == properties["property"]["enum"]


def test_fields_of_a_row_without_an_observation_are_empty() -> None:
    """They are None or empty, as the schema says."""
    assert Verdict("agree", "values", NoFacts(), Facts({})).to_row() == fields_of_verdict("agree", "values", {}, {})


def test_the_row_of_an_agreeing_output_has_its_facts() -> None:
    """All four properties are checked in their order."""
    checked = ("shape", "dtype", "placement", "values")
    row = fields_of_verdict("agree", "values", FACTS, FACTS, checked, "integers")
    assert judge_observation(REFERENCE, {"output": make_observation(Y)}).to_row() == row
    seen = {"output": make_observation(Y, device="")}
    without = ("shape", "dtype", "values")
    row = fields_of_verdict("agree", "values", FACTS, {**FACTS, "device": ""}, without, "integers")
    assert judge_observation(REFERENCE, seen).to_row() == row


def test_the_row_of_wrong_values_quotes_entries_of_both_sides() -> None:
    """It has their positions with the channels last, their number, and a picture."""
    wrong = Y.copy()
    wrong[0, 1, 0, 0] = 7
    row = judge_observation(REFERENCE, {"output": make_observation(wrong)})
    assert (row.verdict, row.property, row.data) == ("mismatch", "values", "integers")
    assert to_ledger(row.expected) == {**FACTS, "entries": [{"at": [0, 1, 0, 0], "value": 3.0}]}
    entry = {"entries": [{"at": [0, 1, 0, 0], "value": 7.0}], "differs": 1, "of": 4, "map": [".", "4"]}
    common = "The only wrong entry has output row index 1 and filter index 0 (0-based)."
    assert to_ledger(row.observed) == {**FACTS, **entry, "wrong_entries": common}
    assert row.checked == ("shape", "dtype", "placement", "values")


@pytest.mark.parametrize(
    ("changes", "property", "checked"),
    [
        ({"shape": (1, 2)}, "shape", ("shape",)),
        ({"dtype": "float64"}, "dtype", ("shape", "dtype")),
        ({"device": "CPU:1"}, "placement", ("shape", "dtype", "placement")),
        ({"dtype": "float64", "device": "CPU:1"}, "dtype", ("shape", "dtype")),
    ],
)
def test_the_row_of_a_wrong_shape_dtype_or_device_has_both_facts(
    changes: dict[str, Any], property: str, checked: tuple[str, ...]
) -> None:
    """Properties after the first difference are not checked."""
    got = {**FACTS, **{key: list(value) if key == "shape" else value for key, value in changes.items()}}
    row = fields_of_verdict("mismatch", property, FACTS, got, checked, "integers")
    assert judge_observation(REFERENCE, {"output": make_observation(Y, **changes)}).to_row() == row
    of_suite = fields_of_verdict("mismatch", "gradient", FACTS, got, ("gradient",), "integers")
    assert (
        judge_observation(REFERENCE, {"output": make_observation(Y, **changes)}, property="gradient").to_row()
        == of_suite
    )


def test_a_row_has_the_property_of_its_suite() -> None:
    """This holds for agreement and mismatch."""
    agreed = judge_observation(REFERENCE, {"output": make_observation(Y)}, property="locality")
    assert agreed.to_row() == fields_of_verdict("agree", "locality", FACTS, FACTS, ("locality",), "integers")
    wrong = judge_observation(REFERENCE, {"output": make_observation(Y + 1)}, property="locality")
    assert (wrong.verdict, wrong.property, wrong.checked) == ("mismatch", "locality", ("locality",))
    gone = judge_observation(REFERENCE, {}, property="locality")
    assert (gone.verdict, gone.property) == ("mismatch", "locality")


def test_a_row_of_several_arrays_names_the_one_that_differs() -> None:
    """If all agree, each array has one line."""
    seen = {"dx": make_observation(Y), "dbias": make_observation(W, dtype="float64")}
    summaries = {"dx": "float32 [1, 2, 1, 2]", "dbias": "float64 [2]"}
    row = judge_observation(BOTH, seen)
    checked = ("shape", "dtype", "placement", "values")
    assert row.to_row() == fields_of_verdict("agree", "values", summaries, summaries, checked, "integers")
    wrong = judge_observation(BOTH, {**seen, "dbias": make_observation(W + [0, 1], dtype="float64")})
    facts = {"shape": [2], "dtype": "float64", "device": "CPU:0", "array": "dbias"}
    assert to_ledger(wrong.expected) == {**facts, "entries": [{"at": [1], "value": 6.0}]}
    # Weights have no picture.
    common = "The only wrong entry has filter index 1 (0-based)."
    entry = {"entries": [{"at": [1], "value": 7.0}], "differs": 1, "of": 2, "wrong_entries": common}
    assert to_ledger(wrong.observed) == {**facts, **entry}
    assert (wrong.verdict, wrong.data) == ("mismatch", "integers")


def test_the_time_of_a_check_is_no_part_of_its_evidence() -> None:
    """A repeated check has the same verdict, however long it took."""
    verdict = judge_observation(REFERENCE, {"output": make_observation(Y)})
    assert replace(verdict, seconds=1.0) == replace(verdict, seconds=2.0) != replace(verdict, measured={"error": 1})


def test_wrong_entries_of_a_sample_have_their_indices_in_the_whole_array() -> None:
    """This holds for the entries that are quoted and for what they have in common."""
    whole = np.zeros((1, 40, 1, 2))
    whole[0, 30, 0, 1] = 5.0
    grid = ((0,), (0, 30, 39), (0,), (0, 1))
    sample = Reference(np.zeros((1, 3, 1, 2)), "float32", grid=grid, whole_shape=whole.shape)
    verdict = judge_observation({"output": sample}, {"output": make_observation(whole)})
    expected, observed = to_ledger(verdict.expected), to_ledger(verdict.observed)
    assert expected["entries"] == [{"at": [0, 30, 0, 1], "value": 0.0}]
    assert observed["entries"] == [{"at": [0, 30, 0, 1], "value": 5.0}]
    assert observed["wrong_entries"].startswith("Of the entries that were compared: The only wrong entry has")
    assert "output row index 30 and" in observed["wrong_entries"]


@pytest.mark.parametrize(("data", "named"), [("dense-integers", True), *((name, False) for name in ONE_INPUT_EACH)])
def test_a_batch_index_is_named_only_where_it_means_an_element(data: str, named: bool) -> None:
    """In data with one input cell in each element, the batch index says which cell is fed."""
    right, wrong = np.zeros((3, 2, 1, 2)), np.zeros((3, 2, 1, 2))
    wrong[1, 0, 0, 1] = 5.0
    references = {"output": Reference(right, "float32")}
    verdict = judge_arrays(references, {"output": make_observation(wrong)}, CASE, data, "CPU:0")
    assert ("batch index 1" in to_ledger(verdict.observed)["wrong_entries"]) == named


def test_a_missing_array_is_a_mismatch_of_the_shape() -> None:
    """The row names the array, also where it is the only one."""
    alone = judge_observation(REFERENCE, {}).to_row()["expected"]
    assert alone == {**FACTS, "array": "output"}
    row = judge_observation(BOTH, {"dx": make_observation(Y)})
    expected = {"shape": [2], "dtype": "float64", "device": "CPU:0", "array": "dbias"}
    assert row.to_row() == fields_of_verdict("mismatch", "shape", expected, {"shape": "missing"}, (), "integers")


def test_the_row_of_a_wrong_rejection_has_the_error() -> None:
    """A check that could not run has its reason, and is not a mismatch."""
    row = fields_of_verdict("wrongly-rejected", "rejection", FACTS, REFUSAL, ("rejection",), "integers")
    assert judge_observation(REFERENCE, REFUSED).to_row() == row
    facts = {"dx": "float32 [1, 2, 1, 2]", "dbias": "float64 [2]"}
    assert to_ledger(judge_observation(BOTH, REFUSED).expected) == facts
    assert to_ledger(judge_observation({}, REFUSED).expected) == {}
    absent = Absent("no derivatives here")
    unasked = fields_of_verdict(
        "not-run", "values", {"output": FACTS}, {"reason": "no derivatives here"}, (), "integers"
    )
    assert judge_observation(REFERENCE, absent).to_row() == unasked
    assert judge_observation(REFERENCE, absent, property="gradient").to_row() == {**unasked, "property": "gradient"}


def test_quoted_entries_of_channels_first_have_the_channels_last() -> None:
    """Inputs and outputs follow the data_format; weights do not."""
    deep = np.arange(24.0).reshape(2, 3, 4, 1)
    case = replace(CHANNELS_FIRST, filters=1, batch=2)
    agreed = judge_observation(
        {"output": Reference(deep, "float32")}, {"output": make_observation(np.moveaxis(deep, -1, 1))}, case
    )
    assert agreed.verdict == "agree" and to_ledger(agreed.expected)["shape"] == [2, 1, 3, 4]
    assert (
        judge_observation({"output": Reference(deep, "float32")}, {"output": make_observation(deep)}, case).property
        == "shape"
    )
    seen = np.moveaxis(Y, -1, 1).copy()
    seen[0, 1, 0, 0] = 0
    wrong = judge_observation(REFERENCE, {"output": make_observation(seen)}, CHANNELS_FIRST)
    assert to_ledger(wrong.expected)["entries"] == [{"at": [0, 0, 0, 1], "value": 2.0}]
    assert to_ledger(wrong.observed)["map"] == ["4", "."]
    kernel = np.arange(6.0).reshape(1, 1, 2, 3)
    weights = {"kernel": Reference(kernel, "float32", spatial=False)}
    assert judge_observation(weights, {"kernel": make_observation(kernel)}, CHANNELS_FIRST).verdict == "agree"


def test_a_row_quotes_the_first_six_wrong_entries() -> None:
    """There may be more of them."""
    many = np.arange(1.0, 13.0).reshape(1, 3, 4, 1)
    row = judge_observation(
        {"output": Reference(many, "float32")}, {"output": make_observation(-many)}, replace(CASE, filters=1)
    )
    assert [entry["value"] for entry in to_ledger(row.expected)["entries"]] == [1, 2, 3, 4, 5, 6]
    assert [entry["value"] for entry in to_ledger(row.observed)["entries"]] == [-1, -2, -3, -4, -5, -6]
    assert (to_ledger(row.observed)["differs"], to_ledger(row.observed)["of"]) == (12, 12)


def test_nan_and_infinity_are_quoted_as_words() -> None:
    """JSON has no numbers for them."""
    seen = np.array([np.nan, np.inf, -np.inf, 0.5]).reshape(Y.shape)
    row = judge_observation(REFERENCE, {"output": make_observation(seen)})
    assert [entry["value"] for entry in to_ledger(row.observed)["entries"]] == ["nan", "inf", "-inf", 0.5]


def test_the_row_of_a_lost_answer_has_the_expected_facts() -> None:
    """They are recorded if the case alone does not determine them."""
    lost = Lost("hanged", "no answer within 5 s", "the last line")
    seen = {"reason": "no answer within 5 s", "stderr": "the last line"}
    assert judge_lost(lost, "values").to_row() == fields_of_verdict("hanged", "values", {}, seen, ("values",))
    request = GivenArgument("strides=2.5")
    assert to_ledger(judge_lost(lost, "rejection", request).expected) == {"given": "strides=2.5"}


def test_a_long_message_is_shortened_in_the_middle() -> None:
    """A thousand characters of each end stay; a message of up to two thousand is whole."""
    whole = "a" * 1000 + "b" * 1000
    assert describe_refusal(replace(REFUSED, message=whole)).message == whole
    cut = describe_refusal(replace(REFUSED, message="a" * 1000 + "-" + "b" * 1000)).message
    assert cut == "a" * 1000 + "\n[cut]\n" + "b" * 1000
