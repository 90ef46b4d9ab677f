"""Tests of the report formats: JSON, CSV, JUnit, CTRF, Markdown and GitHub say what the ledger says, and escape it."""

from __future__ import annotations

import csv
import io
import json
import re
import sys
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

import pytest

if sys.version_info < (3, 11):
    pytest.skip("reports need Python 3.11", allow_module_level=True)

import junitparser
from jsonschema import Draft7Validator, Draft202012Validator

from reports import ledger
from reports.__main__ import main
from reports.facts.bisections import (
    GOOD,
    BisectionFile,
    BisectionRecord,
    ChangeOfResult,
    CheckedRelease,
    to_json,
)
from reports.formats import FORMATS
from reports.formats.as_csv import escape_formula, format_lengths
from reports.formats.as_github import workflow_command
from reports.formats.as_json import to_plain_json
from reports.formats.as_markdown import escape_markdown
from suites.selftest.ledgers import CASES, HOSTILE, RUN, make_row, write_ledger

SUMMARY = Path(ledger.__file__).parents[1] / "schema" / "summary-2.schema.json"
CTRF = Path(__file__).parent / "data" / "ctrf-schema-0.0.json"
LATER = "2026-11-02T08:00:00+00:00"
KNOWN_DEVIATION = {"name": "late", "because": "because of " + HOSTILE, "link": "https://example.org/1"}
ERROR = {"error": "ValueError", "stage": "call", "message": "shape " + HOSTILE}


def rows() -> list[dict[str, Any]]:
    """Return one row of every verdict and category."""
    return [
        make_row(CASES[0]),
        make_row(CASES[1], "mismatch", diagnosis=HOSTILE),
        make_row(CASES[1], "mismatch", variant="xla", known_deviation="late"),
        make_row(CASES[2], "crashed", observed={"reason": "the process died of SIGSEGV"}),
        make_row(CASES[3], "not-run", observed={"reason": "=1+1"}),
        make_row(CASES[4], suite="rejection", property="rejection"),
        make_row(CASES[5], "unclear-rejection", property="rejection", observed=ERROR),
        make_row(CASES[6], suite="promises", variant="bias.none"),
        make_row(CASES[6], suite="promises", variant="bias.shape"),
    ]


