"""The check of shape, dtype, placement and values of the output."""

from __future__ import annotations

from dataclasses import replace
from typing import Iterator

from fixtures.case import Case
from fixtures.cases.data_sets import Data, make_dense_integers, make_random_reals, yield_data_sets
from fixtures.check import Check
from fixtures.compare.verdict import Verdict
from fixtures.frameworks.adapter import Subject
from fixtures.frameworks.layer_calls import LayerInMode
from fixtures.run.check_run import ask_and_compare, first_mismatch_or_last, is_plain_mode


def run(check: Check, subject: Subject, device: str) -> Verdict:
    """Compare shape, dtype, placement and values with the reference, for each data set until one fails."""
    probe = LayerInMode(subject, check.case, check.variant, device)
    inputs = _yield_cases_and_inputs(check.case, check.variant, is_plain_mode(check.variant, subject))
    return first_mismatch_or_last(ask_and_compare(probe, "output", fed, data) for fed, data in inputs)


def _yield_cases_and_inputs(case: Case, mode: str, plain: bool) -> Iterator[tuple[Case, Data]]:
    """Yield the data to feed, and the case with the batch and the size of that data.

    In the plain mode these are all data sets. The other modes get the data sets of the case's own size. The mode
    ``dynamic``, which compiles for any shape, also gets a second size.
    """
    if plain:
        for data in yield_data_sets(case):
            yield replace(case, batch=len(data.x)), data  # the index proof has a batch of its own
        return
    yield case, make_dense_integers(case)
    if mode == "dynamic":
        other = replace(case, batch=case.batch + 1, size=tuple(n + 1 for n in case.size))
        yield other, make_dense_integers(other)
    yield case, make_random_reals(case)
