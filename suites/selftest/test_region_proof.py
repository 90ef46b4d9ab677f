"""Tests of proofs of regions: further cases refute a wrong region, and the search then finds the right one."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any, Callable, Sequence

import numpy as np
import pytest

from fixtures.__main__ import main
from fixtures.case import Case
from fixtures.cases.tiers import cases_of_tier
from fixtures.check import Check
from fixtures.deviations import Deviation, evaluate_when
from fixtures.deviations.suggest import failure_groups, region_proof
from fixtures.deviations.suggest.counterexamples import find_checks_inside, find_checks_outside
from fixtures.deviations.suggest.failure_groups import FURTHER, Pool, find_group_again, group_failing_rows
from fixtures.deviations.suggest.messages import find_parameters_named_by_all, words_to_group_refusals_by
from fixtures.deviations.suggest.region_proof import CheckImpossible, ConfirmedGroup, prove_regions
from fixtures.deviations.suggest.regions_of_group import find_regions_of_group
from fixtures.frameworks.adapter import Setting, load_subject
from fixtures.run import pipeline
from fixtures.run.further_checks import FurtherChecks
from fixtures.run.pipeline import run_check
from fixtures.suite_registry import is_checked
from reports.ledger import cause, tally
from suites.selftest.sample_cause import CAUSE, RUN, evaluations_of_subject

COMPUTED = [
    case
    for case in cases_of_tier("standard")
    if is_checked(Check("forward", case, "eager"), "numpy_layer") and case.rank == 2
][::4]
DILATED = "data_format == 'channels_last' and dtype == 'float16' and max(dilation_rate) > 1"


@pytest.fixture(autouse=True)
def _evaluate_each_atom_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the searches of this module share the values of atoms."""
    monkeypatch.setattr(failure_groups, "AtomEvaluations", evaluations_of_subject)


def holds(when: str, case: Case) -> bool:
    """Return whether a predicate holds for a case."""
    return bool(evaluate_when(when, Check("forward", case, "eager"), "numpy_layer"))


def toy(when: str, message: str = "no") -> Callable[[Check], dict[str, Any]]:
    """Return a stand-in for a layer: it refuses the cases of a predicate and computes all others."""

    def ask(check: Check) -> dict[str, Any]:
        row: dict[str, Any] = {"kind": "verdict", "case": check.case.id, "suite": check.suite}
        row.update(variant=check.variant, diagnosis=None, known_deviation=None)
        if holds(when, check.case):
            observed = {"stage": "call", "error": "E", "message": message}
            return {**row, "verdict": "wrongly-rejected", "property": "rejection", "observed": observed}
        return {**row, "verdict": "agree", "property": "values", "observed": {}}

    return ask


def pool_of(ask: Callable[[Check], dict[str, Any]], among: Sequence[Case]) -> Pool:
    """Return the pool of rows that a stand-in layer gives on these cases."""
    return Pool(RUN, [ask(Check("forward", case, "eager")) for case in among])


def differences(proved: ConfirmedGroup, when: str) -> list[str]:
    """Return the ids of the cases for which the region that was found and the true predicate differ."""
    found = proved.regions[0].when
    return [case.id for case in COMPUTED if holds(found, case) != holds(when, case)]


def test_a_region_that_was_never_checked_inside_is_corrected() -> None:
    """If only dilated or strided cases were checked, strides of 1 look like the cause; further cases find dilation."""
    ask = toy(DILATED)
    checked_cases = [case for case in COMPUTED if max(case.strides) > 1 or max(case.dilation_rate) > 1]
    (group,) = group_failing_rows(pool_of(ask, checked_cases))
    before = find_regions_of_group(group)[0].when
    assert "max(strides) == 1" in before and "dilation" not in before
    proved = prove_regions(group, ask)
    assert proved.regions[0].when == DILATED and differences(proved, DILATED) == []
    inside, outside = proved.proof.inside, proved.proof.outside
    assert (
        proved.proof.proved and inside.checks == inside.failing >= 12 and outside.checks >= 12 and not outside.failing
    )
    further = [row for row in group.pool.rows if row["kind"] == FURTHER]
    assert len(further) == inside.checks + outside.checks
    checks = {(row["case"], row["suite"], row["variant"]) for row in group.pool.rows}
    assert len(checks) == len(group.pool.rows), "a check was run twice"


def test_failing_cases_outside_a_region_widen_it() -> None:
    """If dilation was checked with float16 only, the dtype looks like the cause; further cases find dilation."""
    when = "max(dilation_rate) > 1"
    ask = toy(when)
    (group,) = group_failing_rows(
        pool_of(ask, [c for c in COMPUTED if (c.dtype == "float16") == (max(c.dilation_rate) > 1)])
    )
    assert find_regions_of_group(group)[0].when == "dtype == 'float16'"
    proved = prove_regions(group, ask)
    assert proved.proof.proved and differences(proved, when) == []


