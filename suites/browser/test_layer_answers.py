"""Tests that the answers of the form "Check my layer" are those of the oracle, on configurations of every kind."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Callable

import pytest
from playwright.sync_api import Browser

from fixtures.case import Case
from fixtures.explain.changes import find_changes
from fixtures.oracle.expectation import Accepts, expected_result, output_size
from suites.browser.conftest import Watch
from suites.browser.layer_page import Fault, make_layer_page
from suites.browser.layer_samples import (
    case_of_layer,
    draw_cases,
    expected_answer,
    find_kinds_of_changes,
    make_samples,
)

CONFIGURATIONS, SEED = 2400, 18
WITH_FAULT = 200  # configurations that a page with a fault in its scripts is compared on
BATCH = Path(__file__).with_name("layer_batch.js").read_text(encoding="utf-8").split("\n", 1)[1]
Answer = tuple[Case, dict[str, Any], dict[str, Any]]  # a configuration, its sample and the page's answer


def ask_page(browser: Browser, page_path: Path, count: int) -> list[Answer]:
    """Return the answers of a page to the first configurations."""
    watch, page = Watch(), browser.new_page()
    watch.listen_to(page)
    page.goto(page_path.as_uri())
    cases = draw_cases(count, SEED)
    samples = make_samples(cases, SEED)
    found = page.evaluate(BATCH, samples)
    page.close()
    assert not watch.left and not watch.broken
    assert len(found) == count
    return list(zip(cases, samples, found))


@pytest.fixture(scope="module")
def answers(browser: Browser, layer_page: Path) -> list[Answer]:
    """Return the answers of the page to all configurations."""
    return ask_page(browser, layer_page, CONFIGURATIONS)


def find_difference(answer: Answer) -> str:
    """Return the first part of an answer that is not the oracle's, or an empty text.

    Compared are the layer read from a pasted call and from the call that the page writes, the broken rules, the shape,
    and each axis with its sentences.
    """
    case, _, found = answer
    return next((part for part, expected in expected_answer(case).items() if found[part] != expected), "")


def find_wrong_change(answer: Answer) -> str:
    """Return a change that the oracle refuses, or after which the output has another size; an empty text if none is."""
    case, sample, found = answer
    for change in found["changes"]:
        changed = case_of_layer(change["layer"])
        cut = change.get("cut") or [(0, 0)] * case.rank
        size = [m - sum(pair) for m, pair in zip(output_size(changed), cut)]
        if not isinstance(expected_result(changed), Accepts) or size != sample["target"]:
            return str(change["code"])
    return ""


def find_missing_change(answer: Answer) -> str:
    """Return arguments that give the target size when every value is tried, and that no change of the page names."""
    case, sample, found = answer
    if list(output_size(case)) == sample["target"] and isinstance(expected_result(case), Accepts):
        return "there is nothing to change" if found["changes"] else ""
    kinds = {change["kind"].split()[0] for change in found["changes"]}
    return ", ".join(set(find_kinds_of_changes(case, sample["target"])) - kinds)


def find_unlisted_change(answer: Answer) -> str:
    """Return the first changed argument that ``python -m fixtures explain`` lists and the page does not, or ""."""
    case, sample, found = answer
    listed = {case_of_layer(change["layer"]) for change in found["changes"]}
    missing = (one for one in find_changes(case, sample["target"]) if one.case and one.case not in listed)
    return next((one.code for one in missing), "")


def find_wrong_predicate(answer: Answer) -> str:
    """Return a predicate of a known deviation whose value is not Python's; without the mode, it may be unknown."""
    _, sample, found = answer
    for predicate, (value, without_mode) in zip(sample["predicates"], found["predicates"]):
        if value != predicate["truth"] or without_mode not in ("unknown", predicate["truth"]):
            return str(predicate["when"])
    return ""


