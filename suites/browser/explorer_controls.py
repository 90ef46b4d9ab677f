"""Helpers that read the explorer of the page and type queries into it."""

from __future__ import annotations

import re
import time
from typing import NamedTuple

from playwright.sync_api import Page

from suites.browser.sample_rows import Check

UNLISTED = ("mismatch",)
KNOWN_DEVIATIONS = ("known-deviation",)


class ExplorerCounts(NamedTuple):
    """The numbers in the status sentence above the table: selected, deviating and unlisted checks."""

    selected: int
    deviating: int
    unlisted: int


def count_checks(rows: list[Check]) -> ExplorerCounts:
    """Return the numbers that the status sentence must have for these checks."""
    ends = [row["category"] for row in rows]
    return ExplorerCounts(
        len(rows), sum(end in UNLISTED + KNOWN_DEVIATIONS for end in ends), sum(end in UNLISTED for end in ends)
    )


def read_status(page: Page) -> ExplorerCounts:
    """Return the numbers of the status sentence."""
    text = page.locator("#explorer-status").inner_text().replace(",", "")
    if text.startswith("No check"):
        return ExplorerCounts(0, 0, 0)
    found = re.fullmatch(
        r"(?:All )?(\d+)(?: of \d+)? checks; (none|all|\d+) of them deviates?s?"
        r"(?:\.| (all|none) listed as known\.| (\d+) of these not listed\.)",
        text,
    )
    assert found, text
    selected = int(found[1])
    deviating = {"none": 0, "all": selected}.get(found[2]) if not found[2].isdigit() else int(found[2])
    assert deviating is not None
    unlisted = int(found[4]) if found[4] else deviating if found[3] == "none" else 0
    return ExplorerCounts(selected, deviating, unlisted)


def wait_until(page: Page, condition: str, seconds: float = 10.0) -> None:
    """Wait until a JavaScript expression is true.

    Playwright's ``wait_for_function`` evaluates a string in the page where the first look finds it false. The page's
    content security policy forbids that.
    """
    end = time.monotonic() + seconds
    while not page.evaluate(condition):
        assert time.monotonic() < end, "not true within %g s: %s" % (seconds, condition)
        page.wait_for_timeout(50)


def type_query(page: Page, query: str) -> None:
    """Type a query; the page shows its result when this returns."""
    page.locator("#explorer-query").fill(query)


def visible_column(page: Page, name: str) -> list[str]:
    """Return the visible values of a table column."""
    heads = page.locator("#explorer-head th").all_inner_texts()
    place = [re.sub(r"\W+$", "", head) for head in heads].index(name) + 1
    return list(page.locator("#explorer-rows tr > :nth-child(%d) bdi" % place).all_inner_texts())


def query_error(page: Page) -> str:
    """Return the page's error message about the query."""
    return str(page.locator("#explorer-problem").inner_text())
