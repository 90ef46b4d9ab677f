"""Makes the README's picture from the page of a run: its first screen, or one cause in full.

``python -m suites.browser.picture reports/out/index.html`` writes ``docs/page.png``.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from playwright.sync_api import sync_playwright

from suites.browser.chromium import launch_chromium

WIDTH, HEIGHT = 1280, 860  # pixels


def take_picture(page: Path, cause: str, picture: Path) -> None:
    """Write a PNG file in the light colours: of the first cause with that text, or of the first screen without one."""
    with sync_playwright() as playwright:
        browser = launch_chromium(playwright)
        shown = browser.new_page(viewport={"width": WIDTH, "height": HEIGHT}, color_scheme="light")
        shown.goto(page.resolve().as_uri())
        if cause:
            group = shown.locator("details.group", has=shown.locator("summary", has_text=cause)).first
            group.evaluate("(group) => { group.open = true; group.scrollIntoView(); }")
        shown.screenshot(path=str(picture))
        browser.close()


def main() -> None:
    """Read the command line and write the picture."""
    parser = argparse.ArgumentParser(allow_abbrev=False, prog="python -m suites.browser.picture", description=__doc__)
    parser.add_argument("page", type=Path, help="a page that a run built, reports/out/index.html for one")
    parser.add_argument("--cause", default="", help="text of a cause's title (default: the first screen)")
    parser.add_argument("-o", "--out", type=Path, default=Path("docs/page.png"), help="default: docs/page.png")
    given = parser.parse_args()
    take_picture(given.page, given.cause, given.out)


if __name__ == "__main__":
    main()
