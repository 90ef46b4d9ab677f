"""The check of how a case is refused that must be refused."""

from __future__ import annotations

from fixtures.cases.data_sets import make_ones
from fixtures.check import Check
from fixtures.compare.verdict import Verdict, judge_refusal
from fixtures.frameworks.adapter import Subject
from fixtures.frameworks.families import restrictions_of_subject
from fixtures.frameworks.layer_calls import observe_new_layer
from fixtures.oracle.expectation import Rejects, expected_result


def run(check: Check, subject: Subject, device: str) -> Verdict:
    """Check that the case is refused in time, with the right class of error and the argument's name."""
    case, variant = check.case, check.variant
    expected = expected_result(case, restrictions_of_subject(subject.name))
    if not isinstance(expected, Rejects):
        raise ValueError("the rejection suite was given %s, which is to be computed" % case.id)
    return judge_refusal(expected, observe_new_layer(subject, case, make_ones(case), variant, device), subject.early)
