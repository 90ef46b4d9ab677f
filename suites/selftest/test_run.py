"""Tests of whole pytest runs on the NumPy layer: exit status, rows, options, parallel workers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from fixtures.case import Case
from fixtures.cases.tiers import cases_of_tier
from fixtures.check import Check
from fixtures.run import property_exploration
from fixtures.run.pipeline import Pipeline
from fixtures.run.property_exploration import QUICK_PART, explore_property
from fixtures.suite_registry import is_checked
from reports import ledger
from suites.selftest.pytest_in_process import call_pytest, sorted_verdict_rows
from suites.selftest.pytest_runs import options_of_first_cases


def test_a_healthy_run_passes_and_its_categories_add_up(case_option: str, tmp_path: Path) -> None:
    """Every planned check has a row and is counted."""
    path = tmp_path / "a.jsonl"
    status, text = call_pytest(case_option, "--subject", "numpy_layer", "--ledger", path)
    assert status == 0, text
    assert "17 of 17 checks = 13 agree + 4 refused as expected" in text
    run_ledger = ledger.read(path)
    assert run_ledger.end is not None and sum(run_ledger.end["counts"].values()) == run_ledger.run["planned"] == len(
        run_ledger.rows
    )


@pytest.fixture(scope="module")
def faulty_run(tmp_path_factory: pytest.TempPathFactory) -> tuple[int, str, ledger.Ledger]:
    """Return the exit status, the output and the ledger of a faulty run whose options come from the environment.

    Of its checks some agree, some are refused as expected and four are mismatches, which are enough for a region.
    """
    path = tmp_path_factory.mktemp("faulty") / "a.jsonl"
    variables = {"SUBJECT": "numpy_layer:bias-missing", "SHARD": "1/40", "LEDGER": str(path)}
    status, text = call_pytest(**{"KERAS_PARITY_" + name: value for name, value in variables.items()})
    return status, text, ledger.read(path)


def test_a_fault_of_the_numpy_layer_fails_the_run(faulty_run: tuple[int, str, ledger.Ledger]) -> None:
    """The summary names the cause."""
    status, text, run_ledger = faulty_run
    assert status == 1
    assert "bias-missing" in text.split("keras-parity")[-1]
    assert "again: pytest suites/forward --subject numpy_layer:bias-missing --mode eager --case" in text
    rows = run_ledger.rows  # only rows that do not agree have the geometry for a drawing
    assert all(("geometry" in row["expected"]) == (row["verdict"] != "agree") for row in rows)
    assert {row["verdict"] for row in rows} == {"agree", "mismatch"}


@pytest.mark.parametrize("workers", [(), ("-n", "1")])
def test_a_region_is_proved_at_the_end_of_a_run(
    faulty_run: tuple[int, str, ledger.Ledger], tmp_path: Path, workers: tuple[str, ...]
) -> None:
    """The terminal and the end row count the further cases; these cases have no rows in the ledger."""
    status, text, run_ledger = faulty_run
    if workers:
        path, rows = tmp_path / "a.jsonl", sorted_verdict_rows(run_ledger)
        arguments = ("--subject", "numpy_layer:bias-missing", "--shard", "1/40")
        status, text = call_pytest(*arguments, *workers, "--ledger", path)
        run_ledger = ledger.read(path)
        assert sorted_verdict_rows(run_ledger) == rows
    assert status == 1 and run_ledger.end is not None and len(run_ledger.rows) == run_ledger.run["planned"]
    (region,) = run_ledger.end["regions"]
    proof = region["proof"]
    assert region["when"] == "use_bias" and proof["proved"] and proof["reason"] == ""
    assert (proof["inside"], proof["outside"]) == ({"checks": 12, "failing": 12}, {"checks": 12, "failing": 0})
    assert (
        "region 1 of 1, mismatch of forward: proved, checked inside: 12, failing: 12; checked just outside: 12" in text
    )
    assert region["rows"] == sum(row["verdict"] == "mismatch" for row in run_ledger.rows) > 1


def test_a_crash_does_not_end_the_run(tmp_path: Path) -> None:
    """The check is recorded as crashed, the run is complete, and the exit status is 1."""
    path = tmp_path / "a.jsonl"
    cases = [*options_of_first_cases(lambda case: case.size[0] == 2, 1)]
    cases += options_of_first_cases(lambda case: case.size[0] == 5, 1)
    status, text = call_pytest("--subject", "numpy_layer:crashes", "--ledger", path, *cases)
    run_ledger = ledger.read(path)
    counts = ledger.tally(run_ledger.rows)
    assert status == 1 and run_ledger.end is not None, text
    assert counts["crashed"] == counts["agree"] == 1


@pytest.mark.parametrize(
    ("arguments", "status", "sentence"),
    [
        (["--tier", "smok"], 4, "did you mean smoke"),
        (["--deviations", "nowhere.toml"], 4, "nowhere.toml"),
        (["--ledger=suites"], 4, "suites cannot be written: give the path of a file"),
        (["--switch", "onednn=maybe"], 4, "did you mean"),
        (["--switch", "onedn=off"], 4, "did you mean onednn"),
        (["--switch", "onednn"], 4, "is not NAME=VALUE"),
        (["--subject", "numpy_layer", "--device", "gpu"], 3, "no device GPU for numpy_layer; visible: CPU:0"),
    ],
)
def test_a_run_that_cannot_start_gives_one_sentence_and_exit_status_3_or_4(
    tmp_path: Path, arguments: list[str], status: int, sentence: str
) -> None:
    """The status is 4 for a wrong call and 3 for something that is missing."""
    found, text = call_pytest("--ledger", tmp_path / "a.jsonl", *arguments)
    assert (found, sentence in text) == (status, True), text


def test_a_selection_without_checks_ends_with_exit_status_3(tmp_path: Path) -> None:
    """A named case that no chosen suite checks is listed."""
    refused = next(
        case for case in cases_of_tier("smoke") if is_checked(Check("rejection", case, "eager"), "numpy_layer")
    )
    computed = next(
        case for case in cases_of_tier("smoke") if is_checked(Check("forward", case, "eager"), "numpy_layer")
    )
    common = ("--subject", "numpy_layer", "--mode", "xla", "--ledger", tmp_path / "a.jsonl", "--case", refused.id)
    status, text = call_pytest(*common)
    assert status == 3 and "no suite that was chosen checks any of these cases" in text
    status, text = call_pytest(*common, "--case", computed.id)
    assert status == 0 and "not checked, for no chosen suite checks numpy_layer with them: " + refused.id in text


def test_the_last_value_of_a_repeated_option_counts(tmp_path: Path) -> None:
    """So options after ``--`` of tox replace those of the environment."""
    common = ("--subject", "numpy_layer", "--mode", "all", "--variant", "all", "--ledger", tmp_path / "a.jsonl")
    case = options_of_first_cases(lambda case: True, 1)  # it has all modes, and a named case has variants too
    status, _ = call_pytest(*case, *common, "--mode", "eager,xla", "--variant", "none")
    assert status == 0 and {row["variant"] for row in ledger.read(tmp_path / "a.jsonl").rows} == {"eager", "xla"}


def test_the_ledger_has_the_smallest_failing_neighbour_of_a_mismatch(tmp_path: Path) -> None:
    """The second mismatch of the same cause refers to the same neighbour."""
    ids = ["b2-i7.8-c3-f2-k3.5-s2.3-d1.1-same-o1.2-%s-bias-linear-float32" % layout for layout in ("last", "first")]
    path = tmp_path / "a.jsonl"
    case_options = ["--case=" + one for one in ids]
    status, _ = call_pytest(*case_options, "--subject", "numpy_layer:shifted-for-kernel-3-stride-2", "--ledger", path)
    first, second = ledger.read(path).rows
    assert status == 1 and first["verdict"] == second["verdict"] == "mismatch"
    least = Case.parse(first["smallest"]["case"])
    assert (least.kernel_size[0], least.strides[0], least.batch, least.channels) == (3, 2, 1, 1)
    assert least.size == (1, 1) and least.kernel_size[1] == least.strides[1] == 1 and not least.use_bias
    assert first["smallest"]["observed"]["differs"] and second["smallest"] == {"case": least.id}


def test_a_hypothesis_property_finds_a_fault_that_no_tier_shows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its row has the shrunk example; a property that passes has the number of its examples."""
    tiers: list[str] = []

    def explore(pipeline: Pipeline, check: Check, tier: str) -> dict[str, Any]:
        tiers.append(tier)
        return explore_property(pipeline, check, tier)

    monkeypatch.setattr(property_exploration, "explore_property", explore)
    path = tmp_path / "a.jsonl"
    arguments = ("suites/hypothesis", "--mode", "none", "--ledger", path)
    faulty = ("--variant", "forward.plain", "--subject", "numpy_layer:last-column-lost-when-wide")
    status, text = call_pytest(*arguments, *faulty)
    (row,) = ledger.read(path).rows
    assert status == 1 and "as if: last-column-lost-when-wide" in text
    assert row["verdict"] == "mismatch" and row["suite"] == "hypothesis"
    least = Case.parse(row["case"])
    assert least.batch == least.channels == least.filters == 1
    both = ("--variant", "forward.plain,rejection.plain", "--subject", "numpy_layer")
    status, text = call_pytest(*arguments, *both, "--tier", "quick")  # it draws a fifth of the examples
    assert status == 0, text
    rows = ledger.read(path).rows
    assert {row["variant"] for row in rows} == {"forward.plain", "rejection.plain"}
    assert all(row["verdict"] == "agree" for row in rows)
    assert all(10 < row["measured"]["examples"] <= settings().max_examples // QUICK_PART for row in rows)
    assert tiers == ["smoke", "quick", "quick"]  # the tests of the strategies count the examples of other tiers