COMPARISONS: tuple[Callable[[Answer], str], ...] = (
    find_difference,
    find_wrong_change,
    find_missing_change,
    find_wrong_predicate,
)
FAULTS = {
    "the effective kernel forgets the dilation": Fault("#layer_shape.js", "return (k - 1) * d + 1;", "return k;"),
    "None is taken for 0": Fault(
        "#layer_shape.js", "if (o === null) return n * s + ", "if (o === null) o = 0; else return "
    ),
    "an odd rest is cut in front": Fault("#layer_shape.js", "Math.floor(Math.max(", "Math.ceil(Math.max("),
    "strides and dilation may be combined": Fault("#layer_rules.js", "Math.max(...strides) > 1 &&", "false &&"),
    "a changed layer may be one that is refused": Fault("#layer_changes.js", " && isAccepted(layer);", ";"),
    "kernels are not tried": Fault("#layer_changes.js", 'changeNumbers(layer, target, "kernel_size"),', ""),
    "not is ignored in predicates": Fault(
        "#layer_predicate.js", "([value]) => !truth(value)", "([value]) => truth(value)"
    ),
    "output_padding is left out of the written call": Fault(
        "#layer_written.js", "layer.output_padding !== null", "false"
    ),
    "a call's padding is read as it is written": Fault("#layer_call.js", "value.toLowerCase()", "value"),
}


@pytest.mark.parametrize("comparison", COMPARISONS)
def test_the_page_answers_as_the_oracle(answers: list[Answer], comparison: Callable[[Answer], str]) -> None:
    """No configuration has a difference."""
    compared = [(answer[0].id, answer[1]["target"], comparison(answer)) for answer in answers]
    wrong = [one for one in compared if one[2]]
    assert not wrong, "%d of %d, the first: %s" % (len(wrong), len(answers), wrong[0])


def test_the_page_lists_the_changes_of_explain(answers: list[Answer]) -> None:
    """The terminal has no longer list. The first configurations are compared, because the search in Python is slow."""
    compared = [(answer[0].id, find_unlisted_change(answer)) for answer in answers[:WITH_FAULT]]
    wrong = [one for one in compared if one[1]]
    assert not wrong, "%d of %d, the first: %s" % (len(wrong), WITH_FAULT, wrong[0])


def test_a_shorter_list_of_changes_is_found(browser: Browser, tmp_path: Path) -> None:
    """A page that lists only the nearest change of a kind lacks some of them."""
    path = tmp_path / "faulty.html"
    path.write_text(make_layer_page(Fault("#layer_changes.js", "const MOST = 4;", "const MOST = 1;")), encoding="utf-8")
    assert any(map(find_unlisted_change, ask_page(browser, path, WITH_FAULT)))


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_in_the_scripts_is_found(browser: Browser, tmp_path: Path, name: str) -> None:
    """A comparison that cannot fail would prove nothing."""
    path = tmp_path / "faulty.html"
    path.write_text(make_layer_page(FAULTS[name]), encoding="utf-8")
    found = ask_page(browser, path, WITH_FAULT)
    assert any(comparison(answer) for answer in found for comparison in COMPARISONS)


def test_the_sample_has_both_results_and_every_rank(answers: list[Answer]) -> None:
    """A sample without refusals, ranks, output_padding, changes or unknown modes would prove little."""
    accepted = [case for case, _, _ in answers if isinstance(expected_result(case), Accepts)]
    assert len(accepted) > 1000 and len(answers) - len(accepted) > 500
    assert {rule for _, _, found in answers for rule in found["keras2"]} == {"R%d" % number for number in range(1, 10)}
    for rank in (1, 2, 3):
        given = [case.output_padding for case in accepted if case.rank == rank]
        assert given.count(None) > 100 and given.count((0,) * rank) > 20
    assert sum(len(found["changes"]) for _, _, found in answers) > CONFIGURATIONS
    assert "unknown" in {without_mode for _, _, found in answers for _, without_mode in found["predicates"]}
