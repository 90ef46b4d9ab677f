"""The row of a crash with a history: in the ledger's schema, the rerun command, and on the page."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

if sys.version_info < (3, 11):
    pytest.skip("the page needs Python 3.11", allow_module_level=True)

from fixtures.cases.contract import PLAIN
from fixtures.check import Check
from fixtures.observation import Lost
from fixtures.run.crash_reproduction import AFTER, make_history
from reports import ledger
from reports.__main__ import main
from reports.ledger.rerun import rerun_command
from suites.selftest.ledgers import CASES, RUN, make_row, write_ledger
from suites.selftest.pages import Tags

LOST = Lost("crashed", "the process died of SIGILL", "")
NEEDED = Check("rejection", PLAIN, "eager")
EARLIER = [NEEDED, *[Check("forward", PLAIN, "eager")] * 3]


def make_crash_row() -> dict[str, Any]:
    """The row of a crash that needs one of four earlier checks."""
    observed = {"reason": LOST.reason, "stderr": ""}
    history = make_history(LOST, EARLIER, AFTER, [NEEDED])
    return make_row(
        CASES[0], "crashed", expected={}, observed=observed, history=history, snippet="# No snippet: short.\n"
    )


def test_the_history_is_part_of_a_ledger(tmp_path: Path) -> None:
    """A reader returns it, and refuses a history of another form."""
    path = write_ledger(tmp_path / "a.jsonl", [make_crash_row()])
    assert ledger.read(path).rows[0]["history"]["needs"] == ["rejection/eager/%s" % PLAIN.id]
    with pytest.raises(ledger.LedgerError):
        ledger.read(write_ledger(tmp_path / "b.jsonl", [{**make_crash_row(), "history": {"needs": "all"}}]))


def test_the_command_has_the_checks_that_the_crash_needs() -> None:
    """A row without a history has none."""
    assert rerun_command(make_crash_row(), RUN).count("--after") == 1
    assert "--after rejection/eager/%s" % PLAIN.id in rerun_command(make_crash_row(), RUN)
    assert "--after" not in rerun_command(make_row(CASES[0], "crashed"), RUN)


def test_the_page_shows_what_reproduces_the_crash(tmp_path: Path) -> None:
    """The sentence, the needed check, and the earlier ones."""
    page = tmp_path / "page.html"
    assert main(["build", str(write_ledger(tmp_path / "a.jsonl", [make_crash_row()])), "-o", str(page)]) == 0
    text = " ".join(Tags(page.read_text(encoding="utf-8")).text.split())
    assert "Alone in a new process it is answered. It dies again after 1 of the 4 earlier checks." in text
    assert "It needs these checks first:" in text and "rejection/eager/%s" % PLAIN.id in text
    assert "The last 4 of the 4 checks that it had done" in text
