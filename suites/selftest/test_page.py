"""Tests of the page of one run: it is self-contained, escapes everything, and its numbers add up."""

from __future__ import annotations

import json
import sys
from copy import deepcopy
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

if sys.version_info < (3, 11):
    pytest.skip("reports need Python 3.11", allow_module_level=True)

from jsonschema import Draft202012Validator

from fixtures.case import ID_PARTS, Case
from fixtures.cases.combination_coverage import measure_coverage_of_rows
from fixtures.cases.tiers import cases_of_tier
from fixtures.check import Check
from fixtures.faults import FAULTS, Fault, find_fault
from fixtures.faults.combined import combine_faults
from fixtures.frameworks.adapter import Setting, load_subject
from fixtures.frameworks.numpy_layer import NumpyLayer
from fixtures.run.check_run import run_check
from fixtures.suite_registry import is_checked
from reports import ledger
from reports.__main__ import main
from reports.facts.cause_groups import CauseGroup, describe_diagnosed_faults
from reports.facts.summary import Summary, summarise
from reports.page.render import render_page
from suites.selftest.ledger_stores import make_store
from suites.selftest.pages import SCRIPTS, Tags

HOSTILE = "<script>alert('x')</script> \" & \u202e bidi \x1b[1m"
SCHEMA = json.loads((Path(ledger.__file__).parents[1] / "schema" / "ledger-2.schema.json").read_text(encoding="utf-8"))


@lru_cache(maxsize=None)
def _smoke_cases() -> tuple[Case, ...]:
    return tuple(cases_of_tier("smoke"))


@lru_cache(maxsize=None)
def _judge(subject: str, case: Case) -> dict[str, Any]:
    """Return the row of a case, judged once; several tests show the same rows."""
    suite = "forward" if is_checked(Check("forward", case, "eager"), "numpy_layer") else "rejection"
    verdict = run_check(Check(suite, case, "eager"), load_subject(subject, Setting()), "CPU:0").to_row()
    return {"kind": "verdict", "case": case.id, "suite": suite, "variant": "eager", "known_deviation": None, **verdict}


def run_ledger(subject: str, count: int = 30, first: int = 0) -> ledger.Ledger:
    """Return the ledger of a run of this many smoke cases on the NumPy layer; a test may change it."""
    run: dict[str, Any] = {
        "kind": "run",
        "schema": 2,
        "cell": "test",
        "subject": subject,
        "backend": "numpy",
        "device": "CPU:0",
        "tier": "smoke",
        "shard": "1/1",
        "modes": ["eager"],
        "variants": [],
        "seed": "",
        "switches": {},
        "planned": count,
        "axes": [list(axis) for axis in ID_PARTS],
        "known_deviations": [],
        "faults": {},
        "options": {},
        "started": "now",
    }
    rows = [deepcopy(_judge(subject, case)) for case in _smoke_cases()[first : first + count]]
    return ledger.Ledger("x", run, rows, {"kind": "end"})


def summarise_ledger(made: ledger.Ledger) -> Summary:
    """Return the summary that the page shows of one run."""
    return summarise(make_store([made]))


def test_the_page_shows_totals_that_add_up_and_each_mismatch() -> None:
    """The group of mismatches has a picture, a case and a snippet."""
    summary = summarise_ledger(run_ledger("numpy_layer:crop-other-side"))
    assert sum(summary.totals.values()) == summary.checks == summary.planned == 30
    page = render_page(summary)
    (group,) = [group for group in summary.groups if group.diagnosis == "crop-other-side (crop-other-side)"]
    assert group.exemplar.picture and group.exemplar.case in page
    assert (
        "pytest suites/forward --subject numpy_layer:crop-other-side --mode eager --case " + group.exemplar.case in page
    )
    assert not summary.good and "3 deviate in other ways (no list of known deviations was used)" in summary.sentence


def _render_faulty(fault: Fault) -> tuple[CauseGroup, str]:
    """Return the only group of a run of one case on the NumPy layer with this fault, and the page."""
    made = run_ledger("numpy_layer", 1)
    made.run["faults"] = {fault.name: fault.sentence for fault in FAULTS}
    case = Case.parse("b2-i4.5-c3-f2-k3.3-s2.2-d1.1-same-onone-last-bias-linear-float32")
    verdict = run_check(Check("forward", case, "eager"), NumpyLayer(fault), "CPU:0").to_row()
    made.rows = [{**made.rows[0], "suite": "forward", "case": case.id, **verdict}]
    Draft202012Validator(SCHEMA).validate({**json.loads(json.dumps(made.rows[0])), "seconds": 0.1})
    summary = summarise_ledger(made)
    return summary.groups[0], render_page(summary)


