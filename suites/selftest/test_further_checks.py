"""Tests of further cases: how they are chosen, and how ``suggest`` runs them with the subject of a ledger."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from fixtures.__main__ import main
from fixtures.cases.tiers import cases_of_tier
from fixtures.check import Check
from fixtures.deviations import Deviation
from fixtures.deviations.suggest import failure_groups
from fixtures.deviations.suggest.counterexamples import find_checks_inside, find_checks_outside, find_new_neighbours
from fixtures.deviations.suggest.failure_groups import group_failing_rows
from fixtures.deviations.suggest.neighbours import vary_many_parameters, vary_one_parameter
from fixtures.deviations.suggest.regions_of_group import find_regions_of_group
from fixtures.frameworks.adapter import Setting, load_subject
from fixtures.run.check_run import run_check
from fixtures.run.further_checks import FurtherChecks
from fixtures.suite_registry import is_checked
from reports.ledger import tally
from suites.selftest.sample_cause import CAUSE, RUN, evaluations_of_subject
from suites.selftest.toy_layer import COMPUTED, DILATED, holds, make_pool, make_toy_layer


@pytest.fixture(autouse=True)
def _evaluate_each_atom_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the searches of this module share the values of atoms."""
    monkeypatch.setattr(failure_groups, "AtomEvaluations", evaluations_of_subject)


def test_further_cases_differ_from_those_that_were_checked() -> None:
    """Cases inside a region vary in every parameter, those outside are not covered, and the choice is the same each
    time.
    """
    ask = make_toy_layer(DILATED)
    checked_cases = [case for case in COMPUTED if max(case.strides) > 1 or max(case.dilation_rate) > 1]
    (group,) = group_failing_rows(make_pool(ask, checked_cases))
    (region, *_) = find_regions_of_group(group)
    near = find_new_neighbours(group, region)
    inside, outside = find_checks_inside(group, region, near), find_checks_outside(group, region, near)
    vary_one_parameter.cache_clear()
    vary_many_parameters.cache_clear()
    again = find_new_neighbours(group, region)
    assert near == again
    assert (inside, outside) == (find_checks_inside(group, region, again), find_checks_outside(group, region, again))
    assert len(inside) == len(outside) == 12 and not set(inside) & set(outside)
    assert all(holds(region.when, one.case) for one in inside)
    assert not any(holds(region.when, one.case) for one in outside)
    assert any(max(one.case.dilation_rate) == 1 for one in inside), "what all failing cases share is not left out"
    known = {row["case"] for row in group.pool.rows}
    assert not known & {one.case.id for one in (*inside, *outside)}
    for name in ("batch", "channels", "filters", "padding", "use_bias", "activation", "kernel_size", "size"):
        values = {getattr(row.case, name) for row in inside}
        assert len(values) > 1, "no case inside has another %s" % name


def test_suggest_asks_the_subject_of_the_ledger_for_further_cases(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The subject runs in its own process; with other versions, or without ``--ask``, the region is not proved."""
    fault, run = "numpy_layer:bias-missing", {**RUN, "kind": "run", "schema": 2, "subject": "numpy_layer:bias-missing"}
    numpy_layer = load_subject(fault, Setting())
    rows = []
    for case in [
        case
        for case in cases_of_tier("smoke")
        if is_checked(Check("forward", case, "eager"), "numpy_layer") and max(case.size) < 9
    ][::9]:
        facts = {"kind": "verdict", "case": case.id, "suite": "forward", "variant": "eager", "known_deviation": None}
        rows.append({**facts, **run_check(Check("forward", case, "eager"), numpy_layer, "CPU:0").to_row()})
    path = tmp_path / "a.jsonl"
    for release, flags, sentence in (
        (
            np.__version__,
            ["--ask"],
            "Region proved, checked inside: 12, failing: 12; checked just outside: 12, failing: 0",
        ),
        (np.__version__, [], "Region not proved (no further cases were checked)\n"),
        (np.__version__, ["--ask", "--seconds", "0"], "Region not proved (the time for further cases is over)\n"),
        ("1.0", ["--ask"], "numpy %s here and 1.0 in the ledger" % np.__version__),
    ):
        head = {**run, "numpy": release, "planned": len(rows)}
        lines = [head, *rows, {"kind": "end", "counts": tally(rows), "planned": len(rows)}]
        path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
        assert main(["suggest", *flags, str(path)]) == 0
        output = capsys.readouterr()
        assert sentence in output.out and 'when = "use_bias"' in output.out
        assert (
            "1 of 1 groups have an exact region, %d of them proved" % sentence.startswith("Region proved") in output.err
        )


def test_a_further_check_names_the_known_deviation_that_covers_it() -> None:
    """A check that a known deviation covers neither proves nor refutes a region."""
    entry = Deviation("x", ["numpy_layer"], "use_bias", "mismatch", "values", {"numpy": ">=1"}, CAUSE)
    case = next(case for case in COMPUTED if case.use_bias)
    with FurtherChecks({**RUN, "subject": "numpy_layer:bias-missing", "numpy": np.__version__}, [entry], 60) as ask:
        assert ask(Check("forward", case, "eager"))["known_deviation"] == "x"
