"""Tests of hostile text in a ledger: markup, quotes, bidirectional marks and long messages are shown as text."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from suites.browser.conftest import Open
from suites.browser.explorer_controls import query_error, read_status, type_query
from suites.browser.explorer_page import make_page
from suites.browser.sample_rows import AXES, make_columns, make_sample_rows

STRINGS = {
    "script": "<script>window.hacked = 1</script>",
    "image": "<img src=x onerror='window.hacked = 1'>",
    "end of script": "</script><script>window.hacked = 1</script><!--",
    "unfinished end of script": "</script <b",
    "comment and script": "<!-- <script ",
    "quotes": '"\'`${window.hacked = 1}\\" onclick=window.hacked=1 x="',
    "bidi": "abc\u202edef\u2066ghi\u200f\u2028jkl",
    "nothing but space": " \t\n",
    "formula": "=cmd|' /C calc'!A0",
    "formula behind a line break": "\n=1+1",
    "entity": "&lt;b&gt; &amp;",
    "surrogate": "half \ud83d a pair",
    "long": "x <b>" * 200_000,
}
READABLE = 10_000
"""Characters of one value that the panel shows; the CSV has them all."""
NAMED = ("cell", "suite", "variant", "cause", "diagnosis", "deviation", "activation")


def make_rows_with_hostile_text(text: str) -> list[dict[str, Any]]:
    """Return sample checks, of which one has this text in every field."""
    plain = [row for row in make_sample_rows() if row["category"] == "agree"][:20]
    return [{**plain[0], "category": "mismatch", **dict.fromkeys(NAMED, text)}, *plain[1:]]


@pytest.fixture(params=STRINGS)
def text(request: pytest.FixtureRequest) -> str:
    """Return one of the hostile texts."""
    return STRINGS[request.param]


@pytest.fixture
def hostile_page(text: str, open_page: Open, tmp_path: Path) -> Page:
    """Return a page with the text in every place, with all lists open."""
    cells = {text: {"subject": text, "further": ""}, "latest": {"subject": "keras3", "further": ""}}
    path = tmp_path / "hostile_page.html"
    made = make_page(make_columns(make_rows_with_hostile_text(text)), {}, AXES, cells)
    path.write_text(made, encoding="utf-8", errors="backslashreplace")
    page = open_page(path=path, at="#columns=all&pivot=cause,suite")
    page.locator("#explorer-rows tr").first.wait_for()
    return page


def test_hostile_text_in_the_explorer_is_shown_and_does_not_run(hostile_page: Page, text: str) -> None:
    """It is in the table, the lists, the comparison and the panel."""
    for name in ("cause", "cell", "deviation"):
        hostile_page.locator("details[data-column=%s] > summary" % name).click()
    hostile_page.locator("#explorer-rows a").first.click()
    expect(hostile_page.get_by_role("dialog")).to_be_visible()
    if text.strip():
        shown = hostile_page.locator("#explorer-full dd").filter(has_text=text.strip()[:20]).first
        more = len(text) - READABLE
        expected = "%s … (%s more characters, in the CSV)" % (text[:READABLE], format(more, ",")) if more > 0 else text
        assert shown.text_content().replace("\ufffd", "\ud83d") == expected
    assert hostile_page.evaluate("window.hacked") is None
    assert hostile_page.locator("#explorer img, #explorer b, #explorer td script, #explorer bdi *").count() == 0
    assert hostile_page.evaluate("document.documentElement.scrollWidth") <= 1280


def test_a_click_on_a_hostile_value_selects_exactly_its_check(hostile_page: Page, text: str) -> None:
    """A second click removes the selection."""
    fold = hostile_page.locator("details[data-column=cause]")
    fold.locator("summary").click()
    key = (
        fold.locator("li", has=hostile_page.locator(".count", has_text=re.compile("^1$")))
        .locator(".value")
        .get_attribute("data-key")
    )
    for selected in (1, 20):
        hostile_page.evaluate("(key) => document.querySelector(`.value[data-key=${CSS.escape(key)}]`).click()", key)
        assert read_status(hostile_page).selected == selected


def test_a_hostile_value_is_found_by_a_quoted_query(hostile_page: Page, text: str) -> None:
    """The query has the part that can be typed."""
    typed = text[:100].split("\n")[0].split("\ud83d")[0].strip() or "eager"
    type_query(hostile_page, '"%s"' % typed.replace("\\", "\\\\").replace('"', '\\"'))
    assert read_status(hostile_page).selected >= 1
    assert query_error(hostile_page) == ""


def test_a_hostile_value_is_one_field_of_the_saved_csv(hostile_page: Page, text: str, tmp_path: Path) -> None:
    """A text that a spreadsheet would evaluate gets a quote in front."""
    type_query(hostile_page, "listing:unlisted")
    with hostile_page.expect_download() as waiting:
        hostile_page.get_by_role("button", name="CSV").click()
    waiting.value.save_as(tmp_path / "saved.csv")
    csv.field_size_limit(10_000_000)
    saved = (tmp_path / "saved.csv").read_bytes().decode("utf-8")
    (row,) = csv.DictReader(io.StringIO(saved, newline=""))
    expected = "'" + text if text[0] in "=\n" else text
    assert row["cause"].replace("\ufffd", "\ud83d") == expected