def test_the_page_shows_the_proof_of_a_region() -> None:
    """It has the numbers of further cases, and the reason if the region is not proved."""
    made = run_ledger("numpy_layer:crop-other-side")
    row = next(row for row in made.rows if row["verdict"] == "mismatch")
    region = {"when": "a > 1", "exact": True, "rows": 1, "example": [row["case"], row["suite"], row["variant"]]}
    counts = {"inside": {"checks": 12, "failing": 11}, "outside": {"checks": 9, "failing": 0}}
    for proof, sentence in (
        ({"proved": True, "reason": "", **counts}, "Proved by further cases. Checked inside: 12, failing: 11."),
        ({"proved": False, "reason": "it is <late>", **counts}, "<bdi>it is &lt;late&gt;</bdi>. Checked inside: 12,"),
        (None, "<strong>Not proved:</strong> <bdi>the run checked no further cases</bdi>.</p>"),
    ):
        regions = [{**region, "proof": proof or {}}]
        made.end = {"kind": "end", "counts": ledger.tally(made.rows), "planned": 30, "regions": regions}
        if proof is None:
            made.end["regions"] = [region]
        Draft202012Validator(SCHEMA).validate(made.end)
        page = render_page(summarise_ledger(made))
        assert sentence in page and (proof is None or "Checked just outside: 9, failing: 0." in page)


def test_the_page_describes_a_pair_of_faults_in_words() -> None:
    """The sentences of both faults are joined; "further pairs" stays as it is."""
    group, page = _render_faulty(combine_faults(find_fault("kernel-flipped-height"), find_fault("shifted-one-down")))
    sentence = "the kernel is flipped along the height, and everything lands one row late"
    assert group.title == "kernel-flipped-height + shifted-one-down"
    assert group.diagnosis == "%s (%s)" % (sentence, group.title) and sentence in page
    assert group.exemplar.index_map and group.exemplar.index_map in page
    assert (
        describe_diagnosed_faults("a + b or further pairs", {"a": "one", "b": "two"})
        == "one, and two (a + b), or further pairs"
    )


def test_the_page_describes_misplaced_products() -> None:
    """It has a sentence and a few products; causes are grouped by the move, and not by the numbers."""
    late = Fault("f", "", axis_map=lambda index_map, axis, case: index_map.shift_outputs(3))
    group, page = _render_faulty(late)
    assert group.title == "index_map: (+3, +3)" and group.diagnosis == ""
    assert "land (+3, +3) off" in group.exemplar.index_map and group.exemplar.index_map in page
    assert "<td>input (0, 0), channel 0, tap (0, 0), filter 0</td><td>(0, 0, 0)</td><td>(3, 3, 0)</td>" in page
    assert "<dt>index_map</dt>" not in page and ">wrong_entries<" not in page
    common = "Every wrong entry has filter index 1 (0-based)"
    assert common in _render_faulty(Fault("one", "", output=lambda y, case: y * (1 + np.arange(case.filters) % 2)))[1]
    assert "nowhere</td>" in _render_faulty(Fault("zero", "", output=lambda y, case: y * 0))[1]


def test_the_page_of_a_healthy_layer_says_that_everything_agrees() -> None:
    """There is no group of mismatches."""
    summary = summarise_ledger(run_ledger("numpy_layer"))
    assert summary.good and "in 30 of 30" in summary.sentence and not summary.groups


def test_the_page_of_an_incomplete_run_says_so() -> None:
    """Such a run is never shown as good."""
    cut = run_ledger("numpy_layer")
    cut.end, cut.run["planned"] = None, 99
    summary = summarise_ledger(cut)
    assert not summary.good and "the run is incomplete: 69 have no answer" in summary.sentence
    assert "no answer yet" in render_page(summary)


def test_hostile_text_in_rows_is_escaped_on_the_page() -> None:
    """The text is in versions, messages, names and reasons; the page has only its own script and fetches nothing."""
    bad = run_ledger("numpy_layer:names-no-argument", 15, first=82)  # refusals for each argument, and right answers
    bad.run.update(keras=HOSTILE, cell=HOSTILE, known_deviations=[{"name": "k", "because": HOSTILE, "link": ""}])
    for row in bad.rows:
        if row["verdict"] != "agree":
            row.update(known_deviation="k", diagnosis=HOSTILE, snippet=HOSTILE)
            if "error" in row["observed"]:
                row["observed"]["message"] = HOSTILE + "x" * 100000
    tags = Tags(render_page(summarise_ledger(bad)))
    assert tags.names.count("script") == SCRIPTS
    assert all(address == "data:," if tag == "link" else address[0] == "#" for tag, address in tags.addresses)


