"""The check that NaN, infinities, the greatest and the least numbers reach exactly the cells of the index map."""

from __future__ import annotations

from dataclasses import replace
from typing import Iterator

from fixtures.check import Check
from fixtures.compare.verdict import Verdict
from fixtures.frameworks.adapter import Subject
from fixtures.frameworks.probe import Probe
from fixtures.run.pipeline import ask_for, first_mismatch, is_plain
from suites.special.data import comparisons, flushed


def run(check: Check, subject: Subject, device: str) -> Verdict:
    """Compare which cells the special values reach, in the output and in the derivatives."""
    plain = is_plain(check.variant, subject)
    probe = Probe(subject, check.case, check.variant, device)

    def compare_all() -> Iterator[Verdict]:
        for one in comparisons(check.case, plain and subject.derivatives > 0):
            fed = replace(check.case, batch=len(one.data.x))
            yield ask_for(probe, one.what, fed, one.data, one.references, "locality", simplify=flushed)

    return first_mismatch(compare_all())
