"""Tests of blocks: the tiers that are drawn, their items, and the rows, messages and shards of their checks."""

from __future__ import annotations

from collections import Counter
from functools import lru_cache
from itertools import islice
from pathlib import Path
from typing import Any

import pytest

from fixtures.case import Case
from fixtures.cases import drawn_blocks
from fixtures.cases.drawn_blocks import DrawnTier, drawn_tier
from fixtures.cases.draws import yield_draws
from fixtures.cases.tiers import DRAWN, cases_of_tier, draw_case, listed_cases
from fixtures.check import Check
from fixtures.run import options
from fixtures.run.blocks import (
    Answered,
    Block,
    block_of_item,
    checks_of_block,
    count_checks,
    yield_blocks,
    yield_checks_left,
)
from fixtures.run.check_plugin import CheckPlugin
from fixtures.run.option_values import check_options
from fixtures.run.options import BadOption
from reports import ledger
from reports.ledger.digests import DigestSet
from reports.ledger.stored_rows import AnsweredChecks
from suites.selftest.pytest_in_process import call_pytest

NOTHING = Answered((), ())


def test_a_drawn_tier_has_the_cases_of_the_tier_in_its_order() -> None:
    """Full has the listed cases first; random has only draws."""
    full = list(DrawnTier("full", 250))
    listed = list(listed_cases("full"))
    draws = (draw_case(number) for number in range(DRAWN, DRAWN + 250))
    assert full == listed + [case for case in draws if case not in set(listed)]
    assert full == list(islice(cases_of_tier("full"), len(full)))
    assert list(DrawnTier("random", 30)) == [case for _, case in yield_draws(30)]


def test_blocks_have_every_case_once_and_few_of_them_at_a_time() -> None:
    """More draws make larger blocks, so that there are never more than some hundred."""
    tier = DrawnTier("full", 250)
    parts = [tier.cases_of_block(number) for number in range(len(tier))]
    assert [case for part in parts for case in part] == list(tier) and max(map(len, parts)) <= tier.size == 100
    assert DrawnTier("full", 1000000).size == 2000


def test_a_case_that_is_drawn_twice_counts_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first draw counts. Cases with the same hash are compared, and a listed case is not a draw."""

    class SameHash(Case):
        __hash__ = lambda self: 7  # noqa: E731  # every case collides

    listed = next(listed_cases("full"))

    def draw(number: int) -> tuple[bool, Case]:
        case = listed if number == 3 else draw_case((0, 1, 0, 3, 1, 0, 2)[number])
        return True, SameHash(**vars(case)) if number != 3 else case

    monkeypatch.setitem(drawn_blocks._DRAWN_TIERS, "full", drawn_blocks._Draws(0, 7, draw))
    tier = DrawnTier("full", 7)
    assert tier.survey == drawn_blocks._Survey(7, frozenset({2, 3, 4, 5}))
    assert [vars(case) for case in tier][-3:] == [vars(draw_case(number)) for number in (0, 1, 2)]


def test_the_blocks_of_all_shards_have_every_check_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Shards divide cases, so every block has a part of each shard. The listed cases are the first blocks of full."""
    monkeypatch.setattr(drawn_blocks, "listed_cases", lambda tier: listed_cases("smoke"))
    monkeypatch.setattr(drawn_blocks, "SMALLEST", 20)  # so that there are many blocks
    monkeypatch.setattr(options, "drawn_tier", lru_cache(maxsize=None)(DrawnTier))
    given = {"subject": "numpy_layer", "tier": "full", "draws": "40", "mode": "eager,xla"}
    whole = check_options(given)
    suites = ("forward", "shapes", "arguments")
    blocks = [block for suite in suites for block in yield_blocks(whole, suite)]
    expected = [check for block in blocks for check in checks_of_block(whole, block, NOTHING)]
    assert expected == [
        check for suite in suites for check in yield_checks_left(whole, suite, whole.selected(), NOTHING)
    ]
    counts, cases = count_checks(whole, blocks, NOTHING)
    assert counts == Counter(check.suite for check in expected) and cases == len(list(whole.selected()))
    assert counts["arguments"] > 100  # the contract's own cases are listed, so its blocks are few
    assert len(list(yield_blocks(whole, "arguments"))) < len(list(yield_blocks(whole, "shapes")))
    parts = [check_options({**given, "shard": "%d/3" % number}) for number in (1, 2, 3)]
    found = [check for run in parts for block in blocks for check in checks_of_block(run, block, NOTHING)]
    assert len(found) == len(expected) and set(found) == set(expected)


def test_a_block_leaves_out_answered_checks() -> None:
    """So that --resume works by check."""
    run = check_options({"subject": "numpy_layer", "tier": "random", "draws": "20"})
    block = Block("forward", 0)
    first, *rest = checks_of_block(run, block, NOTHING)
    done = AnsweredChecks()
    done.add(first.case.id, first.suite, first.variant)
    again = AnsweredChecks.unpack(*done.pack())
    assert checks_of_block(run, block, Answered(again, again.variants)) == rest
    assert block_of_item("suites/forward/test_forward.py::test_forward[block-0]") == block
    assert block_of_item("suites/forward/test_forward.py::test_forward[%s-eager]" % first.case.id) is None


