"""Properties: examples beyond the tiers, failing ones shrunk, known ones counted, deaths run once."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings

from fixtures.__main__ import main
from fixtures.case import Case
from fixtures.cases import tiers
from fixtures.cases.strategies import MOST_WORK, draw_computed_case, draw_refused_case, explore_property_by_examples
from fixtures.cases.tiers import cases_of_tier
from fixtures.oracle.expectation import Accepts, expected_result


def answered(case: Case, verdict: str = "agree", known_deviation: str | None = None) -> dict[str, Any]:
    """A row, as far as exploring looks at it."""
    return {"case": case.id, "verdict": verdict, "known_deviation": known_deviation}


def nothing(_: Case) -> list[str]:
    """No deviation covers anything."""
    return []


@given(draw_computed_case())
def test_drawn_cases_are_computed(case: Case) -> None:
    """Built so: nothing is thrown away."""
    assert isinstance(expected_result(case), Accepts)


@given(draw_refused_case())
def test_broken_cases_are_refused(case: Case) -> None:
    """One way each."""
    assert not isinstance(expected_result(case), Accepts)


def test_examples_go_beyond_the_tiers() -> None:
    """Larger lengths, kernels and strides than any axis of the tiers, several at once."""
    drawn: list[Case] = []
    explore_property_by_examples(draw_computed_case(), lambda case: drawn.append(case), nothing)
    assert len(drawn) > settings().max_examples * 0.8
    tiers = set(cases_of_tier("standard"))
    assert sum(case not in tiers for case in drawn) > 0.8 * len(drawn)
    for name, most in (("size", 40), ("kernel_size", 7), ("strides", 5), ("dilation_rate", 4)):
        assert max(max(getattr(case, name)) for case in drawn) > most, name
    assert max(case.channels * case.filters for case in drawn) < MOST_WORK


def test_a_failing_example_is_shrunk() -> None:
    """What was drawn is large; what is recorded has nothing that does not matter."""
    found = explore_property_by_examples(
        draw_computed_case(),
        lambda case: answered(
            case, "mismatch" if max(case.size) > 17 and case.data_format == "channels_first" else "agree"
        ),
        nothing,
    )
    assert found.row is not None and found.row["verdict"] == "mismatch"
    least = Case.parse(found.row["case"])
    assert max(least.size) == 18 and least.channels == least.filters == least.batch == 1 and least.strides == (1, 1)


def test_known_deviations_are_counted_and_no_failure() -> None:
    """Filtered by the entry's predicate: what is left agrees."""
    found = explore_property_by_examples(
        draw_computed_case(),
        lambda case: answered(case, "mismatch", "strides") if max(case.strides) > 1 else answered(case),
        lambda case: ["wide"] if case.batch == 3 else [],
    )
    assert found.row is not None and found.row["verdict"] == "agree"
    assert 0 < found.known_deviations["strides"] < found.examples
    assert Case.parse(found.too_wide["wide"]).batch == 3


def test_an_example_that_kills_is_run_once() -> None:
    """Every death takes a new process."""
    deaths = []

    def ask(case: Case) -> dict[str, Any]:
        if max(case.kernel_size) > 3:
            deaths.append(case)
            return answered(case, "crashed")
        return answered(case)

    found = explore_property_by_examples(draw_computed_case(), ask, nothing)
    assert found.row is not None and found.row["verdict"] == "crashed" and len(deaths) == 1
    assert found.row["case"] == deaths[0].id


def test_the_same_examples_each_time() -> None:
    """In the profile for CI; and fewer where a mode is slow."""
    runs: list[list[str]] = [[], [], []]
    for ids, part in zip(runs, (1, 1, 10)):
        explore_property_by_examples(draw_computed_case(), lambda case, ids=ids: ids.append(case.id), nothing, part)  # type: ignore[misc]  # bound at once
    assert runs[0] == runs[1] and len(runs[2]) <= settings().max_examples / 10


def test_failing_examples_are_stored(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """``keep`` stores each failing example once, with its subject; it ignores other suites and names a bad file."""
    monkeypatch.setattr(tiers, "REGRESSIONS", tmp_path / "regressions.txt")
    tiers.REGRESSIONS.write_text("", encoding="ascii")
    one, other = Case(1, (37, 1), 1, 1, (1, 1), (1, 1), (1, 1)), Case(1, (1, 37), 1, 1, (1, 1), (1, 1), (1, 1))
    rows = [{"suite": "hypothesis", **answered(one, "mismatch")}, {"suite": "hypothesis", **answered(one, "crashed")}]
    rows += [{"suite": "hypothesis", **answered(other)}, {"suite": "forward", **answered(other, "mismatch")}]
    path = tmp_path / "run.jsonl"
    path.write_text("\n".join(map(json.dumps, [{"subject": "keras3", "keras": "3.15.1"}, *rows])), encoding="utf-8")
    assert main(["keep", str(path)]) == main(["keep", str(path)]) == 0
    assert tiers.REGRESSIONS.read_text(encoding="ascii") == "%s  # keras3, Keras 3.15.1\n" % one.id
    assert one in set(cases_of_tier("smoke")) and other not in set(cases_of_tier("smoke"))
    path.write_text("no ledger", encoding="utf-8")
    assert main(["keep", str(path)]) == 2 and "is no ledger" in capsys.readouterr().err
