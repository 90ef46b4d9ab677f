"""The check of first and second derivatives, and of the weights after a training step."""

from __future__ import annotations

from dataclasses import replace
from typing import Iterator

from fixtures.cases.data_sets import Data, make_dense_integers, make_random_reals
from fixtures.check import Check
from fixtures.compare.verdict import Verdict
from fixtures.frameworks.adapter import Subject
from fixtures.frameworks.layer_calls import LayerInMode
from fixtures.run.check_run import ask_and_compare, first_mismatch_or_last, is_plain_mode


def run(check: Check, subject: Subject, device: str) -> Verdict:
    """Compare the derivatives, or in mode ``train`` the weights after a step, with the reference.

    In the subject's first mode, also compare the derivatives of real data, and second derivatives.
    """
    probe = LayerInMode(subject, check.case, check.variant, device)
    what = "step" if check.variant == "train" else "gradients"
    data = make_dense_integers(check.case, "gradients")

    def compare_all() -> Iterator[Verdict]:
        yield ask_and_compare(probe, what, check.case, data, "gradient")
        # The same layer is called again with other weights: nothing may remain from the first call.
        yield ask_and_compare(probe, what, check.case, _negate_outputs(data), "gradient", data)
        if is_plain_mode(check.variant, subject):
            yield ask_and_compare(
                probe, "gradients", check.case, make_random_reals(check.case, "gradients"), "gradient"
            )
            if subject.derivatives > 1:
                yield ask_and_compare(probe, "second-order", check.case, data, "gradient")

    return first_mismatch_or_last(compare_all())


def _negate_outputs(data: Data) -> Data:
    """Return data with the same absolute sums and the opposite sign of every y, so that relu passes what it stopped."""
    assert data.g is not None
    bias = None if data.bias is None else -data.bias
    recipe = data.recipe + "\nx, kernel, g = x[::-1], -kernel, -g[::-1]"
    recipe += "" if bias is None else "\nbias = -bias"
    return replace(data, x=data.x[::-1], kernel=-data.kernel, bias=bias, g=-data.g[::-1], recipe=recipe)