@pytest.mark.parametrize(
    ("when", "step"),
    [
        ("data_format == 'channels_first' and compute_dtype == 'float16'", 25),
        ("data_format == 'channels_first' and compute_dtype == 'float16'", 10),
        ("use_bias and padding == 'same' and max(strides) > 1", 25),
        ("activation == 'relu' and kernel_size[-1] == 1", 1),
        (DILATED, 10),
    ],
)
def test_further_cases_find_the_true_predicate_from_few_checks(when: str, step: int) -> None:
    """The search on these few cases alone gives a wrong predicate."""
    ask = toy(when)
    (group,) = group_failing_rows(pool_of(ask, COMPUTED[::step]))
    before = find_regions_of_group(group)[0].when
    assert before.split(" and ") != when.split(" and ")
    proved = prove_regions(group, ask)
    assert proved.proof.proved, proved.proof.to_text()
    assert differences(proved, when) == [], proved.regions[0].when


def test_further_cases_differ_from_those_that_were_checked() -> None:
    """Cases inside a region vary in every parameter, those outside are not covered, and the choice is the same each
    time.
    """
    ask = toy(DILATED)
    checked_cases = [case for case in COMPUTED if max(case.strides) > 1 or max(case.dilation_rate) > 1]
    (group,) = group_failing_rows(pool_of(ask, checked_cases))
    (region, *_) = find_regions_of_group(group)
    inside, outside = find_checks_inside(group, region), find_checks_outside(group, region)
    assert (inside, outside) == (find_checks_inside(group, region), find_checks_outside(group, region))
    assert len(inside) == len(outside) == 12 and not set(inside) & set(outside)
    assert all(holds(region.when, one.case) for one in inside)
    assert not any(holds(region.when, one.case) for one in outside)
    assert any(max(one.case.dilation_rate) == 1 for one in inside), "what all failing cases share is not left out"
    known = {row["case"] for row in group.pool.rows}
    assert not known & {one.case.id for one in (*inside, *outside)}
    for name in ("batch", "channels", "filters", "padding", "use_bias", "activation", "kernel_size", "size"):
        values = {getattr(row.case, name) for row in inside}
        assert len(values) > 1, "no case inside has another %s" % name


