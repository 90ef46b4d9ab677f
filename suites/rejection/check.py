"""The check of how a case is refused that must be refused."""

from __future__ import annotations

from fixtures.case import Case
from fixtures.cases.data_sets import simplest
from fixtures.compare.verdict import Verdict, judge_refusal
from fixtures.frameworks.adapter import Subject, contract_of
from fixtures.frameworks.probe import observe
from fixtures.oracle.expectation import Rejects, expect


def check(case: Case, mode: str, subject: Subject, device: str) -> Verdict:
    """Check that the case is refused in time, with the right class of error and the argument's name."""
    expected = expect(case, contract_of(subject.name))
    if not isinstance(expected, Rejects):
        raise ValueError("the rejection suite was asked about %s, which is to be computed" % case.id)
    return judge_refusal(expected, observe(subject, case, simplest(case), mode, device), subject.early)
