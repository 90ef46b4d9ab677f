"""Tests of whole pytest runs on the NumPy layer: exit status, ledger, options, parallel workers, resume."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from fixtures.case import Case
from fixtures.cases.tiers import cases_of_tier
from fixtures.check import Check
from fixtures.suite_registry import is_checked
from reports import ledger
from reports.ledger.writer import LedgerWriter
from suites.selftest.sample_cause import HEAD

ROOT = Path(__file__).resolve().parents[2]
SUITES = ("suites/forward", "suites/rejection")


def run_pytest(*arguments: object, **environment: str) -> tuple[int, str]:
    """Run pytest in a new process; return its exit status and output."""
    alone = {} if "-n" in arguments else {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}  # starts a second faster
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("KERAS_PARITY", "PYTEST"))}
    ran = subprocess.run(
        [sys.executable, "-m", "pytest", *SUITES, *map(str, arguments)],
        cwd=str(ROOT),
        env={**clean, **alone, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
    )
    return ran.returncode, ran.stdout.decode("utf-8", "replace")


def read_verdict_rows(path: Path) -> list[dict[str, Any]]:
    """Return the rows of a ledger without their times, sorted by check."""
    rows = [{key: value for key, value in row.items() if key != "seconds"} for row in ledger.read(path).rows]
    return sorted(rows, key=lambda row: (row["case"], row["suite"], row["variant"]))


@pytest.fixture
def case_option(tmp_path: Path) -> str:
    """Return a ``--case`` option for 17 computed and refused cases."""
    path = tmp_path / "few.txt"
    path.write_text("\n".join(case.id for case in list(cases_of_tier("smoke"))[60:110:3]), encoding="utf-8")
    return "--case=@%s" % path


def test_a_healthy_run_passes_and_its_categories_add_up(case_option: str, tmp_path: Path) -> None:
    """A run with two workers has the same rows."""
    paths = [tmp_path / name for name in ("a.jsonl", "b.jsonl")]
    status, text = run_pytest(case_option, "--subject", "numpy_layer", "--ledger", paths[0])
    assert status == 0, text
    assert "17 of 17 checks = 13 agree + 4 refused as expected" in text
    run_ledger = ledger.read(paths[0])
    assert run_ledger.end is not None and sum(run_ledger.end["counts"].values()) == run_ledger.run["planned"] == len(
        run_ledger.rows
    )
    status, text = run_pytest(case_option, "--subject", "numpy_layer", "-n", "2", "--ledger", paths[1])
    assert status == 0, text
    assert read_verdict_rows(paths[0]) == read_verdict_rows(paths[1]) and ledger.read(paths[1]).end is not None


def test_a_fault_of_the_numpy_layer_fails_the_run(case_option: str, tmp_path: Path) -> None:
    """Options come from the environment here; the summary names the cause."""
    path = tmp_path / "a.jsonl"
    status, text = run_pytest(
        case_option, KERAS_PARITY_SUBJECT="numpy_layer:bias-missing", KERAS_PARITY_LEDGER=str(path)
    )
    assert status == 1
    assert "bias-missing" in text.split("keras-parity")[-1]
    assert "again: pytest suites/forward --subject numpy_layer:bias-missing --mode eager --case" in text
    rows = ledger.read(path).rows  # only rows that do not agree have the geometry for a drawing
    assert all(("geometry" in row["expected"]) == (row["verdict"] != "agree") for row in rows)


@pytest.mark.parametrize("workers", [(), ("-n", "2")])
def test_a_region_is_proved_at_the_end_of_a_run(tmp_path: Path, workers: tuple[str, ...]) -> None:
    """The terminal and the end row count the further cases; these cases have no rows in the ledger."""
    path = tmp_path / "a.jsonl"
    status, text = run_pytest("--subject", "numpy_layer:bias-missing", "--shard", "1/9", *workers, "--ledger", path)
    run_ledger = ledger.read(path)
    assert status == 1 and run_ledger.end is not None and len(run_ledger.rows) == run_ledger.run["planned"]
    (region,) = run_ledger.end["regions"]
    proof = region["proof"]
    assert region["when"] == "use_bias" and proof["proved"] and proof["reason"] == ""
    assert (proof["inside"], proof["outside"]) == ({"checks": 12, "failing": 12}, {"checks": 12, "failing": 0})
    assert (
        "region 1 of 1, mismatch of forward: proved, checked inside: 12, failing: 12; checked just outside: 12" in text
    )
    assert region["rows"] == sum(row["verdict"] == "mismatch" for row in run_ledger.rows)


def test_a_crash_does_not_end_the_run(tmp_path: Path) -> None:
    """The check is recorded as crashed, the run is complete, and the exit status is 1."""
    path = tmp_path / "a.jsonl"
    status, text = run_pytest(
        "--subject",
        "numpy_layer:crashes",
        "--ledger",
        path,
        *options_of_first_cases(lambda case: case.size[0] in (5, 2), 5),
    )
    run_ledger = ledger.read(path)
    counts = ledger.tally(run_ledger.rows)
    assert status == 1 and run_ledger.end is not None, text
    assert counts["crashed"] > 0 and counts["agree"] > 0


def test_a_run_that_stops_at_a_failure_is_resumed(tmp_path: Path) -> None:
    """The check that the subject's process had begun ahead has no row, and runs again."""
    path, cases = tmp_path / "a.jsonl", options_of_first_cases(lambda case: True, 8)
    common = ["--subject", "numpy_layer:bias-missing", "--ledger", path, *cases]
    status, text = run_pytest(*common, "-x")
    stopped = ledger.read(path)
    assert status != 0 and stopped.end is None and 0 < len(stopped.rows) < 8, text
    assert [row["verdict"] for row in stopped.rows if row["verdict"] != "agree"] == ["mismatch"]
    status, text = run_pytest(*common, "--resume")
    whole = ledger.read(path)
    assert status == 1 and whole.end is not None and len({row["case"] for row in whole.rows}) == len(whole.rows) == 8
    assert whole.rows[: len(stopped.rows)] == stopped.rows


