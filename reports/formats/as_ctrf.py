"""Write the Common Test Report Format (ctrf.io), JSON that many tools read. See ``results`` for the statuses."""

from __future__ import annotations

import json
from typing import Any, TextIO

from reports.facts.start_times import parse_time
from reports.facts.store import Store
from reports.facts.summary import Summary
from reports.formats.results import ERROR, FAILED, PASSED, SKIPPED, Result, Suite, count_statuses, yield_suites
from reports.formats.safe_text import make_visible, to_one_line
from reports.ledger import case_hash

VERSION = "0.0.0"
_STATUS = {PASSED: "passed", FAILED: "failed", ERROR: "failed", SKIPPED: "skipped"}


def write(summary: Summary, store: Store, file: TextIO) -> None:
    """Write one report of all cells, one test at a time. The cell is the outermost suite of a test."""
    counts = count_statuses(summary)
    times = [parse_time(value) for cell in summary.cells for name, value in cell.environment if name == "started"]
    seconds = store.query("select coalesce(sum(seconds), 0) from answer")[0][0]
    start = min((round(time.timestamp() * 1000) for time in times if time), default=0)
    facts = {
        "tests": sum(counts.values()),
        "passed": counts[PASSED],
        "failed": counts[FAILED] + counts[ERROR],
        "skipped": counts[SKIPPED],
        "pending": 0,
        "other": 0,
        "start": start,
        "stop": start + round(seconds * 1000),
    }
    head = {"tool": {"name": "keras-parity"}, "summary": facts, "tests": []}
    report = {"reportFormat": "CTRF", "specVersion": VERSION, "generatedBy": "keras-parity", "results": head}
    before, after = json.dumps(report, allow_nan=False).rsplit("[]", 1)
    file.write(before + "[")
    comma = "\n"
    for suite in yield_suites(summary, store):
        for result in suite.results:
            file.write(comma + json.dumps(_make_test(suite, result), allow_nan=False))
            comma = ",\n"
    file.write("\n]" + after + "\n")


def _make_test(suite: Suite, result: Result) -> dict[str, Any]:
    test: dict[str, Any] = {
        "name": make_visible(result.name),
        "status": _STATUS[result.status],
        "duration": round(result.seconds * 1000),
        "suite": [make_visible(name) for name in suite.names],
        "rawStatus": result.kind,
    }
    if result.case:
        test["filePath"] = "suites/%s" % make_visible(result.suite)
        test["labels"] = {"variant": make_visible(result.variant), "hash": case_hash(result.case)}
    if result.message:
        test["message"] = to_one_line(result.message)
    if result.text:
        test["trace"] = make_visible(result.text)
    return test
