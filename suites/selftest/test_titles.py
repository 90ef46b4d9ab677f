"""Tests of the titles and severities of rows that deviate."""

from __future__ import annotations

import sys
from typing import Any

import pytest

if sys.version_info < (3, 11):
    pytest.skip("reports need Python 3.11", allow_module_level=True)

from fixtures.deviations import SEVERITIES as SEVERITIES_OF_CAUSES
from reports.facts.titles import COUNTED, SEVERITIES, WORDS, severity_of_row, title_of_row
from suites.selftest.ledgers import make_failing_row

FAULTS = {"late": "everything lands late", "early": "everything lands early"}


@pytest.mark.parametrize(
    ("given", "title", "severity"),
    [
        (make_failing_row(diagnosis="late"), "Everything lands late", "wrong-values"),
        (
            make_failing_row(diagnosis="late + early"),
            "Everything lands late, and everything lands early",
            "wrong-values",
        ),
        (
            make_failing_row(diagnosis="index_map: (+1, 0)"),
            "Products of input and kernel land in wrong output cells",
            "wrong-values",
        ),
        (make_failing_row(), "Output values are not those of the definition", "wrong-values"),
        (make_failing_row(property="shape"), "The output has a wrong shape", "wrong-shape"),
        (
            make_failing_row(property="gradient", observed={"array": "dbias"}),
            "The gradient with respect to the bias is wrong",
            "wrong-values",
        ),
        (
            make_failing_row(
                property="locality",
                expected={"entries": [{"at": [0], "value": 1.0}]},
                observed={"entries": [{"at": [0], "value": "nan"}]},
            ),
            "A NaN or an infinity spreads to cells it should not reach",
            "wrong-values",
        ),
        (
            make_failing_row(
                property="locality",
                expected={"entries": [{"at": [0], "value": "inf"}]},
                observed={"entries": [{"at": [0], "value": 1.0}]},
            ),
            "A NaN or an infinity is lost before it reaches its cells",
            "wrong-values",
        ),
        (
            make_failing_row("crashed", observed={"reason": "the process died of SIGSEGV"}),
            "The process dies of SIGSEGV",
            "process-death",
        ),
        (make_failing_row("hanged", observed={"reason": "no answer"}), "The call does not end", "process-death"),
        (
            make_failing_row(
                "wrongly-rejected", "rejection", observed={"stage": "call", "error": "ValueError", "message": "boo 12"}
            ),
            "Valid layers are refused when they are called (ValueError)",
            "refused-although-valid",
        ),
        (
            make_failing_row("wrongly-accepted", "rejection", expected={"because": "strides=0 means nothing"}),
            "Accepted although strides=0 means nothing",
            "accepted-although-invalid",
        ),
        (
            make_failing_row(
                "unclear-rejection", "rejection", observed={"stage": "call", "error": "TypeError", "message": "boo 12"}
            ),
            "Refused without a clear message (TypeError)",
            "unclear-refusal",
        ),
    ],
)
def test_a_title_says_what_goes_wrong(given: dict[str, Any], title: str, severity: str) -> None:
    """It has no slug, no message, and no "no named fault explains it"."""
    assert title_of_row(given, FAULTS, False) == title
    assert severity_of_row(given) == severity
    assert title_of_row(given, FAULTS, True).startswith(title)
    assert "boo" not in title and "no named fault" not in title


def test_every_severity_has_words_and_counts() -> None:
    """The severities are those of the causes of known deviations, and two of the page's own."""
    assert SEVERITIES == SEVERITIES_OF_CAUSES
    assert set(COUNTED) == set(WORDS) == {*SEVERITIES, "suite-bug", "not-run"}
