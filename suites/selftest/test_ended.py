"""What a run says in its last line of its new causes: the predicate of the cases, and where it stops to look."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import pytest

from fixtures.regions import ended
from fixtures.registry import belongs, hear
from fixtures.space import cases
from fixtures.subjects.base import Setting, load

RUN = {
    "subject": "twin",
    "backend": "numpy",
    "device": "CPU:0",
    "switches": {},
    "planned": 1,
    "faults": {},
    "asked": {},
}


def rows(subject: str) -> list[dict[str, Any]]:
    """What the double says in smoke, called plainly."""
    double = load(subject, Setting())
    told = []
    for case in cases("smoke"):
        if belongs("forward", case, "twin") and max(case.size) < 20:
            verdict = asdict(hear("forward", case, "eager", double, "CPU:0"))
            told.append({"case": case.id, "suite": "forward", "mode": "eager", "excused": None, **verdict})
    return told


def test_the_cases_of_a_new_cause_are_told() -> None:
    """By a predicate that no passing question fulfils, with one of the questions; of a known cause nothing."""
    answers = rows("twin:output-padding-ignored")
    (found,) = ended.regions_of(RUN, answers)
    failing = [row for row in answers if row["verdict"] != "agree"]
    assert found["exact"] and found["rows"] == len(failing) and "output_padding" in found["when"]
    assert found["example"] in [[row["case"], row["suite"], row["mode"]] for row in failing]
    assert found["proof"]["reason"] == "no further cases were asked" and not found["proof"]["proved"]
    assert ended.regions_of(RUN, [{**row, "excused": "known"} for row in answers]) == []
    assert ended.regions_of(RUN, rows("twin")) == []


def test_it_does_not_take_long(monkeypatch: pytest.MonkeyPatch) -> None:
    """A run of very many questions, and one whose time is over, say nothing; the command is asked then."""
    answers = rows("twin:output-padding-ignored")
    monkeypatch.setattr(ended, "SECONDS", -1.0)
    assert ended.regions_of(RUN, answers) == []
    monkeypatch.setattr(ended, "SECONDS", 20.0)
    monkeypatch.setattr(ended, "MOST", len(answers) - 1)
    assert ended.regions_of(RUN, answers) == []
