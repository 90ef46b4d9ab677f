"""Every verdict as a whole row: what the ledger keeps and the page shows of it."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from fixtures.case import Case
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
from suites.selftest.ledgers import judged

SCHEMA = Path(__file__).resolve().parents[2] / "reports" / "schema" / "ledger-2.schema.json"
CASE = Case(1, (2, 1), 1, 2, (1, 1), (1, 1), (1, 1))
FIRST = replace(CASE, data_format="channels_first")
Y = np.array([[1.0, 2.0], [3.0, 4.0]]).reshape(1, 2, 1, 2)  # batch, height, width, filters
W = np.array([5.0, 6.0])
FACTS = {"shape": [1, 2, 1, 2], "dtype": "float32", "device": "CPU:0"}
REFERENCE = {"output": Reference(Y, "float32")}
BOTH = {"dx": Reference(Y, "float32"), "dbias": Reference(W, "float64", spatial=False)}
REFUSED = Refused("call", "KeyError", ("KeyError", "Exception"), "no such thing")
REFUSAL = {"stage": "call", "error": "KeyError", "message": "no such thing"}


def observed(values: np.ndarray, **changes: Any) -> Observed:
    """An answer as asked for, with changes."""
    return replace(Observed(values.shape, "float32", values, "CPU:0"), **changes)


def compared(references: dict[str, Reference], seen: Any, case: Case = CASE, property: str = "") -> Verdict:
    """The verdict on what was seen of one kind of data."""
    return judge_arrays(references, seen, case, "integers", "CPU:0", property)


def test_words_are_those_of_the_ledger() -> None:
    """Others read them: verdicts and properties are the schema's, in its order."""
    properties = json.loads(SCHEMA.read_text(encoding="utf-8"))["$defs"]["verdict"]["properties"]
    assert list(VERDICTS) == properties["verdict"]["enum"] and list(PROPERTIES) == properties["property"]["enum"]


def test_a_row_is_empty_where_nothing_was_observed() -> None:
    """What was not checked or found is None or empty, as the schema has it."""
    assert Verdict("agree", "values", NoFacts(), Facts({})).to_row() == judged("agree", "values", {}, {})


def test_row_of_an_output_that_agrees() -> None:
    """Facts as they are, and all four properties checked, in their order."""
    checked = ("shape", "dtype", "placement", "values")
    row = judged("agree", "values", FACTS, FACTS, checked, "integers")
    assert compared(REFERENCE, {"output": observed(Y)}).to_row() == row
    seen = {"output": observed(Y, device="")}
    without = ("shape", "dtype", "values")
    row = judged("agree", "values", FACTS, {**FACTS, "device": ""}, without, "integers")
    assert compared(REFERENCE, seen).to_row() == row


def test_row_of_wrong_values() -> None:
    """Each side's entry where it stands with the channels last, how many, and where on the grid."""
    wrong = Y.copy()
    wrong[0, 1, 0, 0] = 7
    row = compared(REFERENCE, {"output": observed(wrong)})
    assert (row.verdict, row.property, row.data) == ("mismatch", "values", "integers")
    assert to_ledger(row.expected) == {**FACTS, "entries": [{"at": [0, 1, 0, 0], "value": 3.0}]}
    entry = {"entries": [{"at": [0, 1, 0, 0], "value": 7.0}], "differs": 1, "of": 4, "map": [".", "4"]}
    assert to_ledger(row.observed) == {**FACTS, **entry}
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
def test_row_of_another_fact(changes: dict[str, Any], property: str, checked: tuple[str, ...]) -> None:
    """What was looked at until the first that differs, and the facts of both sides."""
    got = {**FACTS, **{key: list(value) if key == "shape" else value for key, value in changes.items()}}
    row = judged("mismatch", property, FACTS, got, checked, "integers")
    assert compared(REFERENCE, {"output": observed(Y, **changes)}).to_row() == row
    of_suite = judged("mismatch", "gradient", FACTS, got, ("gradient",), "integers")
    assert compared(REFERENCE, {"output": observed(Y, **changes)}, property="gradient").to_row() == of_suite


def test_a_suite_has_its_own_property() -> None:
    """Whether it agrees or not, that is the one that was checked."""
    agreed = compared(REFERENCE, {"output": observed(Y)}, property="locality")
    assert agreed.to_row() == judged("agree", "locality", FACTS, FACTS, ("locality",), "integers")
    wrong = compared(REFERENCE, {"output": observed(Y + 1)}, property="locality")
    assert (wrong.verdict, wrong.property, wrong.checked) == ("mismatch", "locality", ("locality",))
    gone = compared(REFERENCE, {}, property="locality")
    assert (gone.verdict, gone.property) == ("mismatch", "locality")


