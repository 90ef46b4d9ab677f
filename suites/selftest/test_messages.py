"""Tests of what error messages tell the search for regions: the parameters that they name, and equal words."""

from __future__ import annotations

from typing import Any

import pytest

from fixtures.check import Check
from fixtures.deviations.suggest import failure_groups
from fixtures.deviations.suggest.failure_groups import Pool, group_failing_rows
from fixtures.deviations.suggest.messages import find_parameters_named_by_all, words_to_group_refusals_by
from fixtures.deviations.suggest.regions_of_group import find_regions_of_group
from reports.ledger import cause
from suites.selftest.sample_cause import RUN, evaluations_of_subject
from suites.selftest.toy_layer import COMPUTED, DILATED, make_pool, make_toy_layer


@pytest.fixture(autouse=True)
def _evaluate_each_atom_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the searches of this module share the values of atoms."""
    monkeypatch.setattr(failure_groups, "AtomEvaluations", evaluations_of_subject)


def test_the_search_prefers_parameters_that_the_error_message_names() -> None:
    """Among predicates of the same size, one on a named parameter is chosen; messages are worded as frameworks word
    them.
    """
    checked_cases = [case for case in COMPUTED if max(case.strides) > 1 or max(case.dilation_rate) > 1]
    words = "Current CPU implementations do not yet support dilation rates larger than 1."
    for message, name in ((words, "dilation_rate"), ("strides of 1 are not supported", "strides"), ("", "strides")):
        (group,) = group_failing_rows(make_pool(make_toy_layer(DILATED, message), checked_cases))
        assert name in find_regions_of_group(group)[0].when, message
    assert find_parameters_named_by_all([words, words + " padding"]) == {"dilation_rate"}
    assert find_parameters_named_by_all(["Conv2DCustomBackpropInputOp only supports NHWC."]) == {"data_format"}
    assert find_parameters_named_by_all(["output_padding is too large", "output padding"]) == {"output_padding"}
    assert (
        find_parameters_named_by_all(["no OpKernel was registered"]) == find_parameters_named_by_all([]) == frozenset()
    )


def test_refusals_with_the_same_words_are_one_group() -> None:
    """A forward call and a gradient in a graph are in one group, though stage, mode and operation differ."""
    ask = make_toy_layer(DILATED)
    rows: list[Any] = []
    for mode, stage, part in (
        ("eager", "call", "InputOp"),
        ("graph", "run", "FilterOp"),
        ("xla", "build", "InputOpV2"),
    ):
        message = "{{node a}} Conv2DCustomBackprop%s only supports NHWC. [Op:Conv2D] name: " % part
        for case in COMPUTED:
            row = ask(Check("forward" if mode == "eager" else "gradients", case, mode))
            observed = {"stage": stage, "error": "E", "message": message}
            rows.append({**row, "observed": observed} if row["verdict"] != "agree" else row)
    (group,) = group_failing_rows(Pool(RUN, rows))
    failing = [row for row in rows if row["verdict"] != "agree"]
    assert (
        len(group.rows) == len(failing)
        and words_to_group_refusals_by(failing[0]) == "E ConvNDBackprop only supports NHWC."
    )
    assert {cause(row) for row in failing} == {"E: Conv2DBackprop only supports NHWC."}
