"""Write JUnit XML, which most CI systems and test viewers read. See ``results`` for the statuses."""

from __future__ import annotations

from io import TextIOBase
from typing import Mapping, TextIO, cast
from xml.sax.saxutils import XMLGenerator
from xml.sax.xmlreader import AttributesImpl

from reports.facts.start_times import parse_time
from reports.facts.store import Store
from reports.facts.summary import Summary
from reports.formats.results import ERROR, FAILED, SKIPPED, Result, Suite, count_statuses, yield_suites
from reports.formats.safe_text import make_visible, to_one_line

_TAGS = {FAILED: "failure", ERROR: "error", SKIPPED: "skipped"}


def write(summary: Summary, store: Store, file: TextIO) -> None:
    """Write one testsuite for each suite and mode of a cell, and one testcase for each check."""
    counts = count_statuses(summary)
    out = XMLGenerator(cast(TextIOBase, file), "utf-8", short_empty_elements=True)
    out.startDocument()
    _open_element(out, "testsuites", {"name": "keras-parity", "tests": sum(counts.values()), **_failure_counts(counts)})
    for suite in yield_suites(summary, store):
        _write_testsuite(out, suite)
    out.endElement("testsuites")
    out.endDocument()


def _failure_counts(counts: Mapping[str, int]) -> dict[str, int]:
    return {"failures": counts[FAILED], "errors": counts[ERROR], "skipped": counts[SKIPPED]}


def _write_testsuite(out: XMLGenerator, suite: Suite) -> None:
    counts = {"tests": len(suite.results), **_failure_counts({status: suite.count(status) for status in _TAGS})}
    began = parse_time(dict(suite.cell.environment).get("started", ""))
    started = {"timestamp": began.strftime("%Y-%m-%dT%H:%M:%S")} if began else {}  # in UTC: the format has no offset
    _open_element(
        out, "testsuite", {"name": " ".join(suite.names), **counts, "time": "%.4f" % suite.seconds, **started}
    )
    if suite.cell.environment:
        _open_element(out, "properties", {})
        for name, value in suite.cell.environment:
            _open_element(out, "property", {"name": name, "value": value})
            out.endElement("property")
        out.endElement("properties")
    for result in suite.results:
        _write_testcase(out, ".".join(suite.names), result)
    out.endElement("testsuite")


def _write_testcase(out: XMLGenerator, group: str, result: Result) -> None:
    _open_element(out, "testcase", {"classname": group, "name": result.name, "time": "%.4f" % result.seconds})
    if result.status in _TAGS:
        kind = {} if result.status == SKIPPED else {"type": result.kind}
        _open_element(out, _TAGS[result.status], {**kind, "message": to_one_line(result.message)})
        out.characters(make_visible(result.text))
        out.endElement(_TAGS[result.status])
    out.endElement("testcase")


def _open_element(out: XMLGenerator, tag: str, attributes: Mapping[str, object]) -> None:
    """Open an element on a line of its own, except for an element in a testcase."""
    if tag not in _TAGS.values():
        out.ignorableWhitespace("\n")
    out.startElement(tag, AttributesImpl({name: make_visible(str(value)) for name, value in attributes.items()}))
