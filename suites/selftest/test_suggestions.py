"""What a run says in its last line of its new causes: the predicate of the cases, and where it stops to look."""

from __future__ import annotations

from typing import Any

import pytest

from fixtures.cases.tiers import cases_of_tier
from fixtures.check import Check
from fixtures.frameworks.adapter import Setting, load_subject
from fixtures.registry import is_checked
from fixtures.run import suggestions
from fixtures.run.pipeline import run_check

RUN = {
    "subject": "numpy_layer",
    "backend": "numpy",
    "device": "CPU:0",
    "switches": {},
    "planned": 1,
    "faults": {},
    "options": {},
}


def rows(subject: str) -> list[dict[str, Any]]:
    """What the NumPy layer says in smoke, called plainly."""
    numpy_layer = load_subject(subject, Setting())
    answers = []
    for case in cases_of_tier("smoke"):
        if is_checked(Check("forward", case, "eager"), "numpy_layer") and max(case.size) < 20:
            verdict = run_check(Check("forward", case, "eager"), numpy_layer, "CPU:0").to_row()
            answers.append(
                {"case": case.id, "suite": "forward", "variant": "eager", "known_deviation": None, **verdict}
            )
    return answers


def test_the_cases_of_a_new_cause_are_reported() -> None:
    """By a predicate that no passing check fulfils, with one of the checks; of a known cause nothing."""
    answers = rows("numpy_layer:output-padding-ignored")
    (found,) = suggestions.find_regions_of_new_causes(RUN, answers)
    failing = [row for row in answers if row["verdict"] != "agree"]
    assert found["exact"] and found["rows"] == len(failing) and "output_padding" in found["when"]
    assert found["example"] in [[row["case"], row["suite"], row["variant"]] for row in failing]
    assert found["proof"]["reason"] == "no further cases were checked" and not found["proof"]["proved"]
    assert suggestions.find_regions_of_new_causes(RUN, [{**row, "known_deviation": "known"} for row in answers]) == []
    assert suggestions.find_regions_of_new_causes(RUN, rows("numpy_layer")) == []


def test_it_does_not_take_long(monkeypatch: pytest.MonkeyPatch) -> None:
    """A run of very many checks, and one whose time is over, say nothing; the command does it then."""
    answers = rows("numpy_layer:output-padding-ignored")
    monkeypatch.setattr(suggestions, "SECONDS", -1.0)
    assert suggestions.find_regions_of_new_causes(RUN, answers) == []
    monkeypatch.setattr(suggestions, "SECONDS", 20.0)
    monkeypatch.setattr(suggestions, "MOST", len(answers) - 1)
    assert suggestions.find_regions_of_new_causes(RUN, answers) == []
