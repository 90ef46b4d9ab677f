"""Tests of shards: their union is the whole, they are disjoint, and recorded durations balance them."""

from __future__ import annotations

import json
from itertools import chain
from pathlib import Path
from typing import Mapping, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fixtures.case import EXAMPLE_ID, Case
from fixtures.cases.tiers import cases_of_tier, draw_case
from fixtures.run.option_values import check_options
from fixtures.run.options import BadOption
from fixtures.run.shards import by_durations, read_durations

DRAWS = [draw_case(number) for number in range(400)]
SECONDS = st.floats(0, 1000, allow_nan=False)


def write_durations(path: Path, seconds: Mapping[str, float]) -> Path:
    """Write a ledger whose cases took so long."""
    facts: dict[str, object] = {
        "suite": "forward",
        "variant": "eager",
        "verdict": "agree",
        "property": "values",
        "observed": {},
    }
    facts = {**facts, "diagnosis": None, "known_deviation": None}
    head = {"kind": "run", "schema": 2, "planned": len(seconds), "known_deviations": []}
    rows = [{"kind": "verdict", "case": case, "seconds": one, **facts} for case, one in seconds.items()]
    path.write_text("".join(json.dumps(row) + "\n" for row in [head, *rows]), encoding="utf-8")
    return path


# A hundred cases are listed, drawn and recorded in every combination, as more cases are.
@given(st.integers(1, 9), st.dictionaries(st.sampled_from(range(100)), SECONDS, min_size=1), st.integers(0, 75))
def test_each_case_has_one_shard_whatever_the_durations(parts: int, recorded: dict[int, float], listed: int) -> None:
    """Listed, drawn and recorded cases alike: so the union of the shards is the whole, and they are disjoint."""
    seconds = {DRAWS[number].id: one for number, one in recorded.items()}
    shards = [by_durations(parts, seconds, DRAWS[:listed], 100 - listed) for _ in range(2)]
    found = [[shard(case) for case in DRAWS[:100]] for shard in shards]
    assert found[0] == found[1] and set(found[0]) <= set(range(parts))


@given(st.integers(2, 6), st.lists(SECONDS, min_size=1, max_size=60))
def test_no_shard_takes_longer_than_a_fair_share_and_one_case(parts: int, recorded: list[float]) -> None:
    """That is the bound of dealing out the longest first."""
    cases = DRAWS[: len(recorded)]
    seconds = {case.id: one for case, one in zip(cases, recorded)}
    shard = by_durations(parts, seconds, cases, 0)
    loads = sum_by_shard(parts, cases, [shard(case) for case in cases], seconds)
    assert max(loads) <= sum(recorded) / parts + max(recorded) + 1e-6


def sum_by_shard(parts: int, cases: Sequence[Case], shards: Sequence[int], seconds: Mapping[str, float]) -> list[float]:
    """Return the seconds of each shard."""
    return [sum(seconds[case.id] for case, one in zip(cases, shards) if one == part) for part in range(parts)]


def test_unknown_cases_count_as_the_median_and_fill_the_shards_up() -> None:
    """A shard with one case of 60 s gets few of the others, which take 1 s each."""
    long, *others = DRAWS
    seconds = {long.id: 60.0, **{case.id: 1.0 for case in others[:9]}}
    for listed, most in ((DRAWS, 1.0), (DRAWS[:10], 25.0)):  # all known in advance; the others drawn, by their hashes
        shard = by_durations(4, seconds, listed, len(DRAWS) - len(listed))
        found = [shard(case) for case in DRAWS]
        every = {case.id: seconds.get(case.id, 1.0) for case in DRAWS}
        loads = sum_by_shard(4, DRAWS, found, every)
        assert max(loads) - min(loads) <= most, loads
        assert found.count(found[0]) < 80


def test_the_shards_of_a_run_follow_the_ledger_and_are_the_whole(tmp_path: Path) -> None:
    """By hash the two longest cases may share a shard; by durations they never do."""
    cases = list(cases_of_tier("smoke"))
    seconds = {case.id: 100.0 if place < 3 else 0.01 for place, case in enumerate(cases[:100])}
    path = str(write_durations(tmp_path / "a.jsonl", seconds))
    runs = [check_options({"shard": "%d/3" % number, "durations_from": path}) for number in (1, 2, 3)]
    parts = [[case.id for case in run.selected()] for run in runs]
    assert sorted(chain(*parts)) == sorted(case.id for case in cases)
    assert [sum(case.id in part for case in cases[:3]) for part in parts] == [1, 1, 1]
    assert runs[0].to_options()["durations"] == read_durations(Path(path))[1]
    assert check_options({}).to_options()["durations"] is None


@pytest.mark.parametrize(
    ("text", "sentence"), [("", "is not a ledger"), ("{}\n", "is not a ledger"), (None, "be read")]
)
def test_a_file_without_durations_is_refused(tmp_path: Path, text: str | None, sentence: str) -> None:
    """The message names the option."""
    path = tmp_path / "a.jsonl"
    if text is not None:
        path.write_text(text, encoding="utf-8")
    with pytest.raises(BadOption, match="--durations-from.*(%s)" % sentence):
        check_options({"shard": "1/2", "durations_from": str(path)})


def test_a_row_without_seconds_counts_as_none(tmp_path: Path) -> None:
    """Durations that are no numbers, or below 0, are not used."""
    path = write_durations(tmp_path / "a.jsonl", {EXAMPLE_ID: -3.0})
    assert read_durations(path)[0] == {EXAMPLE_ID: 0.0}
