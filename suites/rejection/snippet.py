"""The snippets of the suite ``rejection``."""

from __future__ import annotations

from fixtures.cases.data_sets import make_ones
from fixtures.check import Check
from fixtures.frameworks.adapter import Subject
from fixtures.frameworks.families import restrictions_of_subject
from fixtures.oracle.expectation import Rejects, expected_result
from fixtures.snippets.computed_results import call_code
from fixtures.snippets.shared_parts import (
    ACCEPTED,
    CLEAR,
    FUTURE,
    attempt_code,
    build_layer_code,
    data_recipe_code,
    set_weights_code,
    unclear_refusal_code,
)


def snippet(check: Check, subject: Subject) -> str:
    """Return code that shows how a case is refused that must be refused."""
    case, variant = check.case, check.variant
    expectation = expected_result(case, restrictions_of_subject(subject.name))
    assert isinstance(expectation, Rejects)
    rule = expectation.rules[0]
    because = "# It must be refused by the constructor or by build, since %s (%s).\n" % (rule.sentence, rule.id)
    act = [
        build_layer_code(subject, case),
        set_weights_code(case),
        "stage = 'call'",
        call_code(case, subject, variant, "output"),
    ]
    words = [name for rule in expectation.rules for name in rule.arguments]
    setup = "%s\n\n%s" % (CLEAR, because + data_recipe_code(case, make_ones(case)))
    return attempt_code(subject, setup, "\n".join(act), ACCEPTED, unclear_refusal_code(words, subject.early), FUTURE)
