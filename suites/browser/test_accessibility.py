"""Tests of accessibility: axe's rules in both colour schemes and widths, use by keyboard alone, and print."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from suites.browser.conftest import Open
from suites.browser.explorer_controls import read_status, type_query
from suites.browser.sample_rows import make_sample_rows

ROWS = make_sample_rows()
SCHEMES = ("light", "dark")
WIDTHS = (1280, 360)
PLACES = {
    "table": "#columns=all&sort=-seconds",
    "comparison": "#pivot=kernel_size,strides&q=-cell:old",
    "nothing": "#q=nothing-has-this",
    "bad query": "#q=paddding:same",
    "full view": "#q=listing:unlisted",
    "plain view": "#q=listing:fine",
}


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("place", PLACES)
def test_axe_finds_no_violation_in_the_explorer(open_page: Open, place: str, width: int, scheme: str) -> None:
    """Nothing is wider than the screen either."""
    page = open_page(at=PLACES[place], width=width, scheme=scheme)
    page.locator("#explorer-app:not([hidden])").wait_for()
    page.locator(".help summary").click()
    for fold in page.locator("#explorer-narrow, #explorer-facets details").all():
        fold.evaluate("(fold) => { fold.open = true; }")
    filled = page.locator("#explorer-app.empty, #explorer-facets details li")
    filled.last.wait_for()
    if place.endswith("view"):
        page.locator("#explorer-rows a").first.click()
        page.locator("#explorer-full").wait_for()
    found = Axe().run(page).response["violations"]
    assert [(rule["id"], [node["html"][:200] for node in rule["nodes"]]) for rule in found] == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def press_until_focused(page: Page, key: str, selector: str, most: int = 400) -> None:
    """Press a key until an element that matches the selector has the focus."""
    for _ in range(most):
        page.keyboard.press(key)
        if page.evaluate("(selector) => document.activeElement.matches(selector)", selector):
            return
    raise AssertionError("%s never reaches %s" % (key, selector))


def test_the_explorer_is_usable_by_keyboard_alone(page: Page) -> None:
    """A query is typed, a value left out, a heading sorted, and a check opened, read and closed."""
    press_until_focused(page, "Tab", "#explorer-query")
    page.keyboard.type("variant:xla")
    page.keyboard.press("Enter")
    assert read_status(page).selected == sum(row["variant"] == "xla" for row in ROWS)
    press_until_focused(page, "Tab", "[data-column=suite] .leave")
    page.keyboard.press("Enter")
    after = read_status(page).selected
    assert after == sum(row["variant"] == "xla" and row["suite"] == "gradients" for row in ROWS)
    expect(page.locator(":focus")).to_have_attribute("aria-label", "leave out suite forward")
    press_until_focused(page, "Tab", "[data-key='sort seconds']")
    page.keyboard.press("Space")
    expect(page.locator(":focus")).to_have_attribute("data-key", "sort seconds")
    expect(page.locator("[aria-sort]")).to_have_attribute("aria-sort", "ascending")
    press_until_focused(page, "Tab", "#explorer-rows a")
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog")
    expect(dialog).to_be_visible()
    press_until_focused(page, "Tab", "#explorer-after")
    page.keyboard.press("Enter")
    expect(dialog).to_contain_text("Check 2 of %d" % after)
    for _ in range(12):  # the focus stays inside the dialog
        page.keyboard.press("Tab")
        inside = "document.activeElement === document.body || document.activeElement.closest('dialog') !== null"
        assert page.evaluate(inside)
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    assert page.evaluate("document.activeElement.matches('#explorer-rows a')")


def test_a_clicked_value_keeps_the_focus(page: Page) -> None:
    """The lists are drawn again, and a keyboard user must not be sent back to the top."""
    press_until_focused(page, "Tab", "[data-column=variant] .value")
    key = page.locator(":focus").get_attribute("data-key")
    page.keyboard.press("Enter")
    expect(page.locator(":focus")).to_have_attribute("data-key", str(key))
    page.keyboard.press("Enter")
    expect(page.locator("#explorer-query")).to_have_value("")


def test_the_number_of_checks_and_query_errors_are_announced_to_screen_readers(page: Page) -> None:
    """The number is a status, the error an alert."""
    expect(page.get_by_role("status")).to_contain_text("checks")
    type_query(page, "paddding:same")
    expect(page.get_by_role("alert")).to_contain_text("There is no field")


def test_the_printed_page_has_the_checks_without_the_controls(page: Page) -> None:
    """Controls that cannot be clicked on paper are hidden."""
    page.emulate_media(media="print")
    expect(page.locator("#explorer-form")).to_be_hidden()
    expect(page.locator("#explorer-narrow")).to_be_hidden()
    expect(page.locator(".checks")).to_be_visible()
    expect(page.locator("#explorer-status")).to_be_visible()
