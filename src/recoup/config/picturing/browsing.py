"""A Chromium that is on this machine, driven by Playwright. Neither belongs to the product: `bin/test` brings them."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from recoup.kernel.errors import Refusal

if TYPE_CHECKING:
    from playwright.sync_api import Browser

PROGRAMS = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
#: The browser resolves no name and reaches no address but this machine's own.
ARGUMENTS = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
    "--no-proxy-server",
]


class NoBrowser(Refusal):
    """There is nothing to look at pages with."""

    code = "no_browser"
    title = "Pictures need Chromium and Playwright"


@contextmanager
def chromium() -> Iterator[Browser]:
    """The browser, closed afterwards. Raises NoBrowser."""
    try:
        from playwright.sync_api import sync_playwright
    except ModuleNotFoundError:
        raise NoBrowser("Run bin/test fast once: it brings Playwright, and Chromium where it may") from None
    named = os.environ.get("RECOUP_CHROMIUM")
    found = next(filter(None, map(shutil.which, (named,) if named else PROGRAMS)), None)
    if found is None:
        raise NoBrowser("Install Chromium (Debian, Ubuntu: apt-get install chromium), or name it in RECOUP_CHROMIUM")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=ARGUMENTS, headless=True)
        try:
            yield browser
        finally:
            browser.close()
