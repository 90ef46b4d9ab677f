"""A test of the plugin with which the benchmark measures named checks in blocks."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from fixtures.run.options import Run
from reports import ledger
from suites.selftest.pytest_in_process import call_pytest

PLUGIN = "benchmarks.checks_in_blocks"


def test_the_plugin_makes_blocks_of_named_cases(
    tmp_path: Path, case_option: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A run with it has an item for each suite; it has the rows of a run without it."""
    monkeypatch.setattr(Run, "drawn_tier", Run.drawn_tier)  # the plugin changes it when it is imported
    monkeypatch.delitem(sys.modules, PLUGIN, raising=False)
    found = []
    for number, plugin in enumerate(((), ("-p", PLUGIN))):
        path = tmp_path / ("%d.jsonl" % number)
        status, text = call_pytest(*plugin, "--subject=numpy_layer", case_option, "--ledger=%s" % path)
        rows = sorted((row["suite"], row["case"], row["verdict"]) for row in ledger.read(path).rows)
        assert status == 0 and len(rows) > 2, text
        assert "\n%d passed" % (2 if plugin else len(rows)) in text
        found.append(rows)
    assert found[0] == found[1]
