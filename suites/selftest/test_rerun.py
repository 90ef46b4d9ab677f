"""Tests of the command that runs a check again: it can be pasted into a shell and runs the same check."""

from __future__ import annotations

import json
import shlex
from pathlib import Path
from typing import Any

import pytest

from fixtures.run.failure_message import failure_message
from reports.ledger import Ledger, read
from reports.ledger.check_rerun import main
from reports.ledger.rerun import rerun_command
from suites.selftest.ledgers import CASES, RUN, make_row
from suites.selftest.pytest_in_process import call_pytest

ODD = "a b; touch 'x' $(id) `id` && \\ \" |\n#"


def test_the_rerun_command_quotes_hostile_values() -> None:
    """The command is split as a shell splits it."""
    hostile = make_row(ODD, suite=ODD, variant=ODD)
    run: dict[str, Any] = {**RUN, "subject": ODD, "device": ODD, "options": {"switches": {"tf32": ODD}}}
    assert shlex.split(rerun_command(hostile, run)) == [
        *("pytest", "suites/%s" % ODD, "--subject", ODD, "--mode", ODD, "--device", ODD),
        *("--switch=tf32=" + ODD, "--case", ODD),
    ]
    assert shlex.split(rerun_command(hostile, {**RUN, "backend": ODD}))[0] == "KERAS_BACKEND=" + ODD


def test_the_rerun_command_has_no_quotes_for_plain_values() -> None:
    """It looks like a command that a user types."""
    run = {**RUN, "subject": "numpy_layer:crop-late", "device": "GPU:1", "options": {"switches": {"tf32": "on"}}}
    expected = (
        "pytest suites/forward --subject numpy_layer:crop-late --mode eager --device GPU:1 --switch=tf32=on --case "
    )
    assert rerun_command(make_row(CASES[0]), run) == expected + CASES[0]


@pytest.mark.parametrize(
    ("subject", "selects"),
    [
        ("keras3", True),
        ("keras3:bias-along-width", True),
        ("keras.ops", True),
        ("tf.keras", False),
        ("numpy_layer", False),
    ],
)
def test_the_rerun_command_sets_keras_backend_for_subjects_with_several_backends(subject: str, selects: bool) -> None:
    """The user's shell may have another backend."""
    command = rerun_command(make_row(CASES[0]), {**RUN, "subject": subject, "backend": "torch"})
    assert command.startswith("KERAS_BACKEND=torch pytest " if selects else "pytest ")


def test_the_rerun_command_names_the_folder_of_stored_models() -> None:
    """The folder may have any name; other suites do not get the option."""
    stored, folder = make_row(CASES[0], "mismatch", suite="migration"), "my models,others"
    assert "--artefacts=" + folder in shlex.split(rerun_command(stored, {**RUN, "options": {"artefacts": folder}}))
    assert "--artefacts" not in rerun_command(make_row(CASES[0]), {**RUN, "options": {"artefacts": folder}})
    assert "--artefacts" not in rerun_command(stored, RUN)


def test_the_failure_message_of_pytest_ends_with_the_rerun_command() -> None:
    """It is the last line."""
    assert (
        failure_message(make_row(CASES[0], "mismatch"), "pytest suites/forward").splitlines()[-1]
        == "again: pytest suites/forward"
    )


@pytest.fixture(scope="module")
def faulty_ledger(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the ledger of a faulty NumPy layer with a switch; a text file next to it has pytest's output."""
    path = tmp_path_factory.mktemp("faulty") / "faulty.jsonl"
    arguments = [
        "--subject=numpy_layer:crop-other-side",
        "--mode=graph",
        "--shard=1/40",
        "--ledger=%s" % path,
    ]
    path.with_suffix(".txt").write_text(call_pytest(*arguments)[1], encoding="utf-8")
    return path


def test_pytests_message_and_the_reports_have_the_same_rerun_command(faulty_ledger: Path) -> None:
    """So one test of the command is enough."""
    ledger = read(faulty_ledger)
    wrong = [one for one in ledger.rows if one["verdict"] == "mismatch"]
    printed = faulty_ledger.with_suffix(".txt").read_text(encoding="utf-8")
    assert wrong and all("again: " + rerun_command(one, ledger.run) in printed for one in wrong)


def test_the_rerun_command_gives_the_same_verdict(
    faulty_ledger: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It runs in a shell; the CI does this for every subject and version."""
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")  # the run starts faster
    assert main(["--execute", str(faulty_ledger)]) == 0
    assert capsys.readouterr().out.startswith(
        "gives the same result: pytest suites/forward --subject numpy_layer:crop-other-side"
    )


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"subject": "numpy_layer"}, "subject 'numpy_layer', not"),
        ({"verdict": "crashed"}, "verdict 'mismatch', not 'crashed'"),
    ],
)
def test_a_rerun_with_another_verdict_is_reported(
    change: dict[str, str],
    text: str,
    faulty_ledger: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The command lacks its subject, or the row has another verdict. A shell runs the command in the test above."""

    def run_in_this_process(command: str) -> Ledger:
        path = tmp_path / "again.jsonl"
        call_pytest(*shlex.split(command)[1:], "--ledger", path)
        return read(path)

    lines = [json.loads(line) for line in faulty_ledger.read_text(encoding="utf-8").splitlines()]
    wrong = next(line for line in lines if line.get("verdict") == "mismatch")
    if "subject" in change:
        command = rerun_command(wrong, {**lines[0], **change})
        monkeypatch.setattr("reports.ledger.check_rerun.rerun_command", lambda row, run: command)
        monkeypatch.setattr("reports.ledger.check_rerun.run_command", run_in_this_process)
    else:  # what the command would write is known from the test above
        again = read(faulty_ledger)
        again.rows[:] = [wrong]
        monkeypatch.setattr("reports.ledger.check_rerun.run_command", lambda command: again)
        wrong = {**wrong, "verdict": change["verdict"], "known_deviation": "baseline"}
    copy = tmp_path / "copy.jsonl"
    copy.write_text("".join(json.dumps(line) + "\n" for line in (lines[0], wrong)), encoding="utf-8")
    assert main(["--execute", str(copy)]) == 1
    assert text in capsys.readouterr().out


def test_rerun_runs_no_command_without_execute(
    faulty_ledger: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The exit status is 4, and the message names the option."""
    monkeypatch.setattr("reports.ledger.check_rerun.rerun_and_compare", lambda *_: pytest.fail("a command ran"))
    assert main([str(faulty_ledger)]) == 4
    assert "add --execute" in capsys.readouterr().err
