"""Tests of reading a ledger: a file that cannot be read gives a clear error; rows are counted, messages shortened."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from reports import ledger
from suites.selftest import ledgers

RUN = {**ledgers.RUN, "cell": "c", "planned": 2}
ROW = ledgers.make_row("c", suite="s", variant="m")
END = json.dumps({"kind": "end", "counts": {"agree": 1}, "planned": 1}) + "\n"


def make_changed_line(**more: Any) -> str:
    """The line of an answer with other values."""
    return json.dumps({**ROW, **more}) + "\n"


GOOD = json.dumps(RUN) + "\n" + json.dumps(ROW) + "\n"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "first line is not a run"),
        ('{"kind":"verdict"}\n', "first line is not a run"),
        ('{"kind":"run","schema":9}\n', "ledger schema 9, this version reads 2"),
        (json.dumps(RUN) + "\n{broken\n{}\n", "line 2 is not JSON"),
        ("[]\n", "not an object"),
        ('{"kind":"run","schema":2}\n', "line 1 lacks cell"),
        (GOOD + '{"kind":"verdict"}\n', "line 3 lacks case"),
        (GOOD + "{}\n", "line 3 lacks kind"),
        (GOOD + '{"kind":"note"}\n', "line 3 is of the unknown kind 'note'"),
        (GOOD + json.dumps(ROW) + "\n", "line 3 repeats a check"),
        (GOOD.replace("agree", "fine"), "unknown verdict 'fine'"),
        (GOOD + json.dumps(RUN) + "\n", "line 3 is a second first line; did two runs write to it"),
        (GOOD + END + make_changed_line(case="d"), "line 4 comes after the end row"),
        (GOOD + END, "ends with totals that are not its own: 1 of 1, and the file has 1 of 2"),
        (GOOD + make_changed_line(case="d") + make_changed_line(case="e"), "has 3 answers of 2 planned"),
        (GOOD + make_changed_line(known_deviation="k"), "line 3 repeats a check"),
        (
            GOOD + make_changed_line(case="d", known_deviation="k"),
            "known deviation 'k', which the first line does not list",
        ),
        (GOOD + make_changed_line(case="d", seconds="1"), "line 3: seconds is '1', and not number"),
        (
            GOOD + make_changed_line(case="d", seconds=-1),
            "line 3: seconds is -1, and not a number of 64 bits that is at least 0",
        ),
        (GOOD + make_changed_line(case="D"), "line 3: case is 'D', and not of the form"),
        (GOOD + make_changed_line(case="d", checked=["a", 1]), r"line 3: checked\[1\] is 1, and not text"),
        (GOOD + make_changed_line(case="d", more=1), "line 3 has the unknown key 'more'"),
        (GOOD + make_changed_line(case="d").replace("0.25", "NaN"), "line 3 is not JSON: it has the number NaN"),
        (GOOD + make_changed_line(case="d").replace("0.25", "1e999"), "line 3 is not JSON: it has the number 1e999"),
        (
            GOOD + make_changed_line(case="d").replace("0.25", "9" * 99),
            "line 3: seconds is 9+[.]*, and not a number of 64 bits",
        ),
        (
            GOOD + make_changed_line(case="d").replace("0.25", "1e99"),
            "line 3: seconds is 1e[+]99, and not a number of 64 bits",
        ),
        (GOOD + make_changed_line(case="d", data="x").replace('"x"', r'"\udc00"'), "line 3 is not JSON: 'utf-8' codec"),
        (GOOD + make_changed_line(case="d", data="x" * 2**20), "line 3 is longer than 1 MiB"),
        (GOOD + " " * 2**25, "line 3 is longer than 16 MiB"),
        (GOOD + "[" * 10**6 + "\n", "line 3 is not JSON: it is nested too deeply"),
        (
            GOOD + make_changed_line(case="d", measured=[]).replace("[]", "[" * 80 + "]" * 80),
            "nested more than 64 levels deep",
        ),
    ],
)
def test_a_file_that_is_not_a_ledger_is_refused_with_line_and_reason(tmp_path: Path, text: str, why: str) -> None:
    """A missing file is refused too."""
    path = tmp_path / "a.jsonl"
    path.write_text(text, encoding="utf-8")
    readers: list[Any] = [ledger.read]
    if sys.version_info >= (3, 11):
        from reports.facts.store import Store

        readers.append(lambda path: Store([path]))
    for read in readers:
        with pytest.raises(ledger.LedgerError, match=why):
            read(path)
    with pytest.raises(ledger.LedgerError, match="cannot be read"):
        ledger.read(tmp_path / "none")


def test_a_ledger_with_a_cut_last_line_is_an_incomplete_run(tmp_path: Path) -> None:
    """A run that is killed leaves such a file."""
    path = tmp_path / "a.jsonl"
    path.write_text(json.dumps(RUN) + "\n" + json.dumps(ROW) + '\n{"kind": "ver', encoding="utf-8")
    assert len(ledger.read(path).rows) == 1


def test_every_row_is_counted_in_one_category() -> None:
    """The categories add up to the number of rows."""
    rows = [
        {**ROW, "verdict": verdict} for verdict in ("agree", "mismatch", "crashed", "hanged", "not-run", "suite-bug")
    ]
    rows += [{**ROW, "property": "rejection"}, {**ROW, "verdict": "mismatch", "known_deviation": "known"}]
    counts = ledger.tally(rows)
    assert sum(counts.values()) == len(rows)
    assert counts["refused as expected"] == counts["known-deviation"] == counts["mismatch"] == 1


def test_headlines_of_messages_leave_out_what_differs_between_cases() -> None:
    """Node names, numbers, colours and the kind of derivative are left out."""
    one = ledger.headline("\x1b[1m{{function_node a/b}} size 12 of Conv2D [Op:X]\x1b[0m")
    assert one == ledger.headline("{{function_node c}} size 7 of Conv2D") == "size N of Conv2D"
    refused = [ledger.headline("Conv2DCustomBackprop%sOp is not there" % part) for part in ("Input", "Filter")]
    assert refused == ["Conv2DBackprop is not there"] * 2
