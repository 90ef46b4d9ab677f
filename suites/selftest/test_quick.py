"""Tests of the quick tier: its choice, its strength, and that the lock file holds it."""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

import pytest

from command_line import USAGE
from fixtures.cases.combination_coverage import measure_coverage
from fixtures.cases.contract import PLAIN
from fixtures.cases.quick import LOCK, is_in_quick_tier, position_among_first, read_quick_tier
from fixtures.cases.tiers import cases_of_tier
from fixtures.check import Check
from fixtures.commands import compare_causes, select
from fixtures.deviations import read_deviations
from fixtures.fault_matrix import every_check, tier_strength
from fixtures.fault_matrix.measured_checks import (
    CONTRACT_MODE,
    STORE,
    MeasuredCheck,
    Measurements,
    mode_of_check,
    read_measurements,
    to_text,
)
from fixtures.fault_matrix.quick_choice import FAULT, MODES_OF_CELL, choose_greedily, choose_quick_tier
from fixtures.fault_matrix.targets import NumpyTarget
from fixtures.fault_matrix.tier_strength import detect_in_every_mode, summarise_tier_strength
from fixtures.faults import FAULTS
from fixtures.frameworks.adapter import Setting
from fixtures.suite_registry import HYPOTHESIS, MIGRATION, is_skipped, variants_by_suite
from suites.selftest.ledgers import CASES, make_row, write_ledger

TIER = read_quick_tier()
CHOSEN = {*TIER.first, *TIER.others}
CHECKS = [Check("forward", replace(PLAIN, batch=number), "eager") for number in range(1, 6)]


def _measured(*found: tuple[int, tuple[str, ...], tuple[str, ...]]) -> Measurements:
    checks = [MeasuredCheck(check, *facts) for check, facts in zip(CHECKS, found)]
    return Measurements("a cell", 100, 1000, {}, tuple(checks))


def test_the_lock_file_holds_what_the_measurements_give() -> None:
    """Both files are read back as they are written."""
    assert choose_quick_tier(read_measurements()).to_text() == LOCK.read_text(encoding="ascii") == TIER.to_text()
    assert to_text(read_measurements()) == STORE.read_text(encoding="ascii")


