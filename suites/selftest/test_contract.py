"""The contract's questions: names, tables, models stored and loaded, deviations that speak of them."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from fixtures.case import Case
from fixtures.choices import check
from fixtures.contract import empty, migration
from fixtures.contract.cases import CASES, PLAIN
from fixtures.contract.spellings import SPELLINGS
from fixtures.deviations import Deviation
from fixtures.faults import HEALTHY
from fixtures.options import BadOption
from fixtures.oracle.expectation import Accepts, expect
from fixtures.registry import CONTRACT, MIGRATION, PROPERTIES, SUITES, WAYS, WAYS_OF, hear, modes_asked
from fixtures.space import cases
from fixtures.subjects.base import MODES, Subject
from fixtures.subjects.miniature import ConvTranspose
from fixtures.subjects.twin import Twin
from suites.selftest.entries import CAUSE


def test_ways_are_names_that_ids_and_options_take() -> None:
    """Each once, spelled as ids are, and none that is a mode of calling."""
    assert len(set(WAYS)) == len(WAYS) and not set(WAYS) & {*MODES, CONTRACT, "all"}
    assert all(re.match(r"^[a-z0-9.-]+$", way) for way in WAYS)


def test_every_way_is_asked_by_the_smoke_tier() -> None:
    """None is only declared."""
    asked = {
        way
        for case in cases("smoke")
        for suite in SUITES
        if SUITES[suite].ways
        for way in modes_asked(suite, case, "twin", [CONTRACT, PROPERTIES])
    }
    assert asked == set(WAYS)


def test_one_way_can_be_asked_alone() -> None:
    """By its name in the place of a mode."""
    assert list(modes_asked("signature", PLAIN, "twin", ["call.needed"])) == ["call.needed"]
    assert list(modes_asked("signature", PLAIN, "twin", ["eager"])) == []


@pytest.mark.parametrize("way", SPELLINGS)
def test_spellings_mean_what_is_accepted(way: str) -> None:
    """A meaning is a case to be computed; what is documented has one; the value is Python that evaluates."""
    spelling = SPELLINGS[way]
    assert spelling.given is not NotImplemented
    assert spelling.meaning is not None or not spelling.documented
    if spelling.meaning is not None:
        assert isinstance(expect(replace(spelling.base, **spelling.meaning)), Accepts)


def test_contract_cases_are_accepted() -> None:
    """By the contract of Keras 2 too."""
    assert all(isinstance(expect(case, frozenset({"R9"})), Accepts) for case in CASES)


def test_a_refusal_of_nothing_must_say_so() -> None:
    """An error that speaks of something else is unclear; one that names the emptiness agrees."""

    class Refusing(Twin):
        words = "could not create a primitive"

        def build(self, layer: object, case: Case, weights: object) -> None:
            from fixtures.subjects.miniature_arguments import TwinError

            raise TwinError(self.words)

    case = next(case for case in empty.cases() if case.batch == 0)
    double = Refusing(HEALTHY)
    assert hear("empty", case, "eager", double, "CPU:0").verdict == "unclear-rejection"
    Refusing.words = "the batch is empty"
    assert hear("empty", case, "eager", double, "CPU:0").verdict == "agree"
    assert hear("empty", replace(case, size=(1, 1), batch=1), "eager", double, "CPU:0").verdict == "wrongly-rejected"


def test_stored_models_are_loaded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of every case and format; a file whose weights were changed is a mismatch."""
    double = Twin(HEALTHY)
    assert migration.store(double, tmp_path / "twin1", "twin1") == []
    monkeypatch.setenv(migration.VARIABLE, str(tmp_path))
    assert [artefact.writer for artefact in migration.given()] == ["twin1"] * len(migration.given())
    for case in CASES:
        for way in modes_asked(MIGRATION, case, "twin", [CONTRACT]):
            assert hear(MIGRATION, case, way, double, "CPU:0").verdict == "agree", way
    (stored,) = [one for one in migration.given() if one.case == PLAIN.id and one.format == "h5-file"]
    with np.load(stored.path) as kept:
        changed = {name: -kept[name] if kept[name].dtype.kind == "f" else kept[name] for name in kept.files}
    with open(stored.path, "wb") as file:
        np.savez(file, **changed)
    verdict = hear(MIGRATION, PLAIN, stored.way, double, "CPU:0")
    assert (verdict.verdict, verdict.claim) == ("mismatch", "round-trip")


def test_a_folder_without_artefacts_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the command that writes some."""
    monkeypatch.setenv(migration.VARIABLE, "")
    with pytest.raises(BadOption, match="fixtures store"):
        check({"subject": "twin", "artefacts": str(tmp_path)})


ENTRY = Deviation("sample", ["keras3"], "True", "mismatch", "inferred-shape", {"keras": ">=3"}, CAUSE)


def test_a_deviation_names_the_contract_to_speak_of_it() -> None:
    """One without suites speaks of what is computed only; facts of the observation tell one kind from another."""
    assert not ENTRY.covers(PLAIN, "shapes", "compute-output-shape")
    named = replace(ENTRY, suite=["shapes"], seen={"type": "list"})
    assert named.covers(PLAIN, "shapes", "compute-output-shape") and not named.covers(PLAIN, "forward", "eager")
    row = {"verdict": "mismatch", "claim": "inferred-shape", "observed": {"type": "list"}, "diagnosis": None}
    assert named.expects(row) and not named.expects({**row, "observed": {"shape": [1]}})


def test_an_error_inside_numpy_is_its_callers() -> None:
    """What our own lines do wrong with NumPy or the standard library is no answer of the subject."""

    class Careless(Twin):
        def blames_suite(self, error: BaseException) -> bool:
            return Subject.blames_suite(self, error)

        def construct(self, case: Case, **changed: object) -> ConvTranspose:
            return np.zeros(3).reshape(5)  # type: ignore[return-value]  # the mistake

    assert hear("promises", PLAIN, "weights.shapes", Careless(HEALTHY), "CPU:0").verdict == "suite-bug"


def test_two_writers_of_one_name_and_missing_files_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With what to do about it."""
    for folder in ("a", "b"):
        migration.store(Twin(HEALTHY), tmp_path / folder / "here", "here")
    with pytest.raises(migration.ArtefactError, match="--as another name"):
        list(migration.artefacts([str(tmp_path / "a"), str(tmp_path / "b")]))
    next((tmp_path / "a" / "here").glob("*.h5")).unlink()
    with pytest.raises(migration.ArtefactError, match="not there"):
        list(migration.artefacts([str(tmp_path / "a")]))


def test_modes_by_suite_and_first_word() -> None:
    """formula is all its questions, strides all spellings of it."""
    assert check({"mode": ["formula"]}).modes == WAYS_OF["formula"]
    assert set(check({"mode": ["strides"]}).modes) == {way for way in SPELLINGS if way.startswith("strides.")}
