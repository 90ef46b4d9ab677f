"""Tests of whole pages of one and of several runs: accessibility, JavaScript off, print, and the target of each
link.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from suites.browser.conftest import Open
from suites.browser.explorer_controls import read_status, wait_until
from suites.browser.sample_pages import HOSTILE, build_pages

KINDS = ("one", "several")


@pytest.fixture(scope="session")
def page_paths(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Return the paths of the pages by name, built once."""
    return build_pages(tmp_path_factory.mktemp("runs"))


def open_everything(page: Page) -> None:
    """Open everything on the page that can be opened."""
    explorer = page.locator("#explorer").count()
    if explorer:
        page.locator("#explorer-rows tr").first.wait_for()
    page.evaluate("document.querySelectorAll('details').forEach((fold) => { fold.open = true; })")
    if explorer:
        page.locator("#explorer-facets details li").last.wait_for()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 360])
@pytest.mark.parametrize("kind", [*KINDS, "hostile", "diff", "history"])
def test_axe_finds_no_violation_on_whole_pages(
    open_page: Open, page_paths: dict[str, Path], kind: str, width: int, scheme: str
) -> None:
    """Everything is open, and nothing is wider than the screen."""
    page = open_page(path=page_paths[kind], width=width, scheme=scheme)
    open_everything(page)
    found = Axe().run(page).response["violations"]
    assert [(rule["id"], [node["html"][:200] for node in rule["nodes"]]) for rule in found] == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("kind", KINDS)
def test_the_links_at_the_top_reach_every_section_and_keep_the_selection(
    open_page: Open, page_paths: dict[str, Path], kind: str
) -> None:
    """The explorer's query stays."""
    page = open_page(path=page_paths[kind], at="#q=suite:forward")
    page.locator("#explorer-rows tr").first.wait_for()
    before = read_status(page)
    links = page.locator("nav.sections a")
    assert links.count() >= 5
    for link in links.all():
        target = str(link.get_attribute("href"))
        link.click()
        assert page.locator("[id='%s']" % target[1:]).count() == 1
        assert page.evaluate("location.hash") == target
    assert read_status(page) == before


@pytest.mark.parametrize("kind", [*KINDS, "hostile"])
def test_the_link_of_a_cause_selects_all_its_checks(open_page: Open, page_paths: dict[str, Path], kind: str) -> None:
    """The number is that of the cause."""
    page = open_page(path=page_paths[kind])
    open_everything(page)
    groups = page.locator(".groups > li")
    assert groups.count() >= 2
    for group in groups.all():
        counted = re.search(r"([\d,]+) checks?", group.locator(".count").inner_text())
        assert counted is not None
        link = group.get_by_role("link", name="in the explorer")
        link.click()
        wait_until(page, "location.hash.startsWith('#q=')")
        expected = int(counted[1].replace(",", ""))
        number = "(document.getElementById('explorer-status').textContent.match(/[\\d,]+/) || [''])[0].replace(',', '')"
        wait_until(page, "%s === '%d'" % (number, expected))


def test_the_link_of_a_smallest_case_opens_it_in_full(open_page: Open, page_paths: dict[str, Path]) -> None:
    """The panel has the expected and the observed result and the command; Escape closes it."""
    page = open_page(path=page_paths["one"])
    open_everything(page)
    link = page.locator(".groups .link").first
    hashed = link.inner_text()
    link.click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("Expected")
    expect(dialog).to_contain_text("--case b")
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    again = open_page(path=page_paths["one"], at="#" + hashed)
    expect(again.get_by_role("dialog")).to_contain_text("Observed")


def test_a_link_that_selects_checks_scrolls_to_the_explorer(open_page: Open, page_paths: dict[str, Path]) -> None:
    """It may be on a cause or on another page."""
    page = open_page(path=page_paths["one"])
    page.locator("#explorer-rows tr").first.wait_for()
    top = "document.getElementById('explorer-status').getBoundingClientRect().top"
    assert page.evaluate(top) > 900
    page.locator(".groups > li").first.get_by_role("link", name="in the explorer").click()
    wait_until(page, "0 <= %s && %s < 400" % (top, top))
    again = open_page(path=page_paths["one"], at="#q=suite:forward")
    wait_until(again, "0 <= %s && %s < 400" % (top, top))