def _write_bisection(folder: Path) -> Path:
    record = BisectionRecord(
        *("keras", "forward/eager/" + CASES[0], "late", "", "", "good in 3.6.0, mismatch (values) since 3.7.0"),
        *(
            "3.7.0",
            "",
            [CheckedRelease("3.6.0", "2024-10-04", GOOD)],
            [ChangeOfResult("3.6.0", "3.7.0", "", ["3.6.1"])],
        ),
    )
    path = folder / "keras.json"
    path.write_text(to_json(BisectionFile([record], 1, 1.0, 1.0, 1.0)), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def texts(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Return the text of every format for two cells, one of them incomplete, by the format's name; written once."""
    tmp_path = tmp_path_factory.mktemp("formats")
    one = write_ledger(tmp_path / "one.jsonl", rows(), known_deviations=[KNOWN_DEVIATION], contract=["promises"])
    other = write_ledger(tmp_path / "other.jsonl", rows()[:1], ended=False, cell="o|t,h:er", planned=3, started=LATER)
    coming = write_ledger(tmp_path / "coming.jsonl", rows()[:1], cell="coming")
    words = ["build", str(one), str(other), "--coming", str(coming), "--bisections", str(_write_bisection(tmp_path))]
    words += ["--format", ",".join(FORMATS), "-o", str(tmp_path / "out" / "page.html")]
    with redirect_stdout(io.StringIO()) as printed:
        assert main(words) == 0
    texts = {"github": printed.getvalue()}
    for name, form in FORMATS.items():
        if form.ending:
            with open(tmp_path / "out" / ("page" + form.ending), encoding="utf-8", newline="") as file:
                texts[name] = file.read()
    return texts


def test_the_json_summary_is_valid_in_its_schema(texts: dict[str, str]) -> None:
    """Each key of the schema is required; a key that is a pair is written as a list of entries."""
    schema = json.loads(SUMMARY.read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(schema)
    validator, made = Draft202012Validator(schema), json.loads(texts["json"])
    validator.validate(made)
    assert made["schema"] == 2 and made["totals"]["mismatch"] == 1 and not made["good"]
    assert [cell["state"] for cell in made["cells"]] == ["complete", "incomplete"]
    assert made["coming"] and made["bisections"]
    for key in made:
        assert not validator.is_valid({name: value for name, value in made.items() if name != key}), key
    for broken in ({"cells": [{"name": "x"}]}, {"groups": [{**made["groups"][0], "exemplar": {}}]}, {"checks": "9"}):
        assert not validator.is_valid({**made, **broken})
    assert to_plain_json({("a", "b"): (1, 2)}) == [{"of": ["a", "b"], "value": [1, 2]}]


def test_the_csv_has_every_check_and_escapes_formulas(texts: dict[str, str]) -> None:
    """Read by the csv module, it equals the rows; text that a spreadsheet would evaluate gets a quote in front."""
    assert texts["csv"].count("\r\n") == 11 + 2 * HOSTILE.count("\r\n")
    header, *lines = csv.reader(texts["csv"].splitlines(keepends=True))
    axes = [name for name, _ in RUN["axes"]]
    assert header == [
        *("cell", "suite", "variant", *axes, "category", "verdict", "property", "cause", "diagnosis", "deviation"),
        *("seconds", "case", "hash"),
    ]
    records = [dict(zip(header, line)) for line in lines]
    assert [line["case"] for line in records] == [one["case"] for one in (*rows(), rows()[0])]
    assert [line["category"] for line in records[:4]] == ["agree", "mismatch", "known-deviation", "crashed"]
    assert records[1]["cause"] == records[1]["diagnosis"] == HOSTILE and records[2]["deviation"] == "late"
    assert records[3]["cell"] == "one" and records[-1]["cell"] == "o|t,h:er" and records[0]["seconds"] == "0.25"
    assert records[0]["size"] == "2x4" and records[0]["hash"] == ledger.case_hash(CASES[0])
    assert records[4]["cause"] == "'=1+1"
    assert [format_lengths(value) for value in ("m1.0", "onone", "mixed.float16", "10.2.3")] == [
        "-1x0",
        "onone",
        "mixed.float16",
        "10x2x3",
    ]
    for start in "=+-@\t\r\n":
        assert escape_formula(start + "1") == "'" + start + "1"
    assert escape_formula(-1.5) == -1.5 and escape_formula("a=1") == "a=1"


def _stated(suite: Any) -> tuple[int, ...]:
    """Return the totals that a JUnit suite states: tests, failures, errors and skipped."""
    return suite.tests, suite.failures, suite.errors, suite.skipped


def _counted(suite: Any) -> tuple[int, ...]:
    """Return the same totals, counted from the suite's cases."""
    kinds = (junitparser.Failure, junitparser.Error, junitparser.Skipped)
    cases = list(suite)
    return (len(cases), *(sum(any(isinstance(one, kind) for one in case.result) for case in cases) for kind in kinds))


def test_junit_totals_equal_the_cases_that_another_library_reads(texts: dict[str, str], tmp_path: Path) -> None:
    """Each category becomes a pass, a failure, an error or a skipped case."""
    (tmp_path / "x.xml").write_text(texts["junit"], encoding="utf-8", newline="")
    made = junitparser.JUnitXml.fromfile(str(tmp_path / "x.xml"))
    assert _stated(made) == (11, 2, 2, 2) == tuple(map(sum, zip(*(_counted(suite) for suite in made))))
    suites = {suite.name: suite for suite in made}
    assert list(suites) == [
        *("one forward eager", "one forward xla", "one rejection eager", "one promises contract"),
        *("o|t,h:er forward eager", "o|t,h:er"),
    ]
    for suite in suites.values():
        assert _stated(suite) == _counted(suite)
    forward = {case.name: case for case in suites["one forward eager"]}
    assert forward[CASES[0]].is_passed and forward[CASES[0]].time == 0.25
    (failure,) = forward[CASES[1]].result
    assert isinstance(failure, junitparser.Failure) and failure.type == "mismatch"
    assert "\\u202e" in failure.message and "\\x1b" in failure.message and "\\x00" in failure.message
    assert "expected: shape (1, 3, 5, 1)" in failure.text and "--case " + CASES[1] in failure.text
    (lost,) = forward[CASES[2]].result
    assert isinstance(lost, junitparser.Error) and lost.message == "the process died of SIGSEGV"
    (skipped,) = next(iter(suites["one forward xla"])).result
    assert isinstance(skipped, junitparser.Skipped) and "known deviation late: because of" in skipped.message
    (refused,) = forward[CASES[5]].result
    assert (
        isinstance(refused, junitparser.Failure) and "\\x1b[1m" not in refused.text and "shape <script>" in refused.text
    )
    assert [case.name for case in suites["one promises contract"]] == [
        "%s, %s" % (CASES[6], mode) for mode in ("bias.none", "bias.shape")
    ]
    (unfinished,) = next(iter(suites["o|t,h:er"])).result
    assert isinstance(unfinished, junitparser.Error) and "the run is incomplete" in unfinished.message
    assert suites["one forward eager"].timestamp == "2026-11-01T08:00:00"


def test_ctrf_is_valid_in_its_published_schema(texts: dict[str, str]) -> None:
    """Its totals are those of JUnit."""
    made = json.loads(texts["ctrf"])
    validator = Draft7Validator(json.loads(CTRF.read_text(encoding="utf-8")))
    validator.validate(made)
    tests = made["results"]["tests"]
    summary = made["results"]["summary"]
    assert summary["tests"] == len(tests) == 11 and (summary["failed"], summary["skipped"]) == (4, 2)
    for status in ("passed", "failed", "skipped", "pending", "other"):
        assert summary[status] == sum(test["status"] == status for test in tests)
    assert tests[1]["suite"] == ["one", "forward", "eager"] and tests[1]["rawStatus"] == "mismatch"
    assert tests[0]["duration"] == 250 and summary["start"] == 1793520000000 and "\\u202e" in tests[1]["message"]
    assert not validator.is_valid({**made, "results": {**made["results"], "tests": [{"name": "x"}]}})


def test_markdown_escapes_the_text_of_the_ledger(texts: dict[str, str]) -> None:
    """The table keeps its columns, and no text becomes a tag, code or a line of its own."""
    lines = texts["md"].splitlines()
    assert "| cell | state | agree | refused as expected | known | not listed |" in lines
    assert "| one | complete | 3 | 1 | 1 | 3 |" in lines and "| o&#124;t,h:er | incomplete | 1 | 0 | 0 | 0 |" in lines
    assert "<script" not in texts["md"] and "`" not in texts["md"] and "*b*" not in texts["md"]
    assert lines[0] == "## ✗ one, o&#124;t,h:er"
    causes = [line for line in lines if line.startswith(("| **not listed**", "| known", "| not run"))]
    assert [line.split(" |")[0] for line in causes] == ["| **not listed**"] * 3 + ["| known", "| not run"]
    assert all(line.count("|") == 6 for line in causes)
    assert "<code>%s</code>" % CASES[1] in causes[0]
    assert not set(escape_markdown("<>`|*_[]~!@\\")) - set("&#;0123456789")
    assert escape_markdown("# & 1") == "&#35; &#38; 1"
    assert escape_markdown("a\r\n|`<b>` \x1b\u202e") == "a &#124;&#96;&#60;b&#62;&#96; &#92;x1b&#92;u202e"


def test_github_commands_are_escaped_and_have_one_line_each(texts: dict[str, str]) -> None:
    """Mismatches that are new or not listed are errors."""
    lines = [line for line in texts["github"].splitlines() if not re.match("(page|json|csv|junit|ctrf|md): ", line)]
    kinds = [re.match("::([a-z]+) title=", line) for line in lines]
    assert [kind.group(1) for kind in kinds if kind] == ["error", "error", "error", "warning", "notice"]
    assert len(kinds) == 5
    title = lines[0].split("::")[1]
    assert title.startswith("error title=not listed%3A <script>") and "," not in title and "100%25" in title
    assert "1 check, mismatch, property values, in one.%0ASmallest case: " + CASES[1] in lines[0]
    assert "%0ARun it again: KERAS_BACKEND=numpy pytest suites/forward --subject keras3 --mode eager --case" in lines[0]
    assert lines[3].startswith("::warning title=o|t%2Ch%3Aer is incomplete::")
    assert workflow_command("notice", "a", "\x1b[2J \u202e") == "::notice title=a::\\x1b[2J \\u202e\n"
    assert workflow_command("error", "a:b,c%\n", "d:e,f%\r\n") == "::error title=a%3Ab%2Cc%25::d:e,f%25%0D%0A\n"
