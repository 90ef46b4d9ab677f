"""The ledger: strict on writing, clear on what it cannot read."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from reports import ledger
from reports.ledger.writer import LedgerWriter

RUN = {
    "kind": "run",
    "schema": 2,
    "planned": 2,
    "cell": "c",
    "subject": "s",
    "axes": [["batch", "b"]],
    "known_deviations": [],
    "faults": {},
    "options": {},
}
ROW: dict[str, Any] = {
    "kind": "verdict",
    "case": "c",
    "suite": "s",
    "variant": "m",
    "verdict": "agree",
    "property": "values",
    "expected": {},
    "observed": {},
    "diagnosis": None,
    "known_deviation": None,
    "checked": [],
    "measured": {},
    "snippet": None,
}
GOOD = json.dumps(RUN) + "\n" + json.dumps(ROW) + "\n"


def test_rows_are_on_disk_at_once_and_the_end_is_seen(tmp_path: Path) -> None:
    """Without an end row the run is incomplete."""
    path = tmp_path / "new" / "a.jsonl"
    writer = ledger.Writer(path)
    writer.write(RUN)
    writer.write(ROW)
    assert len(ledger.read(path).rows) == 1 and ledger.read(path).end is None
    writer.write({"kind": "end"})
    writer.close()
    assert ledger.read(path).end is not None


def test_nan_is_not_written(tmp_path: Path) -> None:
    """Strict JSON or an error."""
    writer = ledger.Writer(tmp_path / "a.jsonl")
    with pytest.raises(ValueError, match="JSON"):
        writer.write({"x": float("nan")})
    writer.close()


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "first line is not a run"),
        ('{"kind":"verdict"}\n', "first line is not a run"),
        ('{"kind":"run","schema":9}\n', "ledger schema 9, this version reads 2"),
        ('{"kind":"run","schema":2}\n{broken\n{}\n', "line 2 is not JSON"),
        ("[]\n", "not an object"),
        ('{"kind":"run","schema":2}\n', "line 1 lacks cell"),
        (GOOD + '{"kind":"verdict"}\n', "line 3 lacks case"),
        (GOOD + json.dumps(ROW) + "\n", "line 3 repeats a check"),
        (GOOD.replace("agree", "fine"), "unknown verdict 'fine'"),
    ],
)
def test_what_is_no_ledger_is_refused(tmp_path: Path, text: str, why: str) -> None:
    """With the file, the line and the reason."""
    path = tmp_path / "a.jsonl"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ledger.LedgerError, match=why):
        ledger.read(path)
    with pytest.raises(ledger.LedgerError, match="cannot be read"):
        ledger.read(tmp_path / "none")


def test_a_line_cut_off_is_an_incomplete_run_and_not_an_error(tmp_path: Path) -> None:
    """What a killed run leaves."""
    path = tmp_path / "a.jsonl"
    path.write_text(json.dumps(RUN) + "\n" + json.dumps(ROW) + '\n{"kind": "ver', encoding="utf-8")
    assert len(ledger.read(path).rows) == 1


def test_every_row_is_counted_once() -> None:
    """The categories add up whatever the verdicts are."""
    rows = [
        {**ROW, "verdict": verdict} for verdict in ("agree", "mismatch", "crashed", "hanged", "not-run", "suite-bug")
    ]
    rows += [{**ROW, "property": "rejection"}, {**ROW, "verdict": "mismatch", "known_deviation": "known"}]
    counts = ledger.tally(rows)
    assert sum(counts.values()) == len(rows)
    assert counts["refused as expected"] == counts["known-deviation"] == counts["mismatch"] == 1


def test_headlines_drop_what_differs_from_case_to_case() -> None:
    """A headline leaves out node names, numbers, colours, and which derivative the message is about."""
    one = ledger.headline("\x1b[1m{{function_node a/b}} size 12 of Conv2D [Op:X]\x1b[0m")
    assert one == ledger.headline("{{function_node c}} size 7 of Conv2D") == "size N of Conv2D"
    refused = [ledger.headline("Conv2DCustomBackprop%sOp is not there" % part) for part in ("Input", "Filter")]
    assert refused == ["Conv2DBackprop is not there"] * 2


def test_a_run_goes_on_with_the_same_versions_on_any_device(tmp_path: Path) -> None:
    """Workers take the devices in turn; what was another version is told, and nothing written."""
    path, facts = tmp_path / "a.jsonl", {"planned": 2, "options": {"tier": "smoke"}, "subject": "s"}
    first = LedgerWriter(path)
    facts.update(axes=[["batch", "b"]], known_deviations=[], faults={})
    assert first.start({"keras": "3", "device": "GPU:0"}, facts) == []
    first.close({})
    for device, keras, changed in (("GPU:0", "4", ["keras"]), ("GPU:1", "3", [])):
        again = LedgerWriter(path)
        assert again.resume({"tier": "smoke"}) == [] and again.resume({"tier": "full"}) == ["tier"]
        assert again.start({"keras": keras, "device": device}, facts) == changed
    again.close({})
