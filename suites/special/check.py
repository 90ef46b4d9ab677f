"""The check that NaN, infinities, the greatest and the least numbers reach exactly the cells of the index map."""

from __future__ import annotations

from dataclasses import replace
from typing import Iterator

from fixtures.case import Case
from fixtures.compare.verdict import Verdict
from fixtures.frameworks.adapter import Subject
from fixtures.frameworks.probe import Probe
from fixtures.run.pipeline import ask_for, first_mismatch, is_plain
from suites.special.data import checks, flushed


def check(case: Case, mode: str, subject: Subject, device: str) -> Verdict:
    """Compare which cells the special values reach, in the output and in the derivatives."""
    probe = Probe(subject, case, mode, device)

    def asked() -> Iterator[Verdict]:
        for check in checks(case, is_plain(mode, subject) and subject.derivatives > 0):
            fed = replace(case, batch=len(check.data.x))
            yield ask_for(probe, check.what, fed, check.data, check.wanted, "locality", simplify=flushed)

    return first_mismatch(asked())
