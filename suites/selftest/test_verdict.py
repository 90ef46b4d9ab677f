"""Tests of the verdict on an observation: every row of the table in docs/semantics.md, and the quoted entries."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from fixtures.case import Case
from fixtures.cases.data_sets import Data, make_ones, yield_data_sets
from fixtures.check import Check
from fixtures.compare.evidence import to_ledger
from fixtures.compare.reference import compute_references, measure_largest_error
from fixtures.compare.verdict import Verdict, draw_wrong_entries, judge_arrays, judge_lost, judge_refusal
from fixtures.faults import Fault
from fixtures.frameworks.adapter import Subject
from fixtures.frameworks.numpy_layer import NumpyLayer
from fixtures.observation import Lost, Observed, Refused
from fixtures.oracle.expectation import Accepts, Rejects, compute_output, expected_result
from fixtures.run.check_run import run_check

ROOT = Path(__file__).resolve().parents[2]
CASE = Case(2, (3, 4), 2, 3, (3, 2), (2, 1), (1, 1), "same")
BAD = replace(CASE, output_padding=(2, 0))
DATA = {data.name: data for data in yield_data_sets(CASE)}


def make_observation(data: Data, **changes: Any) -> Observed:
    """Return what a correct layer shows, with these changes."""
    case = replace(CASE, batch=len(data.x))
    y = compute_output(case, data.x, data.kernel, data.bias)
    return replace(Observed(y.shape, "float32", y, "CPU:0"), **changes)


def judge_observation(seen: Observed | Refused, name: str = "dense-integers") -> Verdict:
    """Return the verdict on an observation of CASE."""
    case = replace(CASE, batch=len(DATA[name].x))
    answer = {"output": seen} if isinstance(seen, Observed) else seen
    return judge_arrays(compute_references(case, "output", DATA[name]), answer, case, name, "CPU:0")


@pytest.mark.parametrize("name", DATA)
def test_a_correct_output_agrees(name: str) -> None:
    """This holds for each of the three data sets."""
    assert set(DATA) == {"index-proof", "dense-integers", "random-reals"}
    assert judge_observation(make_observation(DATA[name]), name).verdict == "agree"


@pytest.mark.parametrize(
    ("changes", "property"),
    [
        ({"shape": (2, 6, 4, 2)}, "shape"),
        ({"dtype": "float16"}, "dtype"),
        ({"device": "CPU:1"}, "placement"),
        ({"shape": (2, 6, 4, 2), "dtype": "float16"}, "shape"),
    ],
)
def test_a_mismatch_names_the_first_property_that_fails(changes: dict[str, object], property: str) -> None:
    """The order is shape, dtype, placement, values."""
    verdict = judge_observation(make_observation(DATA["dense-integers"], **changes))
    assert (verdict.verdict, verdict.property) == ("mismatch", property)
    assert verdict.checked[-1] == property


def test_placement_is_checked_only_if_the_device_is_known() -> None:
    """An output without a device has no checked placement."""
    assert "placement" in judge_observation(make_observation(DATA["dense-integers"])).checked
    verdict = judge_observation(make_observation(DATA["dense-integers"], device=""))
    assert verdict.verdict == "agree" and "placement" not in verdict.checked


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_nan_and_infinity_in_real_data_are_a_mismatch(value: float) -> None:
    """This holds even if the format's bound is infinite; the row stays strict JSON."""
    case = replace(CASE, channels=130, dtype="bfloat16")
    data = list(yield_data_sets(case))[-1]
    y = compute_output(case, data.x, data.kernel, data.bias)
    y[0, 0, 0, 0] = value
    expected = expected_result(case)
    assert isinstance(expected, Accepts)
    verdict = judge_arrays(
        compute_references(case, "output", data),
        {"output": Observed(y.shape, "bfloat16", y, "CPU:0")},
        case,
        data.name,
        "CPU:0",
    )
    assert verdict.verdict == "mismatch"
    assert not measure_largest_error(case, "output", data, {"output": Observed(y.shape, "bfloat16", y, "")})["bounded"]
    json.dumps(verdict.to_row(), allow_nan=False)


@pytest.mark.parametrize("value", [1.0, np.nan, np.inf])
def test_a_single_wrong_entry_is_a_mismatch_and_is_quoted(value: float) -> None:
    """The entry may be NaN or infinite."""
    seen = make_observation(DATA["dense-integers"])
    wrong = seen.values.copy()
    wrong[1, 2, 3, 0] += value
    verdict = judge_observation(replace(seen, values=wrong))
    assert (verdict.verdict, verdict.property) == ("mismatch", "values")
    assert to_ledger(verdict.observed)["differs"] == 1 and to_ledger(verdict.observed)["of"] == seen.values.size
    assert to_ledger(verdict.expected)["entries"] == [{"at": [1, 2, 3, 0], "value": seen.values[1, 2, 3, 0]}]
    assert [row.count(".") for row in to_ledger(verdict.observed)["map"]] == [4, 4, 3, 4, 4, 4]


