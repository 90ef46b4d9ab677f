"""Tests of the explorer's keys, and of its checks as cards on a phone."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from suites.browser.conftest import Open


def test_a_slash_goes_to_the_query_and_selects_its_text(page: Page) -> None:
    """In a field a slash is a slash."""
    query = page.locator("#explorer-query")
    query.fill("padding:same")
    page.locator("#explorer-rows a").first.focus()
    page.keyboard.press("/")
    expect(query).to_be_focused()
    page.keyboard.type("a/b")
    expect(query).to_have_value("a/b")


def test_arrows_move_between_the_checks_of_the_table(page: Page) -> None:
    """Above the first check the focus stays; Enter opens the check that has it."""
    links = page.locator("#explorer-rows a")
    links.first.focus()
    page.keyboard.press("ArrowUp")
    expect(links.first).to_be_focused()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    expect(links.nth(2)).to_be_focused()
    page.keyboard.press("ArrowUp")
    expect(links.nth(1)).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_contain_text("Check 2 of")


def test_arrows_turn_the_open_check(page: Page) -> None:
    """At the first check the left arrow does nothing."""
    page.locator("#explorer-rows a").first.click()
    title = page.locator("#explorer-title")
    expect(title).to_contain_text("Check 1 of")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    expect(title).to_contain_text("Check 3 of")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    expect(title).to_contain_text("Check 1 of")
    page.keyboard.press("/")
    expect(page.locator("#explorer-query")).not_to_be_focused()


def test_keys_with_a_modifier_are_the_browser_s(page: Page) -> None:
    """Alt and the left arrow go back in the history."""
    page.locator("#explorer-rows a").first.focus()
    page.keyboard.press("Control+/")
    expect(page.locator("#explorer-query")).not_to_be_focused()


def test_checks_are_cards_on_a_phone(open_page: Open) -> None:
    """Each value has the name of its column, and the page does not scroll sideways."""
    page = open_page(width=360)
    card = page.locator("#explorer-rows tr").first
    box = card.bounding_box()
    assert box and box["width"] <= 360 and box["height"] > 100
    label = card.locator("td").first.evaluate("cell => getComputedStyle(cell, '::before').content")
    assert label.strip('" ') == card.locator("td").first.get_attribute("data-label")
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
