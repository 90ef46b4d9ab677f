"""``python -m benchmarks.page --rows 10000,100000``: measures the page's size and speed, and those of pytest-html."""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from benchmarks.pytest_html import make_pytest_html_report
from benchmarks.synthetic import axis_prefixes, make_cell_settings, make_columns
from suites.browser.chromium import launch_chromium
from suites.browser.explorer_page import make_page

QUERIES = (
    "padding:same",
    "stride_h:>1 padding:same -listing:fine",
    "number",
    "kernel_size:3x3 OR kernel_size:5x5 OR (dtype:*float16 AND NOT variant:eager)",
    "seconds:>0.05 input_w:[3 TO 9]",
    'cause:"number 7 of a synthetic deviation"',
    "00ff",
    "",
)
SORTS = ("seconds", "-size", "hash", "")
PIVOTS = ("kernel_size,strides", "size,dtype", "padding,variant")
# Returns the milliseconds until the result is on the screen: after two frames the first one has been painted.
_TIMED = """async (ask) => {
  const start = performance.now();
  if (ask.query !== undefined) {
    const line = document.getElementById("explorer-query");
    line.value = ask.query;
    line.dispatchEvent(new Event("input", { bubbles: true }));
  } else {
    const shown = new Promise((resolve) => addEventListener("popstate", resolve, { once: true }));
    location.hash = ask.hash;
    await shown;
  }
  const drawn = performance.now() - start;
  await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
  return [drawn, performance.now() - start];
}"""


def _find_slowest_request(page: Page, requests: dict[str, dict[str, str]]) -> str:
    """Return the slowest of several requests: its script time, the time until it is painted, and its name."""
    times = {name: page.evaluate(_TIMED, ask) for name, ask in requests.items()}
    name = max(times, key=lambda one: float(times[one][1]))
    drawn, painted = times[name]
    return "%4.0f ms drawn, %4.0f ms painted (%s)" % (drawn, painted, name)


def measure_page(browser: Browser, rows: int, folder: Path) -> None:
    """Build the page of this many checks, open it, and print its size and times."""
    path = folder / ("%d.html" % rows)
    columns, details = make_columns(rows)
    path.write_text(make_page(columns, details, axis_prefixes(), make_cell_settings()), encoding="utf-8")
    page = browser.new_page()
    page.goto(path.as_uri())
    page.locator("#explorer-rows tr").first.wait_for(timeout=120_000)
    ready = page.evaluate("performance.getEntriesByName('explorer-ready')[0].startTime")
    print("%9d checks: %5.2f MB, interactive after %.2f s" % (rows, path.stat().st_size / 1e6, ready / 1000))
    print("          slowest query  " + _find_slowest_request(page, {query: {"query": query} for query in QUERIES}))
    print(
        "          slowest sort   "
        + _find_slowest_request(page, {one: {"hash": "#sort=" + one} for one in SORTS if one})
    )
    print(
        "          sorted again   "
        + _find_slowest_request(page, {one: {"hash": "#page=2&sort=" + one} for one in SORTS if one})
    )
    print("          slowest pivot  " + _find_slowest_request(page, {one: {"hash": "#pivot=" + one} for one in PIVOTS}))
    page.close()


def measure_pytest_html(browser: Browser, rows: int, folder: Path) -> None:
    """Print the size and times of pytest-html's report of this many tests."""
    path = make_pytest_html_report(rows, folder)
    page = browser.new_page()
    page.goto(path.as_uri())
    page.locator(".results-table-row").first.wait_for(timeout=300_000)
    ready = page.evaluate("performance.now()")
    print("%9d tests in pytest-html: %5.2f MB, rows after %.2f s" % (rows, path.stat().st_size / 1e6, ready / 1000))
    page.close()


def main(arguments: list[str] | None = None) -> int:
    """Print the measurements; no limit is checked."""
    parser = argparse.ArgumentParser(allow_abbrev=False, prog="python -m benchmarks.page", description=__doc__)
    parser.add_argument("--rows", default="10000,100000", help="how many checks, separated by commas")
    parser.add_argument("--pytest-html", type=int, default=10_000, metavar="TESTS", help="0 leaves the comparison out")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        browser = launch_chromium(playwright)
        for rows in map(int, options.rows.split(",")):
            measure_page(browser, rows, Path(folder))
        if options.pytest_html:
            measure_pytest_html(browser, options.pytest_html, Path(folder))
        browser.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