def test_rows_of_several_arrays() -> None:
    """In one line each where all agree; the one that differs by name, and the others are not told."""
    seen = {"dx": observed(Y), "dbias": observed(W, dtype="float64")}
    summaries = {"dx": "float32 [1, 2, 1, 2]", "dbias": "float64 [2]"}
    row = compared(BOTH, seen)
    checked = ("shape", "dtype", "placement", "values")
    assert row.to_row() == judged("agree", "values", summaries, summaries, checked, "integers")
    wrong = compared(BOTH, {**seen, "dbias": observed(W + [0, 1], dtype="float64")})
    facts = {"shape": [2], "dtype": "float64", "device": "CPU:0", "array": "dbias"}
    assert to_ledger(wrong.expected) == {**facts, "entries": [{"at": [1], "value": 6.0}]}
    # Of weights there is no picture.
    assert to_ledger(wrong.observed) == {**facts, "entries": [{"at": [1], "value": 7.0}], "differs": 1, "of": 2}
    assert (wrong.verdict, wrong.data) == ("mismatch", "integers")


def test_row_of_an_array_that_is_missing() -> None:
    """It fails as a shape does, and is named."""
    row = compared(BOTH, {"dx": observed(Y)})
    expected = {"shape": [2], "dtype": "float64", "device": "CPU:0", "array": "dbias"}
    assert row.to_row() == judged("mismatch", "shape", expected, {"shape": "missing"}, (), "integers")


def test_rows_of_no_array() -> None:
    """A refusal where a computation belongs; and nothing that could be checked, which is no mismatch."""
    row = judged("wrongly-rejected", "rejection", FACTS, REFUSAL, ("rejection",), "integers")
    assert compared(REFERENCE, REFUSED).to_row() == row
    facts = {"dx": "float32 [1, 2, 1, 2]", "dbias": "float64 [2]"}
    assert to_ledger(compared(BOTH, REFUSED).expected) == facts
    assert to_ledger(compared({}, REFUSED).expected) == {}
    absent = Absent("no derivatives here")
    unasked = judged("not-run", "values", {"output": FACTS}, {"reason": "no derivatives here"}, (), "integers")
    assert compared(REFERENCE, absent).to_row() == unasked
    assert compared(REFERENCE, absent, property="gradient").to_row() == {**unasked, "property": "gradient"}


def test_channels_first_moves_what_has_a_place_in_it() -> None:
    """x and y stand in the data_format, weights do not; entries are told with the channels last."""
    deep = np.arange(24.0).reshape(2, 3, 4, 1)
    case = replace(FIRST, filters=1, batch=2)
    agreed = compared({"output": Reference(deep, "float32")}, {"output": observed(np.moveaxis(deep, -1, 1))}, case)
    assert agreed.verdict == "agree" and to_ledger(agreed.expected)["shape"] == [2, 1, 3, 4]
    assert compared({"output": Reference(deep, "float32")}, {"output": observed(deep)}, case).property == "shape"
    seen = np.moveaxis(Y, -1, 1).copy()
    seen[0, 1, 0, 0] = 0
    wrong = compared(REFERENCE, {"output": observed(seen)}, FIRST)
    assert to_ledger(wrong.expected)["entries"] == [{"at": [0, 0, 0, 1], "value": 2.0}]
    assert to_ledger(wrong.observed)["map"] == ["4", "."]
    kernel = np.arange(6.0).reshape(1, 1, 2, 3)
    weights = {"kernel": Reference(kernel, "float32", spatial=False)}
    assert compared(weights, {"kernel": observed(kernel)}, FIRST).verdict == "agree"


def test_six_entries_are_quoted() -> None:
    """The first ones, of however many."""
    many = np.arange(1.0, 13.0).reshape(1, 3, 4, 1)
    row = compared({"output": Reference(many, "float32")}, {"output": observed(-many)}, replace(CASE, filters=1))
    assert [entry["value"] for entry in to_ledger(row.expected)["entries"]] == [1, 2, 3, 4, 5, 6]
    assert [entry["value"] for entry in to_ledger(row.observed)["entries"]] == [-1, -2, -3, -4, -5, -6]
    assert (to_ledger(row.observed)["differs"], to_ledger(row.observed)["of"]) == (12, 12)


def test_what_is_not_finite_is_quoted_in_words() -> None:
    """JSON has no number for it."""
    seen = np.array([np.nan, np.inf, -np.inf, 0.5]).reshape(Y.shape)
    row = compared(REFERENCE, {"output": observed(seen)})
    assert [entry["value"] for entry in to_ledger(row.observed)["entries"]] == ["nan", "inf", "-inf", 0.5]


def test_row_of_no_answer() -> None:
    """What was checked, where the case does not say it."""
    lost = Lost("hanged", "no answer within 5 s", "the last line")
    seen = {"reason": "no answer within 5 s", "stderr": "the last line"}
    assert judge_lost(lost, "values").to_row() == judged("hanged", "values", {}, seen, ("values",))
    request = GivenArgument("strides=2.5")
    assert to_ledger(judge_lost(lost, "rejection", request).expected) == {"given": "strides=2.5"}


def test_a_long_message_keeps_both_ends() -> None:
    """A thousand characters of each, with a mark between; up to two thousand it is whole."""
    whole = "a" * 1000 + "b" * 1000
    assert describe_refusal(replace(REFUSED, message=whole)).message == whole
    cut = describe_refusal(replace(REFUSED, message="a" * 1000 + "-" + "b" * 1000)).message
    assert cut == "a" * 1000 + "\n[cut]\n" + "b" * 1000
