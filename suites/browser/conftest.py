"""Fixtures of the browser tests: one browser, and pages that fail a test by a request or a script error."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, Playwright, Request, sync_playwright

from suites.browser.chromium import NoBrowser, launch_chromium
from suites.browser.explorer_page import make_page
from suites.browser.layer_page import make_layer_page
from suites.browser.sample_rows import AXES, CELLS, make_columns, make_full_views, make_sample_rows

HOME = re.compile(r"^(file|data|blob):")
Open = Callable[..., Page]


class Watch:
    """A record of the requests and script errors of pages; a test fails if there are any."""

    def __init__(self) -> None:
        self.left: list[str] = []
        self.broken: list[str] = []

    def listen_to(self, page: Page) -> None:
        """Record the requests and script errors of this page from now on."""
        page.on("request", self._on_request)
        page.on("pageerror", lambda error: self.broken.append(str(error)))
        page.on("console", self._on_console)

    def _on_console(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.broken.append(message.text)

    def _on_request(self, request: Request) -> None:
        if not HOME.match(request.url):
            self.left.append(request.url)


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    """Yield Playwright, started once for all tests."""
    with sync_playwright() as started:
        yield started


@pytest.fixture(scope="session")
def browser(playwright: Playwright) -> Iterator[Browser]:
    """Yield a headless Chromium; without one the tests fail and are not skipped."""
    try:
        started = launch_chromium(playwright)
    except NoBrowser as error:
        pytest.fail(str(error), pytrace=False)
    yield started
    started.close()


@pytest.fixture(scope="session")
def sample_page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the path of a page with the sample checks."""
    rows = make_sample_rows()
    path = tmp_path_factory.mktemp("page") / "plain.html"
    path.write_text(make_page(make_columns(rows), make_full_views(rows), AXES, CELLS), encoding="utf-8")
    return path


@pytest.fixture(scope="session")
def layer_page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the path of a page with the form "Check my layer" alone."""
    path = tmp_path_factory.mktemp("layer") / "layer.html"
    path.write_text(make_layer_page(), encoding="utf-8")
    return path


@pytest.fixture
def watch() -> Watch:
    """Return the record of a test's pages; a test of a broken page clears the errors that it expects."""
    return Watch()


@pytest.fixture
def open_page(browser: Browser, sample_page: Path, watch: Watch) -> Iterator[Open]:
    """Yield a function that opens a page: ``open_page(at="#q=...", path=None, width=1280, scheme="light")``."""
    contexts = []

    def opened(
        at: str = "", path: Path | None = None, width: int = 1280, scheme: str = "light", **more: object
    ) -> Page:
        context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme, **more)
        contexts.append(context)
        context.set_default_timeout(10_000)
        page = context.new_page()
        watch.listen_to(page)
        page.goto((path or sample_page).as_uri() + at)
        return page

    yield opened
    for context in contexts:
        context.close()
    assert not watch.left, "a request left the page"
    assert not watch.broken, "a script failed"


@pytest.fixture
def page(open_page: Open) -> Page:
    """Return the page with the sample checks, after its data are unpacked."""
    opened = open_page()
    opened.locator("#explorer-rows tr").first.wait_for()
    return opened