@pytest.mark.parametrize("fault", ["output-padding-ignored", "shifted-for-kernel-3-stride-2", "bias-missing"])
def test_the_region_of_a_fault_also_holds_for_cases_that_were_not_checked(
    fault: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The region comes from a third of the smoke tier; the NumPy layer with the fault fails on exactly its cases."""
    monkeypatch.setattr(pipeline, "explain_mismatch", lambda wrong, *_: replace(wrong.verdict, diagnosis=fault))
    numpy_layer = load_subject("numpy_layer:" + fault, Setting())

    def ask(check: Check) -> dict[str, Any]:
        verdict = run_check(check, numpy_layer, "CPU:0").to_row()
        facts = {"kind": "verdict", **check.to_row()}
        return {**facts, **verdict, "known_deviation": None}

    smoke = [
        case
        for case in cases_of_tier("smoke")
        if is_checked(Check("forward", case, "eager"), "numpy_layer") and max(case.size) < 20
    ][::3]
    (group,) = group_failing_rows(
        Pool({**RUN, "subject": "numpy_layer:" + fault}, [ask(Check("forward", c, "eager")) for c in smoke])
    )
    proved = prove_regions(group, ask)
    assert proved.proof.proved, proved.proof.to_text()
    for case in COMPUTED[::8]:
        fails = ask(Check("forward", case, "eager"))["verdict"] != "agree"
        assert holds(proved.regions[0].when, case) == fails, case.id


def test_an_unproved_region_has_a_reason() -> None:
    """There may be no subject, no answer, passing cases inside, no further case inside, or a check of the contract."""
    ask = toy(DILATED)

    def group_of(**changes: Any) -> Any:
        rows = [{**ask(Check("forward", case, "eager")), **changes} for case in COMPUTED if holds(DILATED, case)]
        passing = [ask(Check("forward", case, "eager")) for case in COMPUTED if not holds(DILATED, case)]
        return group_failing_rows(Pool(RUN, [*rows, *passing[:40]]))[0]

    def refuse(check: Check) -> dict[str, Any]:
        raise CheckImpossible("it is late")

    def elsewhere(check: Check) -> dict[str, Any]:
        return {**ask(check), "verdict": "hanged", "property": "values", "observed": {}}

    assert prove_regions(group_of(), None).proof.reason == "no further cases were checked"
    assert prove_regions(group_of(), refuse).proof.to_text() == "not proved (it is late)"
    assert "time limit" in prove_regions(group_of(verdict="hanged"), ask).proof.reason
    assert "no further case inside" in prove_regions(group_of(), elsewhere).proof.reason
    varies = group_of()
    varies.pool.rows += [{**row, "verdict": "agree"} for row in varies.rows[:1]]
    assert prove_regions(find_group_again(varies), ask).proof.reason == "it covers cases that pass"
    contract = {
        "suite": "promises",
        "variant": "losses",
        "verdict": "mismatch",
        "property": "signature",
        "observed": {},
    }
    assert "contract" in prove_regions(group_of(**contract), ask).proof.reason


def test_a_refuted_region_is_replaced_although_the_time_ran_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """The reported region is not the refuted one, and its proof says that the time ran out."""
    ask = toy(DILATED)
    checked_cases = [case for case in COMPUTED if max(case.strides) > 1 or max(case.dilation_rate) > 1]
    (group,) = group_failing_rows(pool_of(ask, checked_cases))
    before, left = find_regions_of_group(group)[0].when, [12]

    def limited(check: Check) -> dict[str, Any]:
        left[0] -= 1
        if left[0] < 0:
            raise CheckImpossible("it is late")
        return ask(check)

    proved = prove_regions(group, limited)
    assert proved.regions[0].when != before and proved.proof.reason == "it is late"
    monkeypatch.setattr(region_proof, "ROUNDS", 1)
    (group,) = group_failing_rows(pool_of(ask, checked_cases))
    assert prove_regions(group, ask).proof.reason == "refuted 1 times"


def test_the_search_prefers_parameters_that_the_error_message_names() -> None:
    """Among predicates of the same size, one on a named parameter is chosen; messages are worded as frameworks word
    them.
    """
    checked_cases = [case for case in COMPUTED if max(case.strides) > 1 or max(case.dilation_rate) > 1]
    words = "Current CPU implementations do not yet support dilation rates larger than 1."
    for message, name in ((words, "dilation_rate"), ("strides of 1 are not supported", "strides"), ("", "strides")):
        (group,) = group_failing_rows(pool_of(toy(DILATED, message), checked_cases))
        assert name in find_regions_of_group(group)[0].when, message
    assert find_parameters_named_by_all([words, words + " padding"]) == {"dilation_rate"}
    assert find_parameters_named_by_all(["Conv2DCustomBackpropInputOp only supports NHWC."]) == {"data_format"}
    assert find_parameters_named_by_all(["output_padding is too large", "output padding"]) == {"output_padding"}
    assert (
        find_parameters_named_by_all(["no OpKernel was registered"]) == find_parameters_named_by_all([]) == frozenset()
    )


def test_refusals_with_the_same_words_are_one_group() -> None:
    """A forward call and a gradient in a graph are in one group, though stage, mode and operation differ."""
    ask = toy(DILATED)
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


def test_suggest_asks_the_subject_of_the_ledger_for_further_cases(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The subject runs in its own process; with other versions, or without ``--ask``, the region is not proved."""
    fault, run = "numpy_layer:bias-missing", {**RUN, "kind": "run", "schema": 2, "subject": "numpy_layer:bias-missing"}
    numpy_layer = load_subject(fault, Setting())
    rows = []
    for case in [
        case
        for case in cases_of_tier("smoke")
        if is_checked(Check("forward", case, "eager"), "numpy_layer") and max(case.size) < 9
    ][::9]:
        facts = {"kind": "verdict", "case": case.id, "suite": "forward", "variant": "eager", "known_deviation": None}
        rows.append({**facts, **run_check(Check("forward", case, "eager"), numpy_layer, "CPU:0").to_row()})
    path = tmp_path / "a.jsonl"
    for release, flags, sentence in (
        (
            np.__version__,
            ["--ask"],
            "Region proved, checked inside: 12, failing: 12; checked just outside: 12, failing: 0",
        ),
        (np.__version__, [], "Region not proved (no further cases were checked)\n"),
        (np.__version__, ["--ask", "--seconds", "0"], "Region not proved (the time for further cases is over)\n"),
        ("1.0", ["--ask"], "numpy %s here and 1.0 in the ledger" % np.__version__),
    ):
        head = {**run, "numpy": release, "planned": len(rows)}
        lines = [head, *rows, {"kind": "end", "counts": tally(rows), "planned": len(rows)}]
        path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
        assert main(["suggest", *flags, str(path)]) == 0
        output = capsys.readouterr()
        assert sentence in output.out and 'when = "use_bias"' in output.out
        assert (
            "1 of 1 groups have an exact region, %d of them proved" % sentence.startswith("Region proved") in output.err
        )


def test_a_further_check_names_the_known_deviation_that_covers_it() -> None:
    """A check that a known deviation covers neither proves nor refutes a region."""
    entry = Deviation("x", ["numpy_layer"], "use_bias", "mismatch", "values", {"numpy": ">=1"}, CAUSE)
    case = next(case for case in COMPUTED if case.use_bias)
    with FurtherChecks({**RUN, "subject": "numpy_layer:bias-missing", "numpy": np.__version__}, [entry], 60) as ask:
        assert ask(Check("forward", case, "eager"))["known_deviation"] == "x"
