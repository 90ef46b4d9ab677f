"""Tests of the tables of causes: a listing that has ended, the filter, and the columns of the grid."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

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


def list_visible_titles(page: Page) -> set[str]:
    """Return the titles of the causes that the tables of the first screen show now."""
    titles = page.locator("section:has(> #summary) table.causes tbody th a:visible")
    return set(titles.all_inner_texts())


def test_the_causes_are_filtered_by_owner_and_severity_in_the_folds_too(
    open_page: Open, cause_pages: dict[str, Path]
) -> None:
    """A fold with a match opens and says how many it has; without a filter it is as before."""
    page = open_page(path=cause_pages["night"])
    form = page.locator("#cause-filter")
    before = list_visible_titles(page)
    assert {"The process ends", "Numbers are wrong", "A gradient is wrong"} <= before
    assert not {"A refusal comes late", "The shape is wrong", "A message has a wrong word"} & before
    options = form.get_by_label("owner").locator("option").all_inner_texts()
    assert options[0] == "every owner" and {"Keras (2)", "TensorFlow (2)", "torch (1)", "oneDNN (1)"} <= set(options)
    form.get_by_label("owner").select_option("TensorFlow")
    assert list_visible_titles(page) == {"A gradient is wrong", "A refusal comes late"}
    expect(form.get_by_role("status")).to_contain_text(re.compile(r"^2 of \d+ causes shown, \d+ left out"))
    expect(page.locator("summary", has_text="known causes")).to_contain_text("1 of 2 shown")
    expect(page.locator("summary", has_text="nit of wording")).to_contain_text("none of 1 shown")
    form.get_by_label("severity").select_option("silently wrong numbers")
    assert list_visible_titles(page) == {"A gradient is wrong"}
    form.get_by_label("owner").select_option("Keras")
    assert list_visible_titles(page) == {"Numbers are wrong"}
    form.get_by_role("button", name="show all").click()
    expect(form.get_by_role("status")).to_have_text(re.compile(r"^All \d+ causes\.$"))
    assert list_visible_titles(page) == before
    expect(page.locator("summary", has_text="known causes")).not_to_contain_text("shown")


def test_without_javascript_every_cause_is_there_and_no_filter(open_page: Open, cause_pages: dict[str, Path]) -> None:
    """A control that cannot work is not shown, and no row is hidden."""
    page = open_page(path=cause_pages["night"], java_script_enabled=False)
    expect(page.locator("#cause-filter")).to_be_hidden()
    for fold in page.locator("section:has(> #summary) details summary").all():
        fold.click()
    rows = page.locator("section:has(> #summary) table.causes tbody tr")
    assert rows.count() == page.locator("section:has(> #summary) table.causes tbody tr:visible").count() >= 7


def test_every_column_of_the_grid_shows_its_versions_and_tier(open_page: Open, cause_pages: dict[str, Path]) -> None:
    """They are in visible rows, and in one line for the column under the mouse or with the focus."""
    page = open_page(path=cause_pages["matrix"])
    head = page.locator(".causes-by-cell thead tr")
    for number, keras in enumerate(("3.13.0", "3.14.0", "3.15.0", "3.16.0.dev2026113004")):
        expect(head.nth(1).locator("td").nth(number)).to_contain_text("Keras " + keras)
        expect(head.nth(2).locator("td").nth(number)).to_contain_text("smoke")
    cut = head.nth(2).locator("td").nth(1)
    expect(cut).to_contain_text(re.compile(r"smoke ◐ \d+ %"))
    expect(head.nth(2).locator("td").nth(0)).not_to_contain_text("◐")
    line = page.locator("#grid-column")
    expect(line).to_contain_text("Point at a column")
    page.locator(".causes-by-cell tbody tr").first.locator("td").nth(1).hover()
    expect(line).to_contain_text(re.compile(r"^keras3.14: Keras 3.14.0; tier smoke, not complete, \d+ % of its checks"))
    head.first.locator("a").nth(3).focus()
    expect(line).to_contain_text("coming-keras: Keras 3.16.0.dev2026113004; tier smoke, complete")
    table = page.locator(".causes-by-cell")
    width = table.evaluate("(table) => [table.scrollWidth, table.parentElement.clientWidth]")
    assert width[0] <= width[1]
    assert page.evaluate("document.documentElement.scrollWidth") <= 1280
