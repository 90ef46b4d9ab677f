"""Tests of the contract suites: names of variants, argument forms, stored models, and known deviations."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from fixtures.case import Case
from fixtures.cases import empty
from fixtures.cases.contract import CASES, PLAIN
from fixtures.cases.tiers import cases_of_tier
from fixtures.check import Check
from fixtures.deviations import Deviation
from fixtures.faults import HEALTHY
from fixtures.frameworks import artefacts
from fixtures.frameworks.adapter import Subject
from fixtures.frameworks.families import MODES
from fixtures.frameworks.numpy_layer import NumpyLayer, NumpyTools
from fixtures.oracle.expectation import Accepts, expected_result
from fixtures.run.check_run import run_check
from fixtures.run.option_values import check_options
from fixtures.run.options import BadOption
from fixtures.suite_registry import (
    CONTRACT,
    HYPOTHESIS,
    MIGRATION,
    all_variants,
    select_checks,
    suites,
    variants_by_suite,
)
from suites.arguments.argument_forms import ARGUMENT_FORMS
from suites.selftest.many_values import for_each
from suites.selftest.sample_cause import CAUSE


def test_names_of_variants_are_unique_and_differ_from_modes() -> None:
    """A name has only lower-case letters, digits, dots and hyphens, as case ids have."""
    assert len(set(all_variants())) == len(all_variants()) and not set(all_variants()) & {*MODES, CONTRACT, "all"}
    assert all(re.match(r"^[a-z0-9.-]+$", variant) for variant in all_variants())


def test_the_smoke_tier_checks_every_variant() -> None:
    """No variant is declared without a check in the smoke tier."""
    smoke_variants = {
        check.variant
        for case in cases_of_tier("smoke")
        for suite in suites()
        if suites()[suite].variants_of
        for check in select_checks(suite, case, "numpy_layer", (), [CONTRACT, HYPOTHESIS])
    }
    assert smoke_variants == set(all_variants())


def test_one_variant_can_be_checked_alone() -> None:
    """A variant is selected by its name, and not by a mode."""
    check = Check("signature", PLAIN, "call.needed")
    assert list(select_checks("signature", PLAIN, "numpy_layer", ["eager"], ["call.needed"])) == [check]
    assert list(select_checks("signature", PLAIN, "numpy_layer", ["eager"], [])) == []


@for_each("variant", ARGUMENT_FORMS)
def test_the_meaning_of_an_argument_form_is_an_accepted_case(variant: str) -> None:
    """Each form has a value, and each documented form has a meaning."""
    form = ARGUMENT_FORMS[variant]
    assert form.given is not NotImplemented
    assert form.meaning is not None or not form.documented
    if form.meaning is not None:
        assert isinstance(expected_result(replace(form.base, **form.meaning)), Accepts)


def test_the_cases_of_the_contract_suites_are_accepted() -> None:
    """The rules accept them also with the contract of Keras 2."""
    assert all(isinstance(expected_result(case, frozenset({"R9"})), Accepts) for case in CASES)


def test_a_refusal_of_an_empty_batch_must_name_the_emptiness() -> None:
    """Another message is an unclear rejection; refusing a case that is not empty is a wrong rejection."""

    class Refusing(NumpyLayer):
        words = "could not create a primitive"

        def build(self, layer: object, case: Case, weights: object) -> None:
            from fixtures.numpy_layer.arguments import NumpyLayerError

            raise NumpyLayerError(self.words)

    case = next(case for case in empty.empty_cases() if case.batch == 0)
    numpy_layer = Refusing(HEALTHY)
    assert run_check(Check("empty", case, "eager"), numpy_layer, "CPU:0").verdict == "unclear-rejection"
    Refusing.words = "the batch is empty"
    assert run_check(Check("empty", case, "eager"), numpy_layer, "CPU:0").verdict == "agree"
    assert (
        run_check(Check("empty", replace(case, size=(1, 1), batch=1), "eager"), numpy_layer, "CPU:0").verdict
        == "wrongly-rejected"
    )


def test_stored_models_of_every_case_and_format_are_loaded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file whose weights were changed gives a mismatch."""
    numpy_layer = NumpyLayer(HEALTHY)
    assert artefacts.store_artefacts(numpy_layer, tmp_path / "twin1", "twin1") == []
    monkeypatch.setenv(artefacts.VARIABLE, str(tmp_path))
    assert [artefact.writer for artefact in artefacts.artefacts_of_this_run()] == ["twin1"] * len(
        artefacts.artefacts_of_this_run()
    )
    for case in CASES:
        for one in select_checks(MIGRATION, case, "numpy_layer", (), [CONTRACT]):
            assert run_check(one, numpy_layer, "CPU:0").verdict == "agree", one.variant
    (stored,) = [one for one in artefacts.artefacts_of_this_run() if one.case == PLAIN.id and one.format == "h5-file"]
    with np.load(stored.path) as archive:
        changed = {name: -archive[name] if archive[name].dtype.kind == "f" else archive[name] for name in archive.files}
    with open(stored.path, "wb") as file:
        np.savez(file, **changed)
    verdict = run_check(Check(MIGRATION, PLAIN, stored.variant), numpy_layer, "CPU:0")
    assert (verdict.verdict, verdict.property) == ("mismatch", "round-trip")