def test_rows_of_a_run_are_valid_in_the_published_schema() -> None:
    """The schema refuses a row with an unknown verdict."""
    validator = Draft202012Validator(SCHEMA)
    # Every form of row: each rule of a length, products that land in another cell or nowhere, and right values.
    made = run_ledger("numpy_layer:strides-swapped", 16, first=9)
    for row in [made.run, *({**row, "seconds": 0.1} for row in made.rows)]:
        validator.validate(json.loads(json.dumps(row, allow_nan=False)))
    assert not validator.is_valid({**made.rows[0], "seconds": 0.1, "verdict": "fine"})


def test_the_command_build_writes_the_page(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The exit status is 3 for a ledger that cannot be read."""
    made = run_ledger("numpy_layer")
    source, page = tmp_path / "a.jsonl", tmp_path / "out" / "index.html"
    end = {"kind": "end", "counts": ledger.tally(made.rows), "planned": made.run["planned"]}
    rows = [{**row, "seconds": 0.1} for row in made.rows]
    ledger.write_ledger(source, [made.run, *rows, end])
    assert main(["build", str(source), "-o", str(page)]) == 0
    assert page.read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
    assert main(["build", str(tmp_path / "none.jsonl"), "-o", str(page)]) == 3
    assert "cannot be read" in capsys.readouterr().err


def test_the_page_shows_the_coverage_of_the_end_row() -> None:
    """It has the covered, feasible and missing combinations of each mode, with examples."""
    made = run_ledger("numpy_layer", 3)
    covered = measure_coverage_of_rows(made.rows)
    end = {"kind": "end", "counts": ledger.tally(made.rows), "planned": 3, "coverage": covered}
    page = render_page(summarise_ledger(replace(made, end=end)))
    core = next(one for one in covered if one["name"] == "core")
    assert 0 < core["covered"] < core["feasible"]
    assert "3 of 12 axes, core" in page and f"{core['feasible'] - core['covered']:,}" in page
    assert core["missing"][0] in page
    assert Draft202012Validator(SCHEMA).is_valid(end)
    assert not Draft202012Validator(SCHEMA).is_valid({**end, "coverage": [{"variant": "eager"}]})
    assert "axes, core" not in render_page(summarise_ledger(made))


def test_the_page_shows_the_smallest_case_of_a_group_as_its_example() -> None:
    """A smaller neighbour that was checked replaces the row's case and observation."""
    made = run_ledger("numpy_layer:bias-twice", 6)
    row = next(row for row in made.rows if row["verdict"] == "mismatch")
    least = "b1-i1.1-c1-f1-k1.1-s1.1-d1.1-valid-onone-last-bias-linear-float32"
    row["smallest"] = {"case": least}
    assert {group.exemplar.case for group in summarise_ledger(made).groups} <= {one["case"] for one in made.rows}
    row["smallest"] = {"case": least, "observed": {"shape": [1, 1, 1, 1]}, "expected": row["expected"]}
    row["smallest"]["needs"] = "It takes 64 channels; with 63 the layer is right."
    shown = next(group.exemplar for group in summarise_ledger(made).groups if group.exemplar.case == least)
    assert ("shape", "(1, 1, 1, 1)") in shown.observed and least in shown.again
    assert shown.notes == [row["smallest"]["needs"]] and shown.notes[0] in render_page(summarise_ledger(made))


def test_the_page_says_what_was_compared_at_a_sample_and_named_on_a_smaller_case() -> None:
    """The sentences are about the case that is shown, which may be a smaller neighbour that was compared as a whole."""
    made = run_ledger("numpy_layer:bias-twice", 6)
    row = next(row for row in made.rows if row["verdict"] == "mismatch")
    least = "b1-i1.1-c1-f1-k1.1-s1.1-d1.1-valid-onone-last-bias-linear-float32"
    compared = {"output": "512 of 8192", "dx": "9 of 1000000"}
    made.rows, made.run["planned"] = [{**row, "measured": {"compared": compared, "diagnosed_on": least}}], 1
    sentences = [
        "Only a sample of the answer was compared: 512 of 8,192 entries of output, 9 of 1,000,000 entries of dx.",
        "The named fault was found on a smaller case, because the search on this one takes too long: " + least,
    ]
    (group,) = summarise_ledger(made).groups
    page = Tags(render_page(summarise_ledger(made))).text
    assert group.exemplar.limits == sentences and all(sentence in page for sentence in sentences)
    made.rows[0]["smallest"] = {"case": least, "observed": row["observed"], "expected": row["expected"]}
    (group,) = summarise_ledger(made).groups
    assert group.exemplar.case == least and group.exemplar.limits == []
