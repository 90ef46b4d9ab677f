"""Tests of the tables of causes: a listing that has ended is told apart."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import expect

from suites.browser.cause_pages import build_cause_pages
from suites.browser.conftest import Open


@pytest.fixture(scope="session")
def cause_pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Return the paths of the pages of ``build_cause_pages``."""
    return build_cause_pages(tmp_path_factory.mktemp("causes"))


def test_a_cause_whose_listed_range_has_ended_is_neither_new_nor_known(
    open_page: Open, cause_pages: dict[str, Path]
) -> None:
    """It has its own table, word and line, is not folded, and says for which releases it is listed."""
    page = open_page(path=cause_pages["night"])
    summary = page.locator("section:has(> #summary)")
    row = summary.locator("tr", has=page.get_by_role("link", name="A gradient is wrong", exact=True))
    expect(row).to_be_visible()
    expect(row.locator(".tag")).to_have_text("range ended")
    expect(row).to_contain_text("listed for Keras before 3.16; this release shows it too")
    expect(summary.locator("p.line", has_text="1 cause whose listed range has ended")).to_be_visible()
    expect(summary.locator("p.line", has_text="known causes:")).to_contain_text("4 known causes")
    expect(summary.locator(".category")).to_contain_text("listed for earlier releases only")
    whole = page.locator("details.group", has_text="A gradient is wrong").first
    expect(whole.locator("summary .tag").first).to_have_text("range ended")
    expect(whole).to_contain_text("extend the range of ended")


def test_the_grid_and_the_coming_release_tell_it_apart_too(open_page: Open, cause_pages: dict[str, Path]) -> None:
    """It is known in the releases, and has a sign of its own in the nightly build."""
    page = open_page(path=cause_pages["matrix"])
    row = page.locator(".causes-by-cell tbody tr", has_text="A gradient is wrong")
    assert row.locator("td.state-known").count() == 3 and row.locator("td.state-ended").count() == 1
    expect(row.locator("td.state-ended")).to_contain_text("◆")
    coming = page.locator("section:has(> #coming)")
    expect(coming).to_contain_text("1 cause is listed for earlier releases only, and shows here too")
    expect(coming).to_contain_text("A gradient is wrong, listed for Keras before 3.16")
