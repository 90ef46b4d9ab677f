"""Tests that a property diagnoses the failing example that it shows, and not each larger one before it."""

from __future__ import annotations

import os
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from fixtures.case import Case
from fixtures.cases.contract import PLAIN
from fixtures.check import Check
from fixtures.compare.evidence import NoAnswer, NoFacts
from fixtures.compare.verdict import Verdict
from fixtures.deviations import read_deviations
from fixtures.deviations.baseline import Baseline, failure_of_row
from fixtures.run.option_values import check_options
from fixtures.run.pipeline import Pipeline
from fixtures.run.pipeline_start import describe_run, make_pipeline
from fixtures.run.property_exploration import explore_property
from fixtures.run.worker import IsolatedSubject
from suites.selftest.sample_cause import write_entry

PROPERTY = Check("hypothesis", PLAIN, "forward.plain")
AGREES = Verdict("agree", "values", NoFacts(), NoAnswer("right"))
UNNAMED = Verdict("mismatch", "values", NoFacts(), NoAnswer("wrong"))
NAMED = replace(UNNAMED, diagnosis="named", snippet="code")


class Layer:
    """Stands in for a layer that is wrong where a kernel has more than two entries; notes what is diagnosed."""

    def __init__(self) -> None:
        self.diagnosed: list[Case] = []

    def ask(self, check: Check) -> Verdict:
        """Return the verdict with its diagnosis."""
        self.diagnosed.append(check.case)
        return NAMED if max(check.case.kernel_size) > 2 else AGREES

    def ask_quickly(self, check: Check) -> Verdict:
        """Return the verdict without its diagnosis."""
        return UNNAMED if max(check.case.kernel_size) > 2 else AGREES


def _give(verdict: Verdict, _: Check) -> Verdict:
    return verdict


def explore(pipeline: Pipeline) -> dict[str, Any]:
    """Return the row of the property, without its time."""
    return {key: value for key, value in explore_property(pipeline, PROPERTY, "quick").items() if key != "seconds"}


def test_only_the_smallest_failing_example_is_diagnosed() -> None:
    """The row is that of a property whose examples are all diagnosed."""
    layer, thorough = Layer(), Layer()
    row = explore(Pipeline("numpy_layer", layer.ask, ask_quickly=layer.ask_quickly))
    assert [case.id for case in layer.diagnosed] == [row["case"]] and row["diagnosis"] == "named"
    assert row == explore(Pipeline("numpy_layer", thorough.ask)) and len(thorough.diagnosed) > 10


def test_an_example_that_agrees_when_it_runs_again_has_failed() -> None:
    """A layer may give several answers; the first one is shown. A crash at the second call is shown."""
    for again, verdict in ((AGREES, "mismatch"), (replace(NAMED, verdict="crashed"), "crashed")):
        row = explore(Pipeline("numpy_layer", partial(_give, again), ask_quickly=Layer().ask_quickly))
        assert row["verdict"] == verdict and max(Case.parse(row["case"]).kernel_size) > 2


def test_a_crash_is_not_repeated() -> None:
    """It costs a process."""
    layer = Layer()
    row = explore(Pipeline("numpy_layer", layer.ask, ask_quickly=lambda _: replace(UNNAMED, verdict="crashed")))
    assert row["verdict"] == "crashed" and not layer.diagnosed


@pytest.mark.parametrize("diagnosis", ["named", "another"])
def test_the_diagnosis_decides_whether_a_known_deviation_covers_an_example(tmp_path: Path, diagnosis: str) -> None:
    """Examples that an entry covers are diagnosed at once."""
    path = write_entry(tmp_path, "max(kernel_size) > 2", 'diagnosis = "%s"\n' % diagnosis)
    layer = Layer()
    row = explore(Pipeline("numpy_layer", layer.ask, read_deviations(path), ask_quickly=layer.ask_quickly))
    known = {"one": len(layer.diagnosed)} if diagnosis == "named" else {}
    assert row["measured"]["known"] == known and len(set(layer.diagnosed)) == len(layer.diagnosed) > 0
    assert row["verdict"] == ("agree" if known else "mismatch") and row["known_deviation"] is None


def test_the_diagnosis_decides_whether_an_example_is_as_in_the_accepted_baseline(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Without it, an example would be another mismatch than that of the baseline."""
    layer, baseline = Layer(), Baseline(Path("a.jsonl"), {}, {})
    monkeypatch.setattr(
        baseline, "compare", lambda row: "as before" if "named" in (failure_of_row(row) or ()) else "new"
    )
    row = explore(Pipeline("numpy_layer", layer.ask, (), (), baseline, True, layer.ask_quickly))
    assert row["verdict"] == "agree" and row["measured"]["known"]["baseline"] > 5


def test_the_process_of_the_subject_diagnoses_only_the_checks_that_need_it() -> None:
    """It does so too for a check that it begins ahead, after one without a diagnosis. The snippet is the same."""
    run = check_options({"subject": "numpy_layer:bias-missing"})
    check = Check("forward", replace(PLAIN, use_bias=True), "eager")
    with IsolatedSubject(run.subject, run.setting) as subject:
        pipeline = make_pipeline(run, subject, describe_run(run, subject))
        rows = [pipeline.judge(check, is_diagnosed) for is_diagnosed in (False, True, False)]
        process = subject.call_in_child(20, os.getpid)
        subject.look_ahead(check, "CPU:0")
        rows.append(pipeline.judge(check))
        assert subject.call_in_child(20, os.getpid) == process  # it ends if it begins another check
    assert [row["verdict"] for row in rows] == ["mismatch"] * 4
    assert ["bias-missing" in (row["diagnosis"] or "") for row in rows] == [False, True, False, True]
    assert len({row["snippet"] for row in rows}) == 1
