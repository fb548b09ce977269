"""WCAG 2.2 AA as far as a program can see it (axe-core). A person still has to try the page with a keyboard."""

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]


def assert_accessible(page: Page) -> None:
    """The page as it stands now breaks no rule, has one main heading, and its first link skips to the content."""
    broken = complaints_about(page)
    assert not broken, f"{page.url} is not accessible:\n   " + "\n   ".join(broken)


def complaints_about(page: Page) -> list[str]:
    """What `assert_accessible` would say."""
    found = _violations(page, {"type": "tag", "values": TAGS})
    return found + [f"house: {complaint}" for complaint in page.evaluate(HOUSE_RULES)]


def contrast_complaints(page: Page) -> list[str]:
    """What cannot be read well in the colours that the page has now."""
    return _violations(page, {"type": "rule", "values": ["color-contrast"]})


def _violations(page: Page, run_only: dict) -> list[str]:
    results = Axe().run(page, options={"runOnly": run_only, "resultTypes": ["violations"]})
    return [
        f"{violation['id']} ({violation['impact']}): {violation['help']}\n"
        + "\n".join(f"      {' '.join(map(str, node['target']))}: {node['html'][:160]}" for node in violation["nodes"])
        for violation in results.response["violations"]
    ]


HOUSE_RULES = """() => {
    const complaints = [];
    if (document.querySelectorAll("h1").length !== 1) complaints.push("a page has exactly one h1");
    const first = document.querySelector("a[href]")?.getAttribute("href") ?? "";
    const skips = first.startsWith("#") && document.querySelector(first);
    if (!skips) complaints.push("the first link skips to the content");
    if (document.documentElement.scrollWidth > window.innerWidth + 1) complaints.push("the page scrolls sideways");
    return complaints;
}"""
