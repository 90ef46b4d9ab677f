"""Tests of the regions of new causes at the end of a run, and of the limits of that search."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import pytest

from fixtures.cases.tiers import cases_of_tier
from fixtures.check import Check
from fixtures.deviations.suggest import failure_groups
from fixtures.deviations.suggest.neighbours import estimate_work
from fixtures.frameworks.adapter import Setting, load_subject
from fixtures.run import new_cause_regions
from fixtures.run.check_run import run_check
from fixtures.suite_registry import is_checked
from suites.selftest.sample_cause import RUN, evaluations_of_subject


@pytest.fixture(autouse=True)
def _evaluate_each_atom_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the searches of this module share the values of atoms."""
    monkeypatch.setattr(failure_groups, "AtomEvaluations", evaluations_of_subject)


@lru_cache(maxsize=None)
def rows(subject: str) -> list[dict[str, Any]]:
    """Return the rows of the NumPy layer on the smoke tier's cases of little work, in a plain call."""
    numpy_layer = load_subject(subject, Setting())
    answers = []
    for case in cases_of_tier("smoke"):
        if is_checked(Check("forward", case, "eager"), "numpy_layer") and estimate_work(case) <= 2000:
            verdict = run_check(Check("forward", case, "eager"), numpy_layer, "CPU:0").to_row()
            answers.append(
                {"case": case.id, "suite": "forward", "variant": "eager", "known_deviation": None, **verdict}
            )
    return answers


def test_the_region_of_a_new_cause_is_reported() -> None:
    """No passing check fulfils its predicate; a known cause is not reported."""
    answers = rows("numpy_layer:output-padding-ignored")
    (found,) = new_cause_regions.find_regions_of_new_causes(RUN, answers)
    failing = [row for row in answers if row["verdict"] != "agree"]
    assert found["exact"] and found["rows"] == len(failing) and "output_padding" in found["when"]
    assert found["example"] in [[row["case"], row["suite"], row["variant"]] for row in failing]
    assert found["proof"]["reason"] == "no further cases were checked" and not found["proof"]["proved"]
    assert (
        new_cause_regions.find_regions_of_new_causes(RUN, [{**row, "known_deviation": "known"} for row in answers])
        == []
    )
    assert new_cause_regions.find_regions_of_new_causes(RUN, rows("numpy_layer")) == []


def test_no_region_is_searched_beyond_the_limits_of_time_and_checks(monkeypatch: pytest.MonkeyPatch) -> None:
    """The user can run the command ``suggest`` then."""
    answers = rows("numpy_layer:output-padding-ignored")
    monkeypatch.setattr(new_cause_regions, "SECONDS", -1.0)
    assert new_cause_regions.find_regions_of_new_causes(RUN, answers) == []
    monkeypatch.setattr(new_cause_regions, "SECONDS", 20.0)
    monkeypatch.setattr(new_cause_regions, "MOST", len(answers) - 1)
    assert new_cause_regions.find_regions_of_new_causes(RUN, answers) == []
