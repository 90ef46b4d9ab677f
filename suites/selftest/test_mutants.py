"""Tests of the mutation runner: which results fail a run, and that the tests import the changed module."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import asdict, replace
from pathlib import Path

import pytest

from suites.mutants.account import (
    FILE,
    KILLED,
    SURVIVED,
    TIMEOUT,
    Equivalent,
    Mutant,
    Result,
    match_survivors_and_entries,
    read_equivalent_mutants,
)
from suites.mutants.trial import NEAREST, validate_deselected

ROOT = Path(__file__).resolve().parents[2]
MUTANT = Mutant("fixtures.oracle.shape", "crop", "    return 0", "    return 1", "sample", "")
OTHER = replace(MUTANT, function="full_length")
FAULT_MATRIX = Result(OTHER, KILLED, "test_x", 0.1)
SURVIVOR = Result(MUTANT, SURVIVED, "", 3.0)
ENTRY = Equivalent("fixtures.oracle.shape", "crop", "return 0", "return  1", "for the sample")


def test_a_surviving_mutant_without_an_entry_fails_the_run() -> None:
    """An entry matches by its lines, whatever their layout; a mutant that exceeds the time is killed."""
    assert match_survivors_and_entries([FAULT_MATRIX, Result(MUTANT, TIMEOUT, "", 60.0)], []).good
    bad = match_survivors_and_entries([FAULT_MATRIX, SURVIVOR], [])
    assert not bad.good and bad.unexplained == [SURVIVOR]
    good = match_survivors_and_entries([FAULT_MATRIX, SURVIVOR], [ENTRY])
    assert good.good and good.explained == [SURVIVOR]


@pytest.mark.parametrize("changed", ["function", "before", "after"])
def test_an_entry_for_a_mutant_that_does_not_exist_is_stale(changed: str) -> None:
    """Every part of the key counts; entries of modules that were not tried are ignored."""
    account = match_survivors_and_entries([FAULT_MATRIX, SURVIVOR], [replace(ENTRY, **{changed: "another"})])
    assert account.unexplained == [SURVIVOR] and "no such mutant" in account.stale[0][1]
    account = match_survivors_and_entries([FAULT_MATRIX, SURVIVOR], [replace(ENTRY, module="fixtures.compare.verdict")])
    assert account.unexplained == [SURVIVOR] and account.stale == []


def test_an_entry_of_a_killed_mutant_is_stale() -> None:
    """The message names the test that kills the mutant."""
    account = match_survivors_and_entries([FAULT_MATRIX, replace(SURVIVOR, status=KILLED, by="test_y")], [ENTRY])
    assert not account.good and account.stale == [(ENTRY, "it is killed by test_y")]


def test_mutation_scores_leave_out_equivalent_mutants() -> None:
    """The score is the share of killed mutants, including those that exceeded the time."""
    results = [FAULT_MATRIX, FAULT_MATRIX, Result(OTHER, TIMEOUT, "", 60.0), SURVIVOR, replace(SURVIVOR, mutant=OTHER)]
    (facts,) = match_survivors_and_entries(results, [ENTRY]).by_module().values()
    assert facts == {"mutants": 5, "killed": 2, "timeout": 1, "survived": 1, "equivalent": 1, "score": 75.0}


def test_every_entry_of_an_equivalent_mutant_has_a_reason(tmp_path: Path) -> None:
    """An entry with a missing field, another field or an unknown module is refused with its number."""
    assert all(entry.reason for entry in read_equivalent_mutants(FILE, NEAREST))
    path = tmp_path / "list.toml"
    spelled = ['%s = "%s"' % item for item in asdict(ENTRY).items()]
    path.write_text("\n".join(["[[equivalent]]", *spelled]), encoding="utf-8")
    assert read_equivalent_mutants(path, NEAREST) == [ENTRY]
    elsewhere = ['module = "fixtures.oracel.shape"', *spelled[1:]]
    for lines in (spelled[:-1], [*spelled, 'more = ""'], [*spelled[:-1], 'reason = " "'], elsewhere):
        path.write_text("\n".join(["[[equivalent]]", *lines]), encoding="utf-8")
        with pytest.raises(ValueError, match="entry 1"):
            read_equivalent_mutants(path, NEAREST)


@pytest.mark.parametrize("name", ["suites/selftest/test_rule.py", "suites/selftest/test_rules.py::test_such", "rules"])
def test_a_deselected_test_that_does_not_exist_is_refused(name: str) -> None:
    """A misspelled name would make a test look superfluous."""
    validate_deselected(
        [
            "suites/selftest/test_rules.py",
            "suites/selftest/test_rules.py::test_each_framework_family_has_the_rules_of_its_contract",
        ]
    )
    with pytest.raises(ValueError, match=name):
        validate_deselected([name])


def test_a_mutant_is_tried_without_changing_the_file() -> None:
    """A wrong effective kernel is detected by a test of lengths."""
    code = """if True:
        import sys
        from suites.mutants.trial import ROOT, try_mutant
        text = (ROOT / "fixtures" / "oracle" / "shape.py").read_text(encoding="utf-8")
        changed = text.replace("(k - 1) * d + 1\\n", "(k - 1) * d + 2\\n")
        caught, by, seconds = try_mutant("fixtures.oracle.shape", changed)
        sys.exit(7 if caught and "test_oracle_shape" in by else 1)
    """
    assert subprocess.run([sys.executable, "-c", code], cwd=str(ROOT), check=False).returncode == 7