def test_rounding_errors_within_the_bound_agree() -> None:
    """One unit in the last place passes, and an error of float16 size does not."""
    seen = make_observation(DATA["random-reals"])
    assert judge_observation(replace(seen, values=seen.values * (1 + 2.0**-24)), "random-reals").verdict == "agree"
    verdict = judge_observation(replace(seen, values=seen.values * (1 + 2.0**-11)), "random-reals")
    assert (verdict.verdict, verdict.property) == ("mismatch", "values")
    wide = {"output": replace(seen, values=seen.values * (1 + 2.0**-11))}
    assert measure_largest_error(CASE, "output", DATA["random-reals"], wide)["error_in_u"] > 1000


REFUSAL = Refused("construction", "ValueError", ("ValueError", "Exception"), "output_padding must be less")


@pytest.mark.parametrize(
    ("seen", "verdict"),
    [
        (REFUSAL, "agree"),
        (replace(REFUSAL, stage="build"), "agree"),
        (replace(REFUSAL, error="Mine", lineage=("Mine", "TypeError")), "agree"),
        (replace(REFUSAL, stage="call"), "unclear-rejection"),
        (replace(REFUSAL, lineage=("RuntimeError", "Exception")), "unclear-rejection"),
        (replace(REFUSAL, message="bad argument"), "unclear-rejection"),
        (Observed((2, 7, 4, 3), "float32", np.zeros((2, 7, 4, 3)), "CPU:0"), "wrongly-accepted"),
    ],
)
def test_a_refusal_agrees_if_it_is_early_of_the_right_class_and_names_the_argument(
    seen: Observed | Refused, verdict: str
) -> None:
    """Otherwise it is an unclear rejection."""
    expected = expected_result(BAD)
    assert isinstance(expected, Rejects)
    assert judge_refusal(expected, {"output": seen} if isinstance(seen, Observed) else seen).verdict == verdict


def test_refusing_a_valid_case_is_a_wrong_rejection() -> None:
    """The row has the error."""
    verdict = judge_observation(REFUSAL)
    assert verdict.verdict == "wrongly-rejected"
    assert to_ledger(verdict.observed)["error"] == "ValueError"


def test_crashes_and_hangs_have_verdicts_of_their_own() -> None:
    """The row has the reason."""
    for kind in ("crashed", "hanged"):
        verdict = judge_lost(Lost(kind, "the process died of SIGABRT", "Check failed"), "values")
        assert verdict.verdict == kind and to_ledger(verdict.observed)["stderr"] == "Check failed"


def test_an_exception_of_this_projects_code_is_a_suite_bug() -> None:
    """It never counts as a refusal of the subject."""
    healthy = NumpyLayer(Fault("healthy", ""))

    class Broken(NumpyLayer):
        def answer(self, *_: object) -> Any:
            raise KeyError("oops")

    class Foreign(NumpyLayer):
        raised_by_suite = Subject.raised_by_suite

        def construct(self, case: Case, **changed: Any) -> Any:
            return np.zeros(-1)  # this file belongs to the project, so the error does too

    assert run_check(Check("forward", CASE, "eager"), healthy, "CPU:0").verdict == "agree"
    for subject in (Broken(healthy.fault), Foreign(healthy.fault)):
        verdict = run_check(Check("forward", CASE, "eager"), subject, "CPU:0")
        assert verdict.verdict == "suite-bug" and "Error" in to_ledger(verdict.observed)["message"]
    assert run_check(Check("rejection", CASE, "eager"), healthy, "CPU:0").verdict == "suite-bug"  # the wrong suite


@pytest.mark.parametrize("text", ["i0.5", "i0.0", "i4.0"])
def test_an_empty_input_gives_an_output_of_bias_only(text: str) -> None:
    """Its length is that of the formula (rule V4)."""
    for tail in ("same-onone", "valid-onone", "valid-o0.0"):
        case = Case.parse("b2-%s-c3-f2-k3.3-s2.1-d1.1-%s-last-bias-linear-float32" % (text, tail))
        assert run_check(Check("forward", case, "eager"), NumpyLayer(Fault("healthy", "")), "CPU:0").verdict == "agree"


def test_an_error_in_a_framework_inside_the_checkout_is_not_a_suite_bug() -> None:
    """tox installs environments there."""
    layer = ROOT / ".tox" / "latest" / "site-packages" / "keras" / "layer.py"
    raising = compile("def construct(self, case):\n    raise ValueError('filters')", str(layer), "exec")
    made: dict[str, Any] = {"raised_by_suite": Subject.raised_by_suite}
    exec(raising, made)
    subject = type("Inside", (NumpyLayer,), made)(Fault("healthy", ""))
    assert run_check(Check("forward", CASE, "eager"), subject, "CPU:0").verdict == "wrongly-rejected"


def test_the_picture_of_wrong_entries_has_a_limited_size() -> None:
    """A large grid is shortened, and one dimension gives one row."""
    wide = np.zeros((1, 2, 257, 1), bool)
    wide[..., -1, :] = True
    assert draw_wrong_entries(wide)[0].endswith(".9") and len(draw_wrong_entries(wide)[0]) <= 48
    assert len(draw_wrong_entries(np.ones((1, 300, 300, 1), bool))) <= 48
    assert draw_wrong_entries(np.array([[[True], [False]]])) == ["9."]


def test_there_are_input_arrays_for_every_refused_case() -> None:
    """They exist even for invalid lengths."""
    assert make_ones(replace(CASE, filters=-1, kernel_size=(0, -2))).kernel.shape == (0, 0, 0, 2)
