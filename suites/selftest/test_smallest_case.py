"""The smallest failing case of a fault that acts only at size keeps what it takes, and says so."""

from __future__ import annotations

from typing import Any

import pytest

from fixtures.case import Case
from fixtures.check import Check
from fixtures.faults import Fault
from fixtures.frameworks.numpy_layer import NumpyLayer
from fixtures.run.check_run import run_check
from fixtures.run.failure_cause import is_same_cause
from fixtures.run.pipeline import Pipeline
from suites.selftest.faults_at_size import AUDIO, BATCH, CHANNELS, COLUMNS, FILTER, LATE_WHEN_LONG, WIDE


def find_smallest_case(fault: Fault, text: str) -> dict[str, Any]:
    """Return the smallest failing case of the row of a check."""
    pipeline = Pipeline("numpy_layer", lambda check: run_check(check, NumpyLayer(fault), "CPU:0"))
    found = pipeline.row(Check("forward", Case.parse(text), "eager"))["smallest"]
    assert found is not None and "stopped" not in found, found
    return dict(found)


@pytest.mark.parametrize("batch", [2, 32])
def test_the_smallest_case_keeps_a_large_batch(batch: int) -> None:
    """This holds even if only the index proof had one."""
    found = find_smallest_case(BATCH, "b%d-i3.4-c2-f1-k2.2-s1.1-d1.1-same-onone-last-bias-linear-float32" % batch)
    assert found["case"].startswith("b17-i1.1-c1-f1-k1.1-s1.1-d1.1-valid-onone-last-nobias")
    assert found["needs"] == "It takes a batch of 17; with 16 the layer is right."
    assert found["observed"]["wrong_entries"] == "The only wrong entry has batch index 16 (0-based)."


@pytest.mark.parametrize(
    ("fault", "text", "start", "needs"),
    [
        (CHANNELS, WIDE.replace("c3", "c90"), "b1-i1.1-c64-f1-", "64 channels; with 63 "),
        (FILTER, WIDE, "b1-i1.1-c1-f2-", "2 filters; with 1 "),
        (
            COLUMNS,
            WIDE,
            "b1-i1.51-c1-f1-k1.1-s1.2-",
            "51 input columns and a stride of 2 along the columns; with one less of any of them ",
        ),
        (LATE_WHEN_LONG, AUDIO, "b1-i2001-c1-f1-k1-s1-", "2001 input steps; with 2000 "),
    ],
)
def test_the_smallest_case_keeps_the_size(fault: Fault, text: str, start: str, needs: str) -> None:
    """Each fault shows from a number of channels, filters, columns or samples on."""
    found = find_smallest_case(fault, text)
    assert found["case"].startswith(start)
    assert found["needs"] == "It takes %sthe layer is right." % needs


def test_a_smaller_case_may_have_a_name_that_a_large_one_lacks() -> None:
    """The name of an index map needs a small case; any name counts if the search on the large case ended early."""
    row: dict[str, Any] = {
        "verdict": "mismatch",
        "property": "values",
        "known_deviation": None,
        "observed": {},
        "data": "dense-integers",
    }
    large = {**row, "diagnosis": None}
    by_index_map = {**row, "diagnosis": "index_map: nowhere", "data": "index-proof"}
    by_fault = {**row, "diagnosis": "bias-twice"}
    assert is_same_cause(large, by_index_map) and not is_same_cause(large, by_fault)
    assert is_same_cause({**large, "observed": {"limits": "It stopped."}}, by_fault)
    assert not is_same_cause({**large, "data": "index-proof"}, by_index_map)
    assert not is_same_cause(by_fault, by_index_map) and not is_same_cause(large, {**by_index_map, "property": "dtype"})
