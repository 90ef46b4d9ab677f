"""The check of drawn examples; the suite that the variant names judges each of them."""

from __future__ import annotations

from fixtures.case import Case
from fixtures.cases.drawn_checks import underlying
from fixtures.compare.verdict import Verdict
from fixtures.frameworks.adapter import Subject
from fixtures.registry import is_checked, suites
from fixtures.run.pipeline import run_check


def check(case: Case, variant: str, subject: Subject, device: str) -> Verdict:
    """Return the verdict on one example of the suite that the variant names."""
    suite, mode = underlying(variant, subject.modes[0])
    if not is_checked(suite, case, subject.name, mode):
        reason = "%s asks %s no such thing" % (suite, mode)
        return Verdict("not-run", suites()[suite].property, {}, {"reason": reason})
    return run_check(suite, case, mode, subject, device)


def snippet(case: Case, variant: str, subject: Subject) -> str:
    """Return the snippet of the suite that the variant names."""
    suite, mode = underlying(variant, subject.modes[0])
    return suites()[suite].snippet(case, mode, subject)