def test_a_folder_without_stored_models_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The message has the command that stores some."""
    monkeypatch.setenv(artefacts.VARIABLE, "")
    with pytest.raises(BadOption, match="fixtures store"):
        check_options({"subject": "numpy_layer", "artefacts": str(tmp_path)})


ENTRY = Deviation("sample", ["keras3"], "True", "mismatch", "inferred-shape", {"keras": ">=3"}, CAUSE)


def test_a_known_deviation_covers_the_contract_only_if_it_names_the_suite() -> None:
    """An entry without a suite covers computing suites only; its ``seen`` facts must be those of the row."""
    assert not ENTRY.covers(Check("shapes", PLAIN, "compute-output-shape"))
    named = replace(ENTRY, suite=["shapes"], seen={"type": "list"})
    assert named.covers(Check("shapes", PLAIN, "compute-output-shape")) and not named.covers(
        Check("forward", PLAIN, "eager")
    )
    row = {"verdict": "mismatch", "property": "inferred-shape", "observed": {"type": "list"}, "diagnosis": None}
    assert named.expects(row) and not named.expects({**row, "observed": {"shape": [1]}})


def test_an_error_in_numpy_that_the_suite_caused_is_a_suite_bug() -> None:
    """An exception that the suite's own call raises in NumPy is not an answer of the subject."""

    class Careless(NumpyLayer):
        def raised_by_suite(self, error: BaseException) -> bool:
            return Subject.raised_by_suite(self, error)

    class Mistaken(NumpyTools):
        def make(self, kind: str, arguments: Any) -> Any:
            return np.zeros(3).reshape(5)  # the mistake

    numpy_layer = Careless(HEALTHY)
    numpy_layer.tools = Mistaken(numpy_layer.keras)
    assert run_check(Check("promises", PLAIN, "weights.shapes"), numpy_layer, "CPU:0").verdict == "suite-bug"


def test_stored_models_with_a_duplicate_writer_or_a_missing_file_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The message says what to do."""
    for folder in ("a", "b"):
        artefacts.store_artefacts(NumpyLayer(HEALTHY), tmp_path / folder / "here", "here")
    with pytest.raises(artefacts.ArtefactError, match="--as another name"):
        list(artefacts.find_artefacts([str(tmp_path / "a"), str(tmp_path / "b")]))
    next((tmp_path / "a" / "here").glob("*.h5")).unlink()
    with pytest.raises(artefacts.ArtefactError, match="not there"):
        list(artefacts.find_artefacts([str(tmp_path / "a")]))


def test_the_option_variant_takes_a_suite_or_the_first_word_of_a_name() -> None:
    """``formula`` selects all variants of the suite, ``strides`` all forms of that argument."""
    assert check_options({"variant": "formula"}).variants == variants_by_suite()["formula"]
    assert set(check_options({"variant": "strides"}).variants) == {
        variant for variant in ARGUMENT_FORMS if variant.startswith("strides.")
    }
