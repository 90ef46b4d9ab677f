"""Tests of links and buttons between the parts of a whole page: the bar of sections, rules, copies, the dialog."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import expect

from suites.browser.cause_pages import build_cause_pages
from suites.browser.conftest import Open

CLIPBOARD = {"permissions": ["clipboard-read", "clipboard-write"]}


@pytest.fixture(scope="session")
def night(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the path of the page of a nightly build."""
    return build_cause_pages(tmp_path_factory.mktemp("parts"))["night"]


def test_the_link_to_the_summary_leads_above_the_verdict(open_page: Open, night: Path) -> None:
    """The bar of sections stays at the top, and covers nothing of it."""
    page = open_page(path=night)
    page.evaluate("window.scrollTo(0, 3000)")
    page.locator("nav.sections").get_by_role("link", name="Summary").click()
    bar, verdict = page.locator("nav.sections").bounding_box(), page.locator("p.category").bounding_box()
    assert bar and verdict and verdict["y"] >= bar["y"] + bar["height"]


def test_the_last_section_is_marked_at_the_end_of_the_page(open_page: Open, night: Path) -> None:
    """It is too short to reach the top of the screen."""
    page = open_page(path=night)
    last = page.locator("nav.sections li").last.get_by_role("link")
    last.click()
    page.keyboard.press("End")
    expect(last).to_have_attribute("aria-current", "true")


def test_a_button_that_copied_keeps_its_place(open_page: Open, night: Path) -> None:
    """So the next click hits what it was meant for."""
    page = open_page(path=night, **CLIPBOARD)
    row = page.locator("table.causes tbody tr").first
    link = row.get_by_role("link", name="Permalink")
    before = link.bounding_box()
    row.locator("button.copy").nth(1).click()
    expect(row.get_by_role("button", name="copied")).to_have_count(1)
    assert link.bounding_box() == before


def test_the_command_of_a_check_is_copied_in_its_dialog(open_page: Open, night: Path) -> None:
    """The dialog is made when it is opened, after the other buttons."""
    page = open_page(path=night, **CLIPBOARD)
    page.locator("#explorer-rows a").first.click()
    dialog = page.get_by_role("dialog")
    command = dialog.locator("pre.command").first
    dialog.get_by_role("button", name="copy").first.click()
    expect(dialog.get_by_role("button", name="copied")).to_have_count(1)
    assert page.evaluate("navigator.clipboard.readText()") == command.inner_text()


def test_the_id_of_a_rule_in_the_dialog_closes_it(open_page: Open, night: Path) -> None:
    """The rule is on the page that the dialog covers."""
    page = open_page(path=night)
    page.locator("#explorer-rows a").first.wait_for()
    page.locator("details.group p.id a.link").first.click()
    dialog = page.get_by_role("dialog")
    rule = dialog.locator("a.rule").first
    name = rule.inner_text()
    rule.click()
    expect(dialog).to_have_count(0)
    expect(page.locator("#rule-%s" % name)).to_be_in_viewport()
    assert page.url.endswith("#rule-" + name)
