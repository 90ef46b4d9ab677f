"""Tests that each hardware condition of a known deviation is needed: without it a run on other hardware fails."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest
from packaging.specifiers import SpecifierSet

from fixtures.case import Case
from fixtures.cases.contract import CASES
from fixtures.cases.tiers import cases_of_tier
from fixtures.check import Check
from fixtures.deviations import Deviation, as_sequence, find_excusing_entry, read_deviations
from fixtures.deviations.audit import audit_entries
from fixtures.deviations.expression import names_and_texts_in
from fixtures.frameworks.families import MODES
from fixtures.hardware.facts import hardware_facts
from fixtures.hardware.isa import NAMES, is_class_within
from fixtures.suite_registry import suites
from suites.selftest.pytest_in_process import call_pytest
from suites.selftest.sample_cause import HEAD

ENTRIES = [entry for entry in read_deviations() if entry.isa or entry.processor or (entry.switches or {}).get("onednn")]
VERSIONS = {
    "keras": ("3.15.1", "3.12.0", "3.3.3", "2.15.0"),
    "tensorflow": ("2.21.0", "2.18.1", "2.15.1", "2.10.1"),
    "tf_keras": ("2.21.0",),
}


def make_header(entry: Deviation, isa: str, processor: str, onednn: str) -> dict[str, Any]:
    """Return a run's header that fits the entry in everything but, perhaps, the hardware."""
    switches = {name: as_sequence(value)[0] for name, value in (entry.switches or {}).items()}
    run: dict[str, Any] = {"subject": entry.subject[0], "backend": entry.backend[0], "device": "CPU:0", "isa": isa}
    run["hardware"] = {"isa": processor}
    run["switches"] = {**switches, "onednn": onednn}
    for package, requirement in entry.versions.items():
        run[package] = next(version for version in VERSIONS[package] if SpecifierSet(requirement).contains(version))
    return run


# Cases of entries that cover no case of a tier.
BEYOND_TIERS = (Case(1, (16, 16), 2, 1, (1, 1), (3, 3), (1, 1), "valid", dtype="bfloat16"),)


@lru_cache(maxsize=None)
def list_cases() -> tuple[Case, ...]:
    """Return the cases among which each entry has one, the few of the contract first."""
    return (*CASES, *cases_of_tier("standard"), *BEYOND_TIERS)


@lru_cache(maxsize=None)
def find_covered_check(name: str) -> tuple[Case, str, str]:
    """Return a case, suite and mode that the entry of that name covers, whatever its conditions on hardware are."""
    (entry,) = (one for one in ENTRIES if one.name == name)
    for suite in entry.suite:
        modes = entry.variant or (MODES if suites()[suite].variants_of is None else ())
        # A condition that does not name the mode holds in all modes or in none.
        for case in list_cases():
            for mode in modes if "variant" in names_and_texts_in(entry.when) else modes[:1]:
                if entry.covers(Check(suite, case, mode)):
                    return case, suite, mode
    raise AssertionError("%s covers no case of the standard tier" % entry.name)


def make_covered_row(entry: Deviation, verdict: str, entries: list[Deviation]) -> dict[str, Any]:
    """Return the row of a check that the entry covers, judged with these entries."""
    case, suite, mode = find_covered_check(entry.name)
    observed = {"stage": entry.stage, "message": entry.message, **entry.seen}
    if entry.array:
        observed["array"] = entry.array[0]
    found: dict[str, Any] = {
        "case": case.id,
        "suite": suite,
        "variant": mode,
        "verdict": verdict,
        "property": as_sequence(entry.property)[0],
    }
    found.update(observed=observed, diagnosis=entry.diagnosis, measured={}, known_deviation=None)
    if verdict != "agree":
        found["known_deviation"] = find_excusing_entry(entries, found, entry.subject[0])
    return found


def run_fails(entry: Deviation, run: dict[str, Any], verdict: str) -> bool:
    """Return whether a run with this single entry fails, by a mismatch that is not listed or by the audit."""
    entries = [entry] if entry.applies(run) else []
    found = make_covered_row(entry, verdict, entries)
    return (verdict != "agree" and not found["known_deviation"]) or bool(
        audit_entries(entries, [found], subject=run["subject"])
    )


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.name)
def test_an_entry_without_its_hardware_condition_fails_a_run_on_other_hardware(entry: Deviation) -> None:
    """On other hardware the check agrees: the run passes with the condition and fails without it.

    For an entry that varies, a check that agrees is not a contradiction, so a mismatch must stay unlisted.
    """
    switches = {name: value for name, value in (entry.switches or {}).items() if name != "onednn"}
    bare = replace(entry, isa=(), processor=(), switches=switches or None)
    onednn = as_sequence((entry.switches or {}).get("onednn", "on"))
    isa, processor = (
        next(name for name in NAMES if is_class_within(as_sequence(terms), name))
        for terms in (entry.isa, entry.processor)
    )
    outside = [(name, processor, onednn[-1]) for name in NAMES if not is_class_within(as_sequence(entry.isa), name)]
    outside += [(isa, name, onednn[-1]) for name in NAMES if not is_class_within(as_sequence(entry.processor), name)]
    if (entry.switches or {}).get("onednn"):
        outside.append((isa, processor, "off" if "on" in onednn else "on"))
    for hardware in outside:
        run = make_header(entry, *hardware)
        assert not run_fails(entry, run, "agree")
        if entry.varies:
            assert run_fails(entry, run, as_sequence(entry.verdict)[0]) and not run_fails(
                bare, run, as_sequence(entry.verdict)[0]
            )
        else:
            assert run_fails(bare, run, "agree")
    run = make_header(entry, isa, processor, onednn[-1])
    assert not run_fails(entry, run, as_sequence(entry.verdict)[0])
    assert run_fails(replace(entry, versions={"keras": "==0.1"}), run, as_sequence(entry.verdict)[0])


def test_an_entry_for_a_processor_covers_only_runs_on_that_processor(tmp_path: Path) -> None:
    """Of two mismatches, one has an entry for this instruction set class, the other an entry for another class."""
    own = hardware_facts()["isa"]
    path = tmp_path / "d.toml"
    entry = 'name = "bias-%s"\nsubject = ["numpy_layer:bias-missing"]\nbackend = ["numpy"]\n'
    entry += 'versions = { numpy = ">=1" }\nwhen = "use_bias and filters == %d"\nverdict = "mismatch"\n'
    entry += 'property = "values"\nprocessor = "%s"\n'
    other = next(name for name in NAMES if name != own)
    entries = (entry % ("own", 3, own), entry % ("other", 2, other))
    path.write_text(HEAD + "[[cause.entry]]\n".join(entries), encoding="utf-8")
    case = "--case=b1-i4.4-c3-f%d-k5.5-s2.2-d1.1-same-onone-last-bias-linear-float32"
    arguments = (case % 3, case % 2, "--deviations", path, "--ledger", tmp_path / "a.jsonl")
    status, text = call_pytest("--subject", "numpy_layer:bias-missing", *arguments)
    assert status == 1 and "2 of 2 checks = 1 known deviations + 1 mismatches" in text, text
    assert "deviation bias" not in text and "1 failed, 1 xfailed" in text, text
