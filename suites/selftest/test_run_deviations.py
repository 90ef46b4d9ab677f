"""Tests of whole pytest runs with a file of known deviations that is stale, too wide or malformed."""

from __future__ import annotations

from pathlib import Path

import pytest

from suites.selftest.pytest_in_process import call_pytest
from suites.selftest.pytest_runs import ROOT
from suites.selftest.sample_cause import HEAD


def test_a_stale_known_deviation_fails_the_run(case_option: str, tmp_path: Path) -> None:
    """The subject is healthy, and the message names the entry."""
    path = tmp_path / "d.toml"
    path.write_text(
        HEAD + 'name = "gone"\nsubject = ["numpy_layer"]\nwhen = "padding == \'same\'"\nverdict = "mismatch"\n'
        'property = "values"\nversions = {numpy = ">=1"}\nbackend = ["numpy"]\n',
        encoding="utf-8",
    )
    status, text = call_pytest(
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
    status, text = call_pytest("--subject", "numpy_layer", "--deviations=%s" % path, "--ledger=%s" % run_ledger)
    assert status == 4 and "deviation 'bad' in %s: when: " % path in text and why in text, text
    assert "Traceback" not in text and not run_ledger.exists() and not (ROOT / "trace").exists()


def test_a_drawn_example_that_agrees_makes_a_known_deviation_too_wide(tmp_path: Path) -> None:
    """The entry covers the example, so the run fails."""
    entries = tmp_path / "wide.toml"
    entries.write_text(
        HEAD + 'name = "wide"\nsubject = ["numpy_layer"]\nbackend = ["numpy"]\nversions = { numpy = ">=1" }\n'
        'when = "max(size) > 40 and not rules"\nverdict = "mismatch"\nproperty = "values"\n',
        encoding="utf-8",
    )
    drawn = ("suites/hypothesis", "--mode", "none", "--variant", "forward.plain", "--tier", "quick")
    status, text = call_pytest(
        *drawn, "--subject", "numpy_layer", "--deviations=%s" % entries, "--ledger", tmp_path / "a.jsonl"
    )
    assert status == 1 and "deviation wide is too wide" in text
