"""The check of drawn examples; the suite that the variant names judges each of them."""

from __future__ import annotations

from fixtures.cases.drawn_checks import check_of_example
from fixtures.check import Check
from fixtures.compare.evidence import NoAnswer, NoFacts
from fixtures.compare.verdict import Verdict
from fixtures.frameworks.adapter import Subject
from fixtures.run.check_run import run_check
from fixtures.suite_registry import is_checked, suites


def run(check: Check, subject: Subject, device: str) -> Verdict:
    """Return the verdict on one example of the suite that the variant names."""
    of = check_of_example(check, subject.modes[0])
    if not is_checked(of, subject.name):
        reason = "%s does not check this case in %s" % (of.suite, of.variant)
        return Verdict("not-run", suites()[of.suite].property, NoFacts(), NoAnswer(reason))
    return run_check(of, subject, device)


def snippet(check: Check, subject: Subject) -> str:
    """Return the snippet of the suite that the variant names."""
    of = check_of_example(check, subject.modes[0])
    return suites()[of.suite].snippet(of, subject)
