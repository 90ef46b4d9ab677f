"""Write JUnit XML, which most CI systems and test viewers read. See ``results`` for the statuses."""

from __future__ import annotations

from io import TextIOBase
from typing import Mapping, TextIO, cast
from xml.sax.saxutils import XMLGenerator
from xml.sax.xmlreader import AttributesImpl

from reports.facts.moments import moment
from reports.facts.store import Store
from reports.facts.summary import Summary
from reports.formats.results import ERROR, FAILED, SKIPPED, Result, Suite, suites, totals
from reports.formats.text import one_line, visible

_TAGS = {FAILED: "failure", ERROR: "error", SKIPPED: "skipped"}


def write(summary: Summary, store: Store, file: TextIO) -> None:
    """Write one testsuite for each suite and mode of a cell, and one testcase for each check."""
    counts = totals(summary)
    out = XMLGenerator(cast(TextIOBase, file), "utf-8", short_empty_elements=True)
    out.startDocument()
    _open(out, "testsuites", {"name": "keras-parity", "tests": sum(counts.values()), **_failing(counts)})
    for suite in suites(summary, store):
        _suite(out, suite)
    out.endElement("testsuites")
    out.endDocument()


def _failing(counts: Mapping[str, int]) -> dict[str, int]:
    return {"failures": counts[FAILED], "errors": counts[ERROR], "skipped": counts[SKIPPED]}


def _suite(out: XMLGenerator, suite: Suite) -> None:
    counts = {"tests": len(suite.results), **_failing({status: suite.count(status) for status in _TAGS})}
    began = moment(dict(suite.cell.environment).get("started", ""))
    started = {"timestamp": began.strftime("%Y-%m-%dT%H:%M:%S")} if began else {}  # in UTC: the format has no offset
    _open(out, "testsuite", {"name": " ".join(suite.names), **counts, "time": "%.4f" % suite.seconds, **started})
    if suite.cell.environment:
        _open(out, "properties", {})
        for name, value in suite.cell.environment:
            _open(out, "property", {"name": name, "value": value})
            out.endElement("property")
        out.endElement("properties")
    for result in suite.results:
        _case(out, ".".join(suite.names), result)
    out.endElement("testsuite")


def _case(out: XMLGenerator, group: str, result: Result) -> None:
    _open(out, "testcase", {"classname": group, "name": result.name, "time": "%.4f" % result.seconds})
    if result.status in _TAGS:
        kind = {} if result.status == SKIPPED else {"type": result.kind}
        _open(out, _TAGS[result.status], {**kind, "message": one_line(result.message)})
        out.characters(visible(result.text))
        out.endElement(_TAGS[result.status])
    out.endElement("testcase")


def _open(out: XMLGenerator, tag: str, attributes: Mapping[str, object]) -> None:
    """Open an element on a line of its own, except for an element in a testcase."""
    if tag not in _TAGS.values():
        out.ignorableWhitespace("\n")
    out.startElement(tag, AttributesImpl({name: visible(str(value)) for name, value in attributes.items()}))
