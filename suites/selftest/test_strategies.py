"""Tests of the Hypothesis properties: they draw new examples, shrink failing ones and count known deviations."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis.strategies import sampled_from

from fixtures.__main__ import main
from fixtures.case import Case
from fixtures.cases import tiers
from fixtures.cases.axes import LENGTHS
from fixtures.cases.strategies import MOST_WORK, draw_computed_case, draw_refused_case, explore_property_by_examples
from fixtures.cases.tiers import BROKEN, break_a_rule, cases_of_tier
from fixtures.oracle.expectation import Accepts, expected_result
from suites.selftest.drawn_examples import draw_examples, find_all_examples
from suites.selftest.ledgers import make_row, write_ledger
from suites.selftest.pytest_runs import ROOT


def make_answer_row(case: Case, verdict: str = "agree", known_deviation: str | None = None) -> dict[str, Any]:
    """Return a row with the fields that the properties read."""
    return {"case": case.id, "verdict": verdict, "known_deviation": known_deviation}


def find_no_entry(_: Case) -> list[str]:
    """Return an empty list: no known deviation covers the case."""
    return []


@settings(max_examples=30)  # the examples below are 100 others
@given(draw_computed_case())
def test_every_drawn_computed_case_is_accepted(case: Case) -> None:
    """The strategy builds valid cases, so that Hypothesis discards none."""
    assert isinstance(expected_result(case), Accepts)


@settings(max_examples=30)
@given(draw_refused_case())
def test_every_drawn_refused_case_breaks_a_rule(case: Case) -> None:
    """Each is broken in one way."""
    assert not isinstance(expected_result(case), Accepts)


def test_the_examples_do_not_depend_on_what_is_imported() -> None:
    """Hypothesis also draws constants of imported modules if a range is wide."""
    code = "from suites.selftest.drawn_examples import find_all_examples as find; print([one.id for one in find()])"
    found = subprocess.run([sys.executable, "-c", code], cwd=str(ROOT), check=True, stdout=subprocess.PIPE).stdout
    assert ast.literal_eval(found.decode()) == [case.id for case in find_all_examples()]


def test_every_example_is_accepted_and_every_change_of_it_is_refused() -> None:
    """This holds for each of the ways to break a rule, on each example that a property draws."""
    for case in find_all_examples():
        work = int(np.prod((*case.size, *case.kernel_size, case.channels, case.filters)))
        assert work <= MOST_WORK, case.id
        assert all(max(getattr(case, axis.name)) <= axis.most for axis in LENGTHS), case.id
        assert isinstance(expected_result(case), Accepts), case.id
        for how in BROKEN:
            assert not isinstance(expected_result(break_a_rule(case, how)), Accepts), (case.id, how)


def test_the_property_of_refusals_has_as_many_examples() -> None:
    """Each is a case that must be refused."""
    drawn = find_all_examples("rejection.plain")
    assert len(drawn) > settings().max_examples * 0.8
    assert not any(isinstance(expected_result(case), Accepts) for case in drawn)


def test_drawn_examples_are_larger_than_the_cases_of_the_tiers() -> None:
    """Lengths, kernels and strides exceed those of every tier."""
    drawn = find_all_examples()
    assert len(drawn) > settings().max_examples * 0.8
    tiers = set(cases_of_tier("standard"))
    assert sum(case not in tiers for case in drawn) > 0.8 * len(drawn)
    for name, most in (("size", 40), ("kernel_size", 7), ("strides", 5), ("dilation_rate", 4)):
        assert max(max(getattr(case, name)) for case in drawn) > most, name
    assert max(case.channels * case.filters for case in drawn) < MOST_WORK


def test_a_failing_example_is_shrunk() -> None:
    """The recorded example has the simplest value in every irrelevant field."""
    found = explore_property_by_examples(
        draw_computed_case(),
        lambda case: make_answer_row(
            case, "mismatch" if max(case.size) > 17 and case.data_format == "channels_first" else "agree"
        ),
        find_no_entry,
    )
    assert found.row is not None and found.row["verdict"] == "mismatch"
    least = Case.parse(found.row["case"])
    assert max(least.size) == 18 and least.channels == least.filters == least.batch == 1 and least.strides == (1, 1)


def test_examples_that_a_known_deviation_covers_do_not_fail_a_property() -> None:
    """They are counted by entry; the remaining examples agree."""
    found = explore_property_by_examples(
        sampled_from(find_all_examples()),
        lambda case: make_answer_row(case, "mismatch", "strides") if max(case.strides) > 1 else make_answer_row(case),
        lambda case: ["wide"] if case.batch == 3 else [],
    )
    assert found.row is not None and found.row["verdict"] == "agree"
    assert 0 < found.known_deviations["strides"] < found.examples
    assert Case.parse(found.too_wide["wide"]).batch == 3


def test_an_example_that_crashes_is_run_once() -> None:
    """Every crash needs a new process."""
    deaths = []

    def ask(case: Case) -> dict[str, Any]:
        if max(case.kernel_size) > 3:
            deaths.append(case)
            return make_answer_row(case, "crashed")
        return make_answer_row(case)

    found = explore_property_by_examples(sampled_from(find_all_examples()), ask, find_no_entry)
    assert found.row is not None and found.row["verdict"] == "crashed" and len(deaths) == 1
    assert found.row["case"] == deaths[0].id


def test_a_property_draws_the_same_examples_each_time() -> None:
    """This is the profile of the CI; a slow mode draws fewer."""
    first, again, slow = (draw_examples(part) for part in (8, 8, 20))
    assert first == again and 0 < len(slow) <= settings().max_examples / 20 < len(first)


def test_the_command_keep_stores_failing_examples_as_regressions(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each is stored once, with its subject; other suites are ignored and a bad file is named."""
    monkeypatch.setattr(tiers, "REGRESSIONS", tmp_path / "regressions.txt")
    tiers.REGRESSIONS.write_text("", encoding="ascii")
    one, other = Case(1, (37, 1), 1, 1, (1, 1), (1, 1), (1, 1)), Case(1, (1, 37), 1, 1, (1, 1), (1, 1), (1, 1))
    rows = [
        make_row(one.id, "mismatch", suite="hypothesis"),
        make_row(one.id, "crashed", suite="hypothesis", variant="special.plain"),
        make_row(other.id, suite="hypothesis"),
        make_row(other.id, "mismatch"),
    ]
    path = write_ledger(tmp_path / "run.jsonl", rows, keras="3.15.1")
    assert main(["keep", str(path)]) == main(["keep", str(path)]) == 0
    assert tiers.REGRESSIONS.read_text(encoding="ascii") == "%s  # keras3, Keras 3.15.1\n" % one.id
    assert one in set(cases_of_tier("smoke")) and other not in set(cases_of_tier("smoke"))
    path.write_text("no ledger", encoding="utf-8")
    assert main(["keep", str(path)]) == 3 and "is not a ledger" in capsys.readouterr().err
    path.write_text("no ledger\n", encoding="utf-8")
    assert main(["keep", str(path)]) == 3 and "line 1 is not JSON" in capsys.readouterr().err
