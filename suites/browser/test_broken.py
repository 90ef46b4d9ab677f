"""Where the explorer cannot work it says so in a sentence, and the rest of the page stays."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from suites.browser.conftest import Open, Watch
from suites.browser.sample_rows import make_sample_rows

REST = "the rest of the page is complete"


def change_script_contents(plain: Path, folder: Path, script: str, change: str) -> Path:
    """The page with the contents of one of its scripts changed: cut off, flipped or emptied."""
    text = plain.read_text(encoding="utf-8")
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
def test_a_broken_payload(open_page: Open, plain: Path, tmp_path: Path, watch: Watch, change: str) -> None:
    """No table of half the checks, no endless loading."""
    page = open_page(path=change_script_contents(plain, tmp_path, "explorer-data", change))
    expect(page.locator("#explorer-status")).to_contain_text("cannot be unpacked")
    expect(page.locator("#explorer-status")).to_contain_text(REST)
    expect(page.locator("#explorer-app")).to_be_hidden()
    expect(page.get_by_role("heading", name="Elsewhere")).to_be_visible()
    assert watch.broken
    watch.broken.clear()  # the reason is in the console too


@pytest.mark.parametrize("change", ["cut off", "flipped", "empty"])
def test_a_broken_full_view(open_page: Open, plain: Path, tmp_path: Path, change: str) -> None:
    """Only that view is missing."""
    page = open_page(
        path=change_script_contents(plain, tmp_path, "explorer-chunk-0", change), at="#q=-listing:fine -listing:lost"
    )
    page.locator("#explorer-rows a").first.click()
    expect(page.get_by_role("dialog")).to_contain_text("The full view of this check is broken in this page")


@pytest.mark.parametrize("lacking", ["DecompressionStream", "HTMLScriptElement.supports"])
def test_an_old_browser(open_page: Open, plain: Path, tmp_path: Path, lacking: str) -> None:
    """Without what unpacks, or what names the modules."""
    path = tmp_path / "old.html"
    text = plain.read_text(encoding="utf-8")
    path.write_text(text.replace("<head>", "<head><script>delete window.%s</script>" % lacking), encoding="utf-8")
    page = open_page(path=path)
    expect(page.locator("#explorer-status")).to_contain_text("This browser is too old")
    expect(page.locator("#explorer-status")).to_contain_text(REST)
    expect(page.locator("#explorer-app")).to_be_hidden()


def test_without_javascript(open_page: Open) -> None:
    """What is missing is said; nothing that would not work is shown."""
    page = open_page(java_script_enabled=False)
    note = page.locator("#explorer noscript p")
    expect(note).to_contain_text("needs JavaScript")
    expect(note).to_contain_text("%d checks" % len(make_sample_rows()))
    expect(page.locator("#explorer-app")).to_be_hidden()
    expect(page.get_by_role("heading", name="Elsewhere")).to_be_visible()


def test_a_request_would_be_noticed(open_page: Open, watch: Watch) -> None:
    """The watch over requests sees one; the page's own policy would stop it."""
    page = open_page()
    page.evaluate("void fetch('https://example.org/').catch(() => {})")
    expect(page.locator("#explorer-status")).to_contain_text("checks")
    assert watch.left or watch.broken
    watch.left.clear()
    watch.broken.clear()
