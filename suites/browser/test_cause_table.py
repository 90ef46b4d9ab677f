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
    """It has its own word and line, is not folded, and says for which releases it is listed."""
    page = open_page(path=cause_pages["night"])
    summary = page.locator("section:has(> #summary)")
    row = summary.locator("tr", has=page.get_by_role("link", name="A gradient is wrong", exact=True))
    expect(row).to_be_visible()
    expect(row.locator(".tag")).to_have_text("range ended")
    expect(row).to_contain_text("listed for Keras before 3.16")
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
    expect(page.locator("p.line[data-kind=known]")).to_contain_text("1 of 4 shown.")
    expect(page.locator("p.line[data-kind=ended]")).to_contain_text("1 of 1 shown.")
    form.get_by_label("severity").select_option("silently wrong numbers")
    assert list_visible_titles(page) == {"A gradient is wrong"}
    form.get_by_label("owner").select_option("Keras")
    assert list_visible_titles(page) == {"Numbers are wrong"}
    form.get_by_role("button", name="show all").click()
    expect(form.get_by_role("status")).to_have_text(
        re.compile(r"^All \d+ causes, 1 of them a nit of wording or types\.$")
    )
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
    names = page.locator(".causes-by-cell thead tr.names")
    versions, tiers = page.locator(".causes-by-cell tr.of-column").all()
    for number, keras in enumerate(("3.13.0", "3.14.0", "3.15.0", "3.16.0.dev2026113004")):
        expect(versions.locator("td").nth(number)).to_contain_text("Keras " + keras)
        expect(tiers.locator("td").nth(number)).to_contain_text("smoke")
    expect(tiers.locator("td").nth(1)).to_contain_text(re.compile(r"smoke ◐ \d+ %"))
    expect(tiers.locator("td").nth(0)).not_to_contain_text("◐")
    assert names.locator("th", has_text="unreleased").count() == 1
    expect(names.locator("a").nth(3)).to_contain_text("unreleased")
    expect(page.locator(".legend", has_text="unreleased")).to_contain_text("a nightly build")
    line = page.locator("#grid-column")
    expect(line).to_contain_text("Point at a column")
    page.locator(".causes-by-cell tbody tr").first.locator("td").nth(1).hover()
    expect(line).to_contain_text(re.compile(r"^keras3.14: Keras 3.14.0; tier smoke, not complete, \d+ % of its checks"))
    names.locator("a").nth(3).focus()
    expect(line).to_contain_text("coming-keras: Keras 3.16.0.dev2026113004 (not released yet); tier smoke, complete")
    table = page.locator(".causes-by-cell")
    width = table.evaluate("(table) => [table.scrollWidth, table.parentElement.clientWidth]")
    assert width[0] <= width[1]
    assert page.evaluate("document.documentElement.scrollWidth") <= 1280


def test_the_filter_of_the_summary_selects_the_rows_of_the_grid_too(
    open_page: Open, cause_pages: dict[str, Path]
) -> None:
    """A line above the grid says what is shown, and has a button that ends the filter."""
    page = open_page(path=cause_pages["matrix"])
    rows, note = page.locator(".causes-by-cell tbody tr:visible"), page.locator(".filter-note")
    every = rows.count()
    expect(note).to_be_hidden()
    page.locator("#cause-filter").get_by_label("owner").select_option("TensorFlow")
    titles = page.locator(".causes-by-cell tbody th a:visible")
    assert set(titles.all_inner_texts()) == {"A gradient is wrong", "A refusal comes late"}
    expect(note).to_contain_text("2 of %d causes shown: TensorFlow." % every)
    note.get_by_role("button", name="show all").click()
    expect(note).to_be_hidden()
    assert rows.count() == every > 5


def test_the_names_of_the_cells_stay_in_view_while_the_grid_is_scrolled(
    open_page: Open, cause_pages: dict[str, Path]
) -> None:
    """So a sign in the last row can be read without going back."""
    page = open_page(path=cause_pages["matrix"])
    page.set_viewport_size({"width": 1280, "height": 420})
    box = page.locator(".scroll", has=page.locator(".causes-by-cell"))
    box.evaluate("(box) => { box.scrollIntoView(); box.scrollTop = box.scrollHeight; }")
    assert box.evaluate("(box) => box.scrollTop") > 100
    name, last = page.locator(".causes-by-cell .names a").first, page.locator(".causes-by-cell tbody tr").last
    above, below, frame = name.bounding_box(), last.bounding_box(), box.bounding_box()
    assert above and below and frame and frame["y"] - 1 <= above["y"] < below["y"] < frame["y"] + frame["height"]


def test_the_causes_that_fail_the_run_are_in_one_table_by_severity(
    open_page: Open, cause_pages: dict[str, Path]
) -> None:
    """A silently wrong one whose range has ended does not stand behind a milder one that is not listed."""
    page = open_page(path=cause_pages["night"])
    table = page.locator("table.causes", has_text="Causes that fail the run, the most severe first")
    expect(table).to_have_count(1)
    tags = table.locator("tbody .tag").all_inner_texts()
    assert "range ended" in tags and len(set(tags)) == 2


def test_the_id_of_a_rule_leads_to_what_the_rule_says(open_page: Open, cause_pages: dict[str, Path]) -> None:
    """In a drawing of a cause and in the answer about a layer; the fold with the rules opens."""
    page = open_page(path=cause_pages["night"])
    link = page.locator("#causes ~ ol a.rule").first
    rule = link.inner_text()
    page.goto(page.url.partition("#")[0] + "#rule-" + rule)
    expect(page.locator("#rule-%s dd" % rule)).to_be_visible()
    page.locator("#layer-call").fill("Conv2DTranspose(7, 3, strides=2, output_padding=2)")
    refused = page.locator("#layer-answer a.rule", has_text="R6")
    expect(refused.first).to_have_attribute("href", "#rule-R6")
    expect(refused.first).to_have_attribute("title", re.compile("not below the stride"))