def options_of_first_cases(condition: Any, count: int) -> list[str]:
    """Return ``--case`` options for the first computed smoke cases that meet the condition."""
    found = [
        case.id
        for case in cases_of_tier("standard")
        if is_checked(Check("forward", case, "eager"), "numpy_layer") and condition(case)
    ][:count]
    return [word for name in found for word in ("--case", name)]


def test_two_shards_are_the_whole_and_resume_completes_a_cut_ledger(case_option: str, tmp_path: Path) -> None:
    """Checks that have an answer do not run again."""
    parts = [tmp_path / "1.jsonl", tmp_path / "2.jsonl"]
    for number, path in enumerate(parts, 1):
        assert run_pytest(case_option, "--subject", "numpy_layer", "--shard", "%d/2" % number, "--ledger", path)[0] == 0
    ids = [{row["case"] for row in ledger.read(path).rows} for path in parts]
    assert not ids[0] & ids[1] and len(ids[0] | ids[1]) == 17
    lines = parts[0].read_text(encoding="utf-8").splitlines(keepends=True)
    parts[0].write_text("".join(lines[:4]) + lines[4][:30], encoding="utf-8")  # the cut is within a line
    assert ledger.read(parts[0]).end is None
    status, text = run_pytest(
        case_option, "--subject", "numpy_layer", "--shard", "1/2", "--ledger", parts[0], "--resume"
    )
    assert status == 0, text
    assert {row["case"] for row in ledger.read(parts[0]).rows} == ids[0]
    assert len(ledger.read(parts[0]).rows) == len(ids[0]) and ledger.read(parts[0]).end is not None
    status, text = run_pytest(
        case_option, "--subject", "numpy_layer", "--shard", "2/2", "--ledger", parts[0], "--resume"
    )
    assert status == 4 and "was run with another shard" in text


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
    found, text = run_pytest("--ledger", tmp_path / "a.jsonl", *arguments)
    assert (found, sentence in text) == (status, True), text


def test_a_stale_known_deviation_fails_the_run(case_option: str, tmp_path: Path) -> None:
    """The subject is healthy, and the message names the entry."""
    path = tmp_path / "d.toml"
    path.write_text(
        HEAD + 'name = "gone"\nsubject = ["numpy_layer"]\nwhen = "padding == \'same\'"\nverdict = "mismatch"\n'
        'property = "values"\nversions = {numpy = ">=1"}\nbackend = ["numpy"]\n',
        encoding="utf-8",
    )
    status, text = run_pytest(
        case_option, "--subject", "numpy_layer", "--deviations", path, "--ledger", tmp_path / "a.jsonl"
    )
    assert status == 1 and "deviation gone is stale" in text