def test_a_run_in_blocks_has_a_row_for_each_check_and_resumes_by_check(tmp_path: Path) -> None:
    """A block that fails names its first checks with the commands that repeat them; xdist gives the same rows."""
    path = tmp_path / "a.jsonl"
    options = ("--subject", "numpy_layer:bias-missing", "--tier", "random", "--draws", "12", "--shard", "2/2")
    status, text = call_pytest(*options, "--deviations", "none", "--ledger", path)
    found = ledger.read(path)
    failing = sum(row["verdict"] == "mismatch" for row in found.rows if row["suite"] == "forward")
    run = check_options({"subject": "numpy_layer", "tier": "random", "draws": "12", "shard": "2/2"})
    assert status == 1 and found.end is not None and failing > 3, text
    assert {row["case"] for row in found.rows} == {case.id for case in run.selected()}
    of_block = sum(row["suite"] == "forward" for row in found.rows)
    assert "%d of %d checks of this block fail" % (failing, of_block) in text
    shown = text.count("again: pytest suites/forward --subject numpy_layer:bias-missing --mode eager --case")
    assert shown == min(failing, 3)
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    path.write_text("".join(lines[:3]), encoding="utf-8")
    status, text = call_pytest(*options, "--deviations", "none", "--ledger", path, "--resume", "-n", "2")
    assert status == 1 and "2 before, and kept" in text, text
    resumed = ledger.read(path)
    assert resumed.end is not None and resumed.rows[:2] == found.rows[:2]
    keys = [[(row["case"], row["suite"], row["verdict"]) for row in one.rows] for one in (found, resumed)]
    assert sorted(keys[0]) == sorted(keys[1])


class Recorder:
    """Stands in for the pytest item, its hooks, the subject and a known deviation; notes what happens."""

    nodeid, location = "block", ("file", 1, "block")

    def __init__(self, corrupting: Case, verdict: str) -> None:
        self.ihook, self.corrupting, self.verdict = self, corrupting, verdict
        self.events: list[str] = []
        self.rows: list[str] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Note the rows of a report."""
        self.rows += [str(value) for name, value in report.user_properties if name == "row"]

    def covers(self, check: Check) -> bool:
        """Return whether the deviation covers the check."""
        return check.case == self.corrupting

    def row(self, check: Check) -> dict[str, Any]:
        """Return the row of a check."""
        self.events.append("corrupting" if self.covers(check) else "check")
        return {**check.to_row(), "verdict": self.verdict, "known_deviation": None}

    def look_ahead(self, check: Check, device: str) -> None:
        """Take the check that follows, of which the pipeline asks later."""

    def stop(self) -> None:
        """Note that the subject's process ends."""
        self.events.append("stop")


@pytest.mark.parametrize("verdict", ["agree", "not-run"])
def test_what_may_corrupt_memory_runs_last_in_its_block_and_before_no_other_check(
    monkeypatch: pytest.MonkeyPatch, verdict: str
) -> None:
    """The subject gets a new process for the next block. A block of which nothing could run is skipped."""
    run = check_options({"subject": "numpy_layer", "tier": "random", "draws": "12", "deviations": "none"})
    block = Block("forward", 0)
    checks = checks_of_block(run, block, NOTHING)
    recorder = Recorder(checks[2].case, verdict)
    plugin = CheckPlugin(run, NOTHING, True, lambda row, header: "")
    monkeypatch.setattr(plugin, "_start_or_end", lambda properties: recorder)
    monkeypatch.setattr(plugin, "_corrupting", [recorder])
    monkeypatch.setattr(plugin, "_subject", recorder)
    monkeypatch.setattr(plugin, "_header", {"device": "CPU:0"})
    item: Any = recorder
    if verdict == "agree":
        plugin.ask_block(block, item)
    else:
        with pytest.raises(pytest.skip.Exception, match="no check of this block could run"):
            plugin.ask_block(block, item)
    assert recorder.events == ["check"] * (len(checks) - 1) + ["corrupting", "stop"]
    assert len(recorder.rows) == len(checks)


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"draws": "9"}, "tier smoke has no draws"),
        ({"draws": "-1", "tier": "full"}, "no number from 0 to"),
        ({"draws": "99999999", "tier": "full"}, "no number from 0 to"),
    ],
)
def test_a_number_of_draws_that_has_no_meaning_is_refused(given: dict[str, str], sentence: str) -> None:
    """Only full and random are drawn."""
    with pytest.raises(BadOption, match=sentence):
        check_options(given)


def test_a_set_of_digests_has_what_was_added(tmp_path: Path) -> None:
    """It grows, and comes back from bytes as it was."""
    checks = [("case %d" % number, "forward", "eager") for number in range(1000)]
    found = DigestSet()
    assert all(found.add(*check) for check in checks) and not found.add(*checks[500])
    again = DigestSet.unpack(found.pack())
    assert len(again) == len(found) == 1000 and all(check in again for check in checks)
    assert ("case 1000", "forward", "eager") not in again and "case 1" not in again
    assert len(found.pack()) <= 1000 * 64


def test_no_draws_are_a_tier_of_the_listed_cases() -> None:
    """Random then has no case."""
    assert list(drawn_tier("full", 0)) == list(listed_cases("full")) and list(drawn_tier("random", 0)) == []
