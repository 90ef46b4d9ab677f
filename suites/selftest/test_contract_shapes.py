"""Tests of the table of shapes that disagree: each pair of sources is compared, and no source is left out."""

from __future__ import annotations

import sys
from typing import Any

import pytest

if sys.version_info < (3, 11):
    pytest.skip("reports need Python 3.11", allow_module_level=True)

from reports.facts.shapes import find_disagreement
from suites.selftest.contract_rows import CASE, OTHER, make_contract_row, make_shape_row


def test_shapes_of_two_sources_that_differ_by_one_are_counted() -> None:
    """The count is kept for each pair of sources, with a case; a pair that agrees is counted too."""
    rows = [
        make_shape_row("compute-output-shape", [2, 9, 6, 2]),
        make_shape_row("symbolic", [2, 9, 7, 2]),
        make_shape_row("eager", [2, 9, 6, 2]),
    ]
    rows += [
        make_shape_row("compute-output-shape", [1, 4, 5, 1], case=OTHER),
        make_shape_row("eager", [1, 4, 5, 1], case=OTHER),
    ]
    found = find_disagreement(rows)
    assert found is not None
    assert found.pairs["formula", "symbolic"] == found.pairs["symbolic", "eager"] == (1, 1)
    assert found.pairs["compute-output-shape", "eager"] == (2, 0)
    (case, shapes) = found.cases[0]
    assert case == CASE and ("symbolic", "2 x 9 x 7 x 2") in shapes and ("formula", "2 x 9 x 6 x 2") in shapes
    assert find_disagreement(rows[2:3]) is None


def test_sources_without_a_shape_are_counted_separately() -> None:
    """They refused, or stated a shape of unknown lengths; a wrong container type alone is no different shape."""
    facts: dict[str, Any] = {"input": [2, 4, 5, 3], "unknown": "nothing"}
    rows = [make_shape_row("compute-output-shape", [2, 9, 6, 2], "mismatch", type="list", **facts)]
    rows += [make_shape_row("symbolic", [None, None, None, 2], "mismatch", input=[None, 4, 5, 3], unknown="axis 0")]
    rows += [
        make_contract_row(
            "shapes", "traced", "wrongly-rejected", observed={"stage": "call", "error": "E", "message": "no"}
        )
    ]
    found = find_disagreement(
        [
            *rows,
            make_shape_row("xla", [2, 9, 6, 3], "mismatch"),
            make_contract_row("shapes", "traced", "not-run", OTHER),
        ]
    )
    assert found is not None
    counts = {source.name: (source.checks, source.refused, source.elsewhere) for source in found.sources}
    assert counts["symbolic"] == (1, 0, 1) and counts["traced"] == (1, 1, 0)
    assert found.pairs["formula", "compute-output-shape"] == (1, 0) and found.pairs["formula", "symbolic"] == (0, 0)
    assert found.pairs["formula", "xla"] == (1, 1)


def test_shapes_are_compared_although_the_batch_differs() -> None:
    """The index proof has one batch element for each input cell, so its batch is not that of the case."""
    wide = {"expected": {"shape": [60, 9, 6, 2]}}
    for lengths, differ in (([60, 9, 6, 2], 0), ([59, 9, 6, 2], 1), ([60, 9, 5, 2], 1)):
        rows = [make_shape_row("symbolic", [2, 9, 6, 2]), {**make_shape_row("eager", lengths, "mismatch"), **wide}]
        found = find_disagreement(rows)
        assert found is not None and found.pairs["symbolic", "eager"] == (1, differ)