@pytest.mark.parametrize(
    ("when", "why"),
    [
        ("7 % (max(size) - 5) == 1", " on case b"),
        ("any.__self__.__import__('os').system('touch trace')", "an attribute (.name) is not part of the language"),
        ("9**9**9", "** is not part of the language"),
    ],
)
def test_a_bad_expression_ends_the_run_before_its_first_check(tmp_path: Path, when: str, why: str) -> None:
    """The exit status is 4, the message names the entry, nothing is executed and no ledger is begun."""
    path, run_ledger = tmp_path / "d.toml", tmp_path / "a.jsonl"
    path.write_text(
        HEAD + 'name = "bad"\nsubject = ["numpy_layer"]\nverdict = "mismatch"\nproperty = "values"\n'
        'versions = {numpy = ">=1"}\nbackend = ["numpy"]\nwhen = "%s"\n' % when,
        encoding="utf-8",
    )
    status, text = run_pytest("--subject", "numpy_layer", "--deviations=%s" % path, "--ledger=%s" % run_ledger)
    assert status == 4 and "deviation 'bad' in %s: when: " % path in text and why in text, text
    assert "Traceback" not in text and not run_ledger.exists() and not (ROOT / "trace").exists()


def test_every_line_of_a_ledger_is_strict_json(case_option: str, tmp_path: Path) -> None:
    """No line has NaN."""
    path = tmp_path / "a.jsonl"
    run_pytest(case_option, "--subject", "numpy_layer:batch-mixed", "--ledger", path)
    for line in path.read_text(encoding="utf-8").splitlines():
        json.loads(line, parse_constant=lambda name: pytest.fail("not strict JSON: " + name))


def test_a_selection_without_checks_ends_with_exit_status_3(tmp_path: Path) -> None:
    """A named case that no chosen suite checks is listed."""
    refused = next(
        case for case in cases_of_tier("smoke") if is_checked(Check("rejection", case, "eager"), "numpy_layer")
    )
    computed = next(
        case for case in cases_of_tier("smoke") if is_checked(Check("forward", case, "eager"), "numpy_layer")
    )
    common = ("--subject", "numpy_layer", "--mode", "xla", "--ledger", tmp_path / "a.jsonl", "--case", refused.id)
    status, text = run_pytest(*common)
    assert status == 3 and "no suite that was chosen checks any of these cases" in text
    status, text = run_pytest(*common, "--case", computed.id)
    assert status == 0 and "not checked, for no chosen suite checks numpy_layer with them: " + refused.id in text


def test_the_last_value_of_a_repeated_option_counts(case_option: str, tmp_path: Path) -> None:
    """So options after ``--`` of tox replace those of the environment."""
    common = ("--subject", "numpy_layer", "--mode", "all", "--variant", "all", "--ledger", tmp_path / "a.jsonl")
    status, _ = run_pytest(case_option, *common, "--mode", "eager,xla", "--variant", "none")
    assert status == 0 and {row["variant"] for row in ledger.read(tmp_path / "a.jsonl").rows} == {"eager", "xla"}


def test_the_ledger_has_the_smallest_failing_neighbour_of_a_mismatch(tmp_path: Path) -> None:
    """The second mismatch of the same cause refers to the same neighbour."""
    ids = ["b2-i7.8-c3-f2-k3.5-s2.3-d1.1-same-o1.2-%s-bias-linear-float32" % layout for layout in ("last", "first")]
    path = tmp_path / "a.jsonl"
    case_options = ["--case=" + one for one in ids]
    status, _ = run_pytest(*case_options, "--subject", "numpy_layer:shifted-for-kernel-3-stride-2", "--ledger", path)
    first, second = ledger.read(path).rows
    assert status == 1 and first["verdict"] == second["verdict"] == "mismatch"
    least = Case.parse(first["smallest"]["case"])
    assert (least.kernel_size[0], least.strides[0], least.batch, least.channels) == (3, 2, 1, 1)
    assert least.size == (1, 1) and least.kernel_size[1] == least.strides[1] == 1 and not least.use_bias
    assert first["smallest"]["observed"]["differs"] and second["smallest"] == {"case": least.id}


