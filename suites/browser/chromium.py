"""Starts the Chromium that this machine has: Debian's, Google's or Playwright's own."""

from __future__ import annotations

import shutil
from pathlib import Path

from playwright.sync_api import Browser, Playwright

NAMES = ("chromium", "chromium-browser", "google-chrome")


class NoBrowser(RuntimeError):
    """Raised if no Chromium is installed; the message says how to install one."""


def launch_chromium(playwright: Playwright) -> Browser:
    """Start a headless Chromium and return it; raise NoBrowser if there is none."""
    found = next(filter(None, map(shutil.which, NAMES)), playwright.chromium.executable_path)
    if not Path(found).exists():
        raise NoBrowser("no Chromium on PATH: apt-get install chromium, or python -m playwright install chromium")
    # The page is trusted, and root in a container has no sandbox; the other options keep Chromium off the network.
    quiet = ("--no-sandbox", "--disable-background-networking", "--disable-component-update", "--no-first-run")
    return playwright.chromium.launch(executable_path=found, args=list(quiet))
