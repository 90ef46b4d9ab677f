"""Tests of known deviations whose range of versions has ended: a row names them, and nothing counts them as known."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from fixtures.case import Case
from fixtures.check import Check
from fixtures.deviations import Deviation
from fixtures.faults import find_fault
from fixtures.frameworks.numpy_layer import NumpyLayer
from fixtures.run.check_run import run_check
from fixtures.run.pipeline import Pipeline
from reports import ledger
from suites.selftest.ledgers import CASES, make_ledger, make_row, write_ledger
from suites.selftest.sample_cause import CAUSE

CASE = "b1-i3.4-c2-f3-k3.2-s2.1-d1.1-same-onone-last-bias-linear-float32"
RUN = {"subject": "keras3", "backend": "tensorflow", "device": "CPU:0", "switches": {}}
ENTRY = Deviation("late", ["numpy_layer", "keras3"], "use_bias", "mismatch", "values", {"keras": ">=3.7,<3.9"}, CAUSE)
LISTED = {
    **ENTRY.to_header(),
    "title": "The bias is late",
    "severity": "wrong-shape",
    "owner": "Keras",
    "when": "use_bias and rank == 2",
}


@pytest.mark.parametrize(
    ("versions", "run", "ended"),
    [
        ({"keras": ">=3.7,<3.9"}, {"keras": "3.9.0"}, True),
        ({"keras": ">=3.7,<3.9"}, {"keras": "3.9.0.dev20261130"}, True),
        ({"keras": ">=3.7,<3.9"}, {"keras": "3.8.1"}, False),  # it applies
        ({"keras": ">=3.7,<3.9"}, {"keras": "3.6.0"}, False),  # it has not begun
        ({"keras": ">=3.7,<3.9"}, {"keras": "3.9.0", "backend": "torch"}, False),
        ({"keras": ">=3.7"}, {"keras": "3.9.0"}, False),
        ({"keras": "==3.7.*"}, {"keras": "3.9.0"}, True),
        ({"keras": ">=3.7", "tensorflow": ">=2.16,<2.22"}, {"keras": "3.9.0", "tensorflow": "2.22.0"}, True),
        ({"keras": ">=3.10", "tensorflow": "<2.22"}, {"keras": "3.9.0", "tensorflow": "2.22.0"}, False),
    ],
)
def test_an_entry_has_ended_before_a_run_that_is_past_its_versions(
    versions: dict[str, str], run: dict[str, str], ended: bool
) -> None:
    """Everything else of the run must match, and the range must have begun."""
    assert replace(ENTRY, versions=versions).has_ended_before({**RUN, **run}) is ended


def judge(known: list[Deviation], ended: list[Deviation], fault: str = "bias-missing") -> dict[str, Any]:
    """Return the row of a check of the NumPy layer with a fault."""
    layer = NumpyLayer(find_fault(fault))
    pipeline = Pipeline("numpy_layer", lambda check: run_check(check, layer, "CPU:0"), known, ended)
    return pipeline.judge(Check("forward", Case.parse(CASE), "eager"))


def test_a_row_names_the_entry_that_has_ended_and_the_mismatch_stays_new() -> None:
    """An entry that applies goes first, and another mismatch has no name."""
    assert judge([], [ENTRY])["ended_deviation"] == "late"
    assert judge([], [ENTRY])["known_deviation"] is None
    assert "ended_deviation" not in judge([ENTRY], [replace(ENTRY, name="old")])
    assert "ended_deviation" not in judge([], [replace(ENTRY, property="shape")])


def test_the_listing_of_such_a_row_is_its_own() -> None:
    """It fails the run, and only an earlier run that was good makes it new."""
    row = make_row(CASE, "mismatch", ended_deviation="late")
    assert ledger.listing(row) == "range ended" and ledger.listing(row) in ledger.UNEXPLAINED
    assert ledger.category(row) in ledger.FAILING
    assert ledger.listing({**row, "compared": "as before"}) == "range ended"
    assert ledger.listing({**row, "compared": "new"}) == "new"
    assert ledger.listing({**row, "known_deviation": "late"}) == "known"
    assert ledger.cause(row) == "late"


needs_reports = pytest.mark.skipif(sys.version_info < (3, 11), reason="reports need Python 3.11")


@needs_reports
def test_the_page_has_such_causes_apart() -> None:
    """They are neither new nor known; the verdict, the cell of the grid and the owner are those of the entry."""
    from reports.facts.overview import make_overview
    from reports.facts.summary import summarise
    from suites.selftest.ledger_stores import make_store

    old = make_ledger("keras3.8", [make_row(CASES[0], "mismatch", known_deviation="late")], keras="3.8.0")
    old.run["known_deviations"] = [LISTED]
    rows = [make_row(CASES[0], "mismatch", ended_deviation="late"), make_row(CASES[1], "mismatch")]
    new = make_ledger("keras3.9", rows, keras="3.9.0", ended_deviations=[LISTED])
    store = make_store([new])
    found = make_overview(summarise(store), store)
    (cause,) = found.causes.ended
    assert (cause.title, cause.owner, cause.severity) == ("The bias is late", "Keras", "wrong-shape")
    assert (cause.tag, cause.listed_for, cause.listed) == ("range ended", "Keras before 3.9", False)
    assert cause.since.first == "listed from Keras 3.7" and cause.where == "with a bias, 2-D"
    assert len(found.causes.unlisted) == 1 and not found.causes.known
    assert "1 cause is listed for earlier releases only, and fails 1 check of this release too" in found.verdict
    assert found.verdict.startswith("1 unlisted cause fails")
    store = make_store([old, new])
    (cause,) = make_overview(summarise(store), store).causes.ended
    assert {cell.name: cell.state for cell in cause.track.cells} == {"keras3.8": "known", "keras3.9": "ended"}


@needs_reports
def test_such_a_cause_is_not_new_since_the_previous_run(tmp_path: Path) -> None:
    """A coming release says it too, with the end of the range and the number of checks."""
    from reports.facts.changes import changes_since
    from reports.facts.coming import compare_coming

    old = write_ledger(
        tmp_path / "keras3.8.jsonl", [make_row(CASES[0], "mismatch", known_deviation="late")], keras="3.8.0"
    )
    rows = [make_row(CASES[0], "mismatch", ended_deviation="late")]
    new = write_ledger(tmp_path / "coming.jsonl", rows, keras="3.9.0.dev1", ended_deviations=[LISTED])
    assert not changes_since([old], [new]).causes_new
    (coming,) = compare_coming([old], [new])
    assert coming.ended == [("The bias is late", "Keras before 3.9", 1)]


@needs_reports
def test_formats_of_other_tools_name_the_entry_that_has_ended() -> None:
    """The check failed, and its message says for which releases the deviation is listed."""
    from reports.facts.summary import summarise
    from reports.formats.results import yield_suites
    from suites.selftest.ledger_stores import make_store

    rows = [make_row(CASES[0], "mismatch", ended_deviation="late")]
    store = make_store([make_ledger("keras3.9", rows, keras="3.9.0", ended_deviations=[LISTED])])
    (suite,) = yield_suites(summarise(store), store)
    (result,) = suite.results
    assert result.status == "failed"
    assert result.message.startswith("known deviation late, listed for Keras before 3.9 only: ")


@needs_reports
def test_a_cause_that_is_known_elsewhere_has_the_region_of_its_entry() -> None:
    """A run that the entry does not excuse searched a region of its few failing checks, which says less."""
    from reports.facts.overview import make_overview
    from reports.facts.summary import summarise
    from suites.selftest.ledger_stores import make_store

    old = make_ledger("keras3.8", [make_row(CASES[0], "mismatch", known_deviation="late")], keras="3.8.0")
    old.run["known_deviations"] = [LISTED]
    rows = [make_row(CASES[0], "mismatch", ended_deviation="late")]
    example = [rows[0]["case"], rows[0]["suite"], rows[0]["variant"]]
    searched = {"when": "channels == 3 and batch == 1", "exact": True, "rows": 1, "example": example}
    new = make_ledger("keras3.9", rows, keras="3.9.0", ended_deviations=[LISTED])
    new.end = {**(new.end or {}), "regions": [searched]}
    store = make_store([old, new])
    (cause,) = make_overview(summarise(store), store).causes.ended
    assert cause.where == "with a bias, 2-D"


@needs_reports
def test_a_graver_cause_whose_range_has_ended_comes_before_one_that_is_not_listed() -> None:
    """Both fail the run, so the severity decides."""
    from reports.facts.overview import make_overview
    from reports.facts.summary import summarise
    from suites.selftest.ledger_stores import make_store

    rows = [
        make_row(CASES[0], "mismatch", ended_deviation="late"),
        make_row(CASES[1], "unclear-rejection", property="rejection"),
    ]
    store = make_store([make_ledger("keras3.9", rows, keras="3.9.0", ended_deviations=[LISTED])])
    found = make_overview(summarise(store), store).causes
    assert [cause.tag for cause in found.failing] == ["range ended", "not listed"]
    assert found.every[:2] == found.failing
