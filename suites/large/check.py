"""The check of relations between answers, where the reference would take too much time or memory."""

from __future__ import annotations

from fixtures.case import Case
from fixtures.compare.verdict import Verdict
from fixtures.frameworks.adapter import Subject
from fixtures.frameworks.probe import Probe
from fixtures.run.pipeline import first_mismatch
from suites.large.relations import relations


def check(case: Case, mode: str, subject: Subject, device: str) -> Verdict:
    """Check every relation, the last of them on a second layer."""
    return first_mismatch(relations(Probe(subject, case, mode, device), lambda: Probe(subject, case, mode, device)))
