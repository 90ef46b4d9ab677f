"""The check of relations between answers, where the reference would take too much time or memory."""

from __future__ import annotations

from fixtures.check import Check
from fixtures.compare.verdict import Verdict
from fixtures.frameworks.adapter import Subject
from fixtures.frameworks.layer_calls import LayerInMode
from fixtures.run.check_run import first_mismatch_or_last
from suites.large.relations import judge_relations


def run(check: Check, subject: Subject, device: str) -> Verdict:
    """Check every relation, the last of them on a second layer."""

    def probe() -> LayerInMode:
        return LayerInMode(subject, check.case, check.variant, device)

    return first_mismatch_or_last(judge_relations(probe(), probe))