def test_a_hypothesis_property_finds_a_fault_that_no_tier_shows(tmp_path: Path) -> None:
    """Its row has the shrunk example; a property that passes has the number of its examples."""
    path = tmp_path / "a.jsonl"
    arguments = ("suites/hypothesis", "--mode", "none", "--variant", "forward.plain,rejection.plain", "--ledger", path)
    status, text = run_pytest(*arguments, "--subject", "numpy_layer:last-column-lost-when-wide")
    rows = {row["variant"]: row for row in ledger.read(path).rows}
    assert status == 1 and "as if: last-column-lost-when-wide" in text
    assert rows["rejection.plain"]["verdict"] == "agree" and rows["forward.plain"]["verdict"] == "mismatch"
    least = Case.parse(rows["forward.plain"]["case"])
    assert least.batch == least.channels == least.filters == 1 and rows["forward.plain"]["suite"] == "hypothesis"
    status, text = run_pytest(*arguments, "--subject", "numpy_layer")
    assert status == 0, text
    assert all(row["measured"]["examples"] > 50 for row in ledger.read(path).rows)


def test_a_drawn_example_that_agrees_makes_a_known_deviation_too_wide(tmp_path: Path) -> None:
    """The entry covers the example, so the run fails."""
    entries = tmp_path / "wide.toml"
    entries.write_text(
        HEAD + 'name = "wide"\nsubject = ["numpy_layer"]\nbackend = ["numpy"]\nversions = { numpy = ">=1" }\n'
        'when = "max(size) > 40 and not rules"\nverdict = "mismatch"\nproperty = "values"\n',
        encoding="utf-8",
    )
    arguments = ("suites/hypothesis", "--mode", "none", "--variant", "forward.plain", "--subject", "numpy_layer")
    status, text = run_pytest(*arguments, "--deviations=%s" % entries, "--ledger", tmp_path / "a.jsonl")
    assert status == 1 and "deviation wide is too wide" in text


def test_a_run_refuses_a_ledger_path_that_is_in_use_or_not_its_own(case_option: str, tmp_path: Path) -> None:
    """The status is 4 for a page, a case file or no file at all, and 3 for a file in use; nothing is changed."""
    path = tmp_path / "a.jsonl"
    common = (case_option, "--subject", "numpy_layer", "--ledger", path)
    assert run_pytest(*common)[0] == 0
    before = path.read_bytes()
    (tmp_path / "link.html").symlink_to(path)
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    writer = LedgerWriter(path)
    writer.lock()
    for arguments, status, sentence in (
        (
            ["--report=%s" % (tmp_path / "link.html")],
            4,
            "is the file of --ledger too" if sys.version_info > (3, 11) else "needs Python 3.11",
        ),
        (["--ledger=%s" % case_option.split("@")[1]], 4, "few.txt too; give each a file of its own"),
        (["--ledger=%s" % (tmp_path / "loop")], 4, "loop cannot be used: Too many levels of symbolic links"),
        (["--ledger=%s" % os.devnull], 4, "is not a regular file"),
        ([], 3, "is in use by another run: wait for its end, or give another path"),
        (["--resume"], 3, "is in use by another run: wait for its end, or give another path"),
        (["-n", "1"], 3, "is in use by another run: wait for its end, or give another path"),
    ):
        found, text = run_pytest(*common, *arguments)
        assert (found, sentence in text, "Traceback" in text) == (status, True, False), text
    writer.release()
    status, text = run_pytest(*common, "--resume", "suites/gradients")
    assert status == 4 and "was planned with 17 checks, and this call makes 30; other numbers in: gradients" in text
    assert path.read_bytes() == before


@pytest.mark.skipif(sys.platform == "win32", reason="it has no limit of the size of files")
@pytest.mark.parametrize("workers", [(), ("-n", "1")])
def test_a_full_disk_ends_the_run_without_losing_an_answer(
    case_option: str, tmp_path: Path, workers: tuple[str, ...]
) -> None:
    """The exit status is 3, and ``--resume`` runs the remaining checks."""
    import resource

    path, limits = tmp_path / "a.jsonl", resource.getrlimit(resource.RLIMIT_FSIZE)
    common = (case_option, "--subject", "numpy_layer", "--ledger", path, *workers)
    resource.setrlimit(resource.RLIMIT_FSIZE, (15000, limits[1]))
    try:
        status, text = run_pytest(*common)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    rows = ledger.read(path).rows
    sentence = (
        "a.jsonl cannot be written: File too large; make room or give another path; it keeps the %d answers before"
    )
    assert status == 3 and sentence % len(rows) in text and "Traceback" not in text and 0 < len(rows) < 17, text
    status, text = run_pytest(*common, "--resume")
    assert status == 0 and ledger.read(path).rows[: len(rows)] == rows and len(ledger.read(path).rows) == 17, text
