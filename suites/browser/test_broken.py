"""Tests of an explorer that cannot work: it says so in a sentence, and the rest of the page stays."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from suites.browser.conftest import Open, Watch
from suites.browser.sample_rows import make_sample_rows

REST = "the rest of the page is complete"


def change_script_contents(sample_page: Path, folder: Path, script: str, change: str) -> Path:
    """Return the path of a page whose script data are cut off, changed or empty."""
    text = sample_page.read_text(encoding="utf-8")
    found = re.search(r'(<script [^>]*id="%s">)(.*?)(</script>)' % script, text, re.DOTALL)
    assert found
    data = found[2]
    half = len(data) // 8 * 4
    broken = {
        "cut off": data[:half],
        "flipped": data[:half] + ("A" if data[half] != "A" else "B") * 8 + data[half + 8 :],
        "empty": "",
        "no base64": "<>" + data,
    }[change]
    path = folder / "broken.html"
    path.write_text(text[: found.start(2)] + broken + text[found.end(2) :], encoding="utf-8")
    return path


@pytest.mark.parametrize("change", ["cut off", "flipped", "empty", "no base64"])
def test_an_explorer_with_broken_data_shows_a_message(
    open_page: Open, sample_page: Path, tmp_path: Path, watch: Watch, change: str
) -> None:
    """It shows neither a part of the checks nor endless loading."""
    page = open_page(path=change_script_contents(sample_page, tmp_path, "explorer-data", change))
    expect(page.locator("#explorer-status")).to_contain_text("cannot be unpacked")
    expect(page.locator("#explorer-status")).to_contain_text(REST)
    expect(page.locator("#explorer-app")).to_be_hidden()
    expect(page.get_by_role("heading", name="Elsewhere")).to_be_visible()
    assert watch.broken
    watch.broken.clear()  # the console has the reason too


@pytest.mark.parametrize("change", ["cut off", "flipped", "empty"])
def test_a_broken_full_view_is_replaced_by_a_message(
    open_page: Open, sample_page: Path, tmp_path: Path, change: str
) -> None:
    """Everything else is shown."""
    page = open_page(
        path=change_script_contents(sample_page, tmp_path, "explorer-chunk-0", change),
        at="#q=-listing:fine -listing:lost",
    )
    page.locator("#explorer-rows a").first.click()
    expect(page.get_by_role("dialog")).to_contain_text("The full view of this check is broken in this page")


@pytest.mark.parametrize("lacking", ["DecompressionStream", "HTMLScriptElement.supports"])
def test_a_browser_without_the_needed_functions_shows_a_message(
    open_page: Open, sample_page: Path, tmp_path: Path, lacking: str
) -> None:
    """It lacks decompression or import maps."""
    path = tmp_path / "old.html"
    text = sample_page.read_text(encoding="utf-8")
    path.write_text(text.replace("<head>", "<head><script>delete window.%s</script>" % lacking), encoding="utf-8")
    page = open_page(path=path)
    expect(page.locator("#explorer-status")).to_contain_text("This browser is too old")
    expect(page.locator("#explorer-status")).to_contain_text(REST)
    expect(page.locator("#explorer-app")).to_be_hidden()


def test_the_explorer_without_javascript_shows_a_note(open_page: Open) -> None:
    """Controls that would not work are hidden."""
    page = open_page(java_script_enabled=False)
    note = page.locator("#explorer noscript p")
    expect(note).to_contain_text("needs JavaScript")
    expect(note).to_contain_text("%d checks" % len(make_sample_rows()))
    expect(page.locator("#explorer-app")).to_be_hidden()
    expect(page.get_by_role("heading", name="Elsewhere")).to_be_visible()


def test_a_request_of_the_page_is_recorded(open_page: Open, watch: Watch) -> None:
    """The page's own policy stops the request."""
    page = open_page()
    page.evaluate("void fetch('https://example.org/').catch(() => {})")
    expect(page.locator("#explorer-status")).to_contain_text("checks")
    assert watch.left or watch.broken
    watch.left.clear()
    watch.broken.clear()
