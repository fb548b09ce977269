"""The system's Chromium as people hold it: a phone, a desktop, a browser without JavaScript.

Nothing leaves this machine: the browser resolves no name and reaches no address but loopback. A page that logs an
error, breaks the content security policy or asks for something that is not there fails the test that visited it.
"""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Playwright, Response

SCREENSHOTS = Path(os.environ.get("RECOUP_SCREENSHOTS", Path(__file__).resolve().parents[2] / "screenshots"))
WAIT_MS = 10_000
ARGUMENTS = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-default-apps",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
    "--no-proxy-server",
]

PHONE = {"viewport": {"width": 390, "height": 844}, "device_scale_factor": 2, "is_mobile": True, "has_touch": True}
DESKTOP = {"viewport": {"width": 1280, "height": 800}}
#: A worker of an earlier page would stand between a journey and the house; test_installed.py lets it in.
EVERYWHERE = {
    "locale": "en-SG",
    "timezone_id": "Asia/Singapore",
    "reduced_motion": "reduce",
    "service_workers": "block",
}


@dataclass
class Visit:
    """What the browser complained about while a test used it, and what the test expects it to complain about."""

    complaints: list[str] = field(default_factory=list)
    expected: list[str] = field(default_factory=list)

    def unexpected(self) -> list[str]:
        return [said for said in self.complaints if not any(re.search(pattern, said) for pattern in self.expected)]


def launch(playwright: Playwright, executable: Path) -> Browser:
    return playwright.chromium.launch(executable_path=executable, args=ARGUMENTS, headless=True)


@contextmanager
def visitor(browser: Browser, *, base_url: str, visit: Visit, settings: dict) -> Iterator[tuple[BrowserContext, Page]]:
    """A fresh person: no cookies, no cache. Every page that they open is watched."""
    context = browser.new_context(base_url=base_url, **{**EVERYWHERE, **settings})
    context.set_default_timeout(WAIT_MS)
    context.on("page", lambda page: _watch(page, visit))
    try:
        yield context, context.new_page()
    finally:
        context.close()


def _watch(page: Page, visit: Visit) -> None:
    def heard(message: ConsoleMessage) -> None:
        if message.type == "error":
            visit.complaints.append(f"console on {page.url}: {message.text}")

    def answered(response: Response) -> None:
        if response.status >= 500:
            visit.complaints.append(f"{response.status} from {response.url}")

    page.on("console", heard)
    page.on("pageerror", lambda error: visit.complaints.append(f"script on {page.url}: {error}"))
    page.on("response", answered)


def picture(page: Page, name: str) -> Path:
    """A screenshot of the whole page, for a person to look at."""
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    path = SCREENSHOTS / f"{re.sub(r'[^A-Za-z0-9_.-]+', '-', name).strip('-')}.png"
    page.screenshot(path=path, full_page=True)
    return path
