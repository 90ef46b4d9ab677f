"""The check that NaN, infinities, the greatest and the least numbers reach exactly the cells of the index map."""

from __future__ import annotations

from dataclasses import replace
from typing import Iterator

from fixtures.check import Check
from fixtures.compare.verdict import Verdict
from fixtures.frameworks.adapter import Subject
from fixtures.frameworks.layer_calls import LayerInMode
from fixtures.run.check_run import compare_with_references, first_mismatch_or_last, is_plain_mode
from suites.special.data import flush_least_number, yield_comparisons


def run(check: Check, subject: Subject, device: str) -> Verdict:
    """Compare which cells the special values reach, in the output and in the derivatives."""
    plain = is_plain_mode(check.variant, subject)
    probe = LayerInMode(subject, check.case, check.variant, device)

    def compare_all() -> Iterator[Verdict]:
        for one in yield_comparisons(check.case, plain and subject.derivatives > 0):
            fed = replace(check.case, batch=len(one.data.x))
            yield compare_with_references(
                probe, one.what, fed, one.data, one.references, "locality", simplify=flush_least_number
            )

    return first_mismatch_or_last(compare_all())