def test_the_link_of_a_shrunk_case_leads_to_its_cause(open_page: Open, page_paths: dict[str, Path]) -> None:
    """The case is not a check of the run."""
    page = open_page(path=page_paths["shrunk"])
    page.locator("#explorer-rows tr").first.wait_for()
    place = page.locator("[id^='case=']")
    assert place.count() == 1
    hashed = str(place.get_attribute("id"))
    other = open_page(path=page_paths["shrunk"], at="#" + hashed)
    expect(other.locator("[id='%s']" % hashed)).to_be_in_viewport()
    expect(other.get_by_role("dialog")).to_be_hidden()


def test_the_first_screen_has_result_totals_changes_and_environment(
    open_page: Open, page_paths: dict[str, Path]
) -> None:
    """The reader need not scroll."""
    page = open_page(path=page_paths["one"])
    for text in ("unlisted cause", "tier", "Since the previous run", "regressed"):
        place = page.get_by_text(text).first.bounding_box()
        assert place is not None and place["y"] < 900, text
    several = open_page(path=page_paths["several"])
    expect(several.locator(".matrix tbody tr")).to_have_count(2)
    expect(several.locator(".matrix")).to_contain_text("Keras 3.15.1")
    several.locator(".matrix a", has_text="new").click()
    expect(several.locator("#environment ~ details").last).to_be_visible()


def test_the_page_has_coverage_fault_matrix_properties_and_support(
    open_page: Open, page_paths: dict[str, Path]
) -> None:
    """It also has the region of the new cause."""
    page = open_page(path=page_paths["one"])
    for name in (
        "Coverage",
        "Support map",
        "Fault matrix of numpy_layer",
        "Statements about the layer",
        "Refusals by stage and class",
    ):
        expect(page.get_by_role("region", name=name, exact=True)).to_be_visible()
    expect(page.get_by_text("not detected: list")).to_be_visible()
    assert page.get_by_label("predicate over the fields of a case").count() >= 1


@pytest.mark.parametrize("kind", KINDS)
def test_the_page_without_javascript_has_every_cause_and_its_smallest_case(
    open_page: Open, page_paths: dict[str, Path], kind: str
) -> None:
    """A note says what is missing."""
    page = open_page(path=page_paths[kind], java_script_enabled=False)
    assert "Searching, sorting and counting" in page.content()
    expect(page.locator(".category").first).to_be_visible()
    group = page.locator(".groups > li").first
    expect(group.get_by_role("columnheader", name="Expected").first).to_be_visible()
    expect(group.locator("pre.code").first).to_be_visible()
    assert page.locator("#explorer-app").is_hidden()


def test_the_printed_page_has_the_result_without_navigation(open_page: Open, page_paths: dict[str, Path]) -> None:
    """The category of the run is printed."""
    page = open_page(path=page_paths["one"])
    page.emulate_media(media="print")
    expect(page.locator("nav.sections")).to_be_hidden()
    expect(page.locator(".category").first).to_be_visible()


@pytest.mark.parametrize("kind", ["diff", "history"])
def test_hostile_text_is_escaped_on_pages_that_compare_runs(
    open_page: Open, page_paths: dict[str, Path], kind: str
) -> None:
    """It is in the words of a change and in the name of a cell."""
    page = open_page(path=page_paths[kind])
    open_everything(page)
    shown = " ".join(HOSTILE.split("\x1b")[0].split())
    assert " ".join(str(page.locator("main").inner_text()).split()).count(shown) >= 2
    assert page.locator("main script").count() == 0


def test_the_history_page_links_each_cell_to_its_section(open_page: Open, page_paths: dict[str, Path]) -> None:
    """Every cell of the table has one."""
    page = open_page(path=page_paths["history"])
    links = page.locator("main table a[href^='#']")
    for link in links.all():
        assert page.locator("[id='%s']" % str(link.get_attribute("href"))[1:]).count() == 1
    assert page.locator("main h2").count() >= 1


def test_hostile_text_is_escaped_on_the_whole_page(open_page: Open, page_paths: dict[str, Path]) -> None:
    """It is in versions, names, messages, predicates, links and code; the page still works."""
    page = open_page(path=page_paths["hostile"])
    open_everything(page)
    assert page.evaluate("window.hacked") is None
    shown = " ".join(HOSTILE.split("\x1b")[0].split())
    assert " ".join(str(page.locator("main").inner_text()).split()).count(shown) >= 5
    assert page.locator("a[href^='javascript']").count() == 0
    assert page.locator("main script:not([type])").count() == 1  # this message says that the page is broken
    assert read_status(page).selected > 50