def test_a_lock_that_the_measurements_do_not_give_is_reported(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """``select --quick --check`` compares and writes nothing."""
    monkeypatch.setattr(select, "choose_quick_tier", lambda measured: replace(TIER, first=TIER.first[1:]))
    options = argparse.Namespace(check=True, sizes=False, quick=True, detections=None, ledger=[])
    assert select.run(options) == 1 and "quick.lock differs" in capsys.readouterr().out
    monkeypatch.setattr(select, "choose_quick_tier", lambda measured: TIER)
    assert select.run(options) == 0
    assert select.run(argparse.Namespace(**{**vars(options), "ledger": [LOCK]})) == USAGE


def test_a_cause_that_a_run_does_not_show_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A cause that only the other run shows does not count."""
    rows = [make_row(case, "mismatch", known_deviation=name) for case, name in zip(CASES, ("one", "two", "three"))]
    thorough, other = write_ledger(tmp_path / "a.jsonl", rows[:2]), write_ledger(tmp_path / "b.jsonl", rows[1:])
    assert compare_causes.run(argparse.Namespace(thorough=thorough, other=other)) == 1
    assert capsys.readouterr().out.splitlines() == [
        "1 of 2 causes of the 2 checks also show in the 2 checks",
        "not shown: one",
    ]
    assert compare_causes.run(argparse.Namespace(thorough=thorough, other=thorough)) == 0
    capsys.readouterr()
    entry = next(entry for entry in read_deviations() if entry.varies)
    covered = next(check for check in CHOSEN if entry.covers(check))
    varying = [make_row(covered.case.id, "mismatch", suite=covered.suite, variant=covered.variant)]
    shows = write_ledger(tmp_path / "c.jsonl", [{**varying[0], "known_deviation": entry.name}])
    agrees = [{**varying[0], "verdict": "agree"}, rows[0]]
    lost = [{**varying[0], "verdict": "not-run"}]
    for place, (found, status) in enumerate(((agrees, 0), (agrees[1:], 1), (lost, 1))):
        ledger = write_ledger(tmp_path / ("d%d.jsonl" % place), found)
        assert compare_causes.run(argparse.Namespace(thorough=shows, other=ledger)) == status
        words = "not shown" if status else "varies from run to run, and shows in none of its checks here (1)"
        assert "%s: %s" % (words, entry.name) in capsys.readouterr().out
    assert compare_causes.run(argparse.Namespace(thorough=thorough, other=tmp_path / "no.jsonl")) == 3


def test_the_choice_has_every_fault_cause_pair_and_variant() -> None:
    """The facts in the lock are counted again from its checks."""
    partial = [name for name, (covered, of) in TIER.facts.items() if covered != of]
    assert partial == ["checks", "seconds"]
    assert TIER.facts["faults"][0] == sum(not fault.fatal for fault in FAULTS)
    coverage = {
        one.name: one for one in measure_coverage({c.case for c in CHOSEN if c.suite in ("forward", "rejection")})
    }
    assert coverage["all"].covered == coverage["all"].feasible == TIER.facts["pairs"][0]
    assert coverage["refused"].covered == coverage["refused"].feasible == TIER.facts["refused"][0]
    variants = {(name, one) for name, every in variants_by_suite().items() for one in every}
    missing = {key for key in variants if key[0] not in (HYPOTHESIS, MIGRATION)} - {
        (c.suite, c.variant) for c in CHOSEN
    }
    assert missing == set()


def test_the_first_checks_show_every_measured_fault() -> None:
    """So every fault shows before the others begin."""
    measured = read_measurements()
    first = {name for one in measured.checks if one.check in TIER.first for name in one.faults}
    here = (one for one in measured.checks if mode_of_check(one.check) in (CONTRACT_MODE, *MODES_OF_CELL))
    assert first == {name for one in here for name in one.faults}


def test_a_dear_check_is_left_out_where_cheaper_ones_show_the_same() -> None:
    """One check has both faults and is slow; the others have one each."""
    cost = dict(zip(CHECKS, (10, 1, 1)))
    goals = dict(
        zip(CHECKS, [frozenset({(FAULT, "a"), (FAULT, "b")}), frozenset({(FAULT, "a")}), frozenset({(FAULT, "b")})])
    )
    assert choose_greedily(CHECKS[:3], goals, cost, once=True) == CHECKS[1:3]
    assert choose_greedily(CHECKS[:3], goals, dict(zip(CHECKS, (1, 1, 1))), once=True) == CHECKS[:1]
    assert set(choose_greedily(CHECKS[:3], goals, cost)) == set(CHECKS[:3])  # each fault by several checks


def test_a_fault_that_one_check_alone_shows_is_in_the_choice() -> None:
    """So is a cause, however slow the check; of checks without any goal of their own none is."""
    measured = _measured((1, ("a",), ()), (1, ("a",), ()), (1, ("a",), ()), (1, ("a",), ()), (900, (), ("cause",)))
    chosen = choose_quick_tier(measured)
    assert CHECKS[4] in (*chosen.first, *chosen.others)
    assert chosen.facts["faults"][0] == chosen.facts["faults"][1] and chosen.facts["causes"] == (1, 1)


def test_the_first_mode_of_a_subject_stands_for_eager() -> None:
    """Keras 2 has no eager call: its graph call is what the choice has as eager."""
    check = next(check for check in TIER.others if check.suite == "special" and check.variant == "eager")
    assert is_in_quick_tier(check, "eager")
    assert is_in_quick_tier(replace(check, variant="graph"), "graph")
    assert not is_in_quick_tier(replace(check, variant="graph"), "eager")
    assert position_among_first(TIER.first[2], "eager") == 2 and position_among_first(TIER.others[0], "eager") is None


def test_only_the_quick_tier_leaves_out_what_was_not_chosen() -> None:
    """Its cases are cases of the standard tier."""
    quick, standard = frozenset(cases_of_tier("quick")), list(cases_of_tier("standard"))
    other = Check("forward", next(case for case in standard if case not in quick), "eager")
    assert is_skipped(other, tier="quick") and not is_skipped(other, tier="standard")
    assert quick <= set(standard)
    assert not any(is_skipped(check) for check in CHOSEN if check.variant != "functional")


@pytest.mark.parametrize("fault", ["crop-other-side", "xla-flips-kernel", "fans-swapped", "no-cells-lose-bias"])
def test_the_quick_tier_detects_a_fault_in_every_mode(fault: str) -> None:
    """``python -m fixtures fault-matrix --tier quick`` does this with all faults."""
    found = detect_in_every_mode(NumpyTarget(Setting()), "quick", fault)
    assert found and all(one.caught for one in found)


def test_a_tier_that_loses_a_fault_in_one_mode_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    """Here the quick tier has no check in mode predict; the standard tier detects the fault there."""
    every = tier_strength._checks_of_tier
    lacking = lambda *key: () if key[2:] == ("predict", "quick") else every(*key)  # noqa: E731
    monkeypatch.setattr(tier_strength, "_checks_of_tier", lacking)
    found = detect_in_every_mode(NumpyTarget(Setting()), "quick", "bias-missing")
    text, good = summarise_tier_strength("quick", found)
    assert not good and "bias-missing in predict" in text and "detects 1 of 1 faults" in text
    assert [one.standard for one in found if not one.caught] == [True]  # the other checks of standard were tried
    monkeypatch.undo()
    assert summarise_tier_strength("quick", detect_in_every_mode(NumpyTarget(Setting()), "quick", "bias-missing"))[1]


def test_a_second_measurement_runs_only_the_missing_faults(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A second run measures only what is missing; a healthy layer would be detected by no check."""
    monkeypatch.setattr(every_check, "candidate_checks", lambda: tuple(CHECKS))
    monkeypatch.setattr(every_check, "_other_checks", tuple)
    count, found = every_check.find_detecting_checks("bias-missing")
    assert count == every_check.ENOUGH and found == CHECKS[: every_check.ENOUGH]
    assert every_check.find_detecting_checks("dilation-ignored") == (len(CHECKS), [])
    path = tmp_path / "detections.jsonl"
    every_check.write_detections(path, 1, ["fans-swapped"])
    before = path.read_text(encoding="ascii")
    every_check.write_detections(path, 1, ["fans-swapped"])
    assert path.read_text(encoding="ascii") == before and set(every_check.read_detections(path)) == {"fans-swapped"}
