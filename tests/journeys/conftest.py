"""A running house and people with browsers.

`page` is a phone, `desktop_page` a desktop, `no_js_page` a phone without JavaScript, `each_page` the first two in turn;
`people` makes as many separate visitors as a journey needs. When a journey fails, what each of them saw is in
`screenshots/` (or RECOUP_SCREENSHOTS).
"""

from contextlib import ExitStack

import pytest
from playwright.sync_api import sync_playwright

from tests.journeys import browser as chromium
from tools import browser as system

REPORT = pytest.StashKey[dict[str, pytest.TestReport]]()


@pytest.fixture(scope="session")
def house():
    """The complete system with its demo world, private to this run, on free ports."""
    from recoup.config.private_house import PrivateHouse

    with PrivateHouse(load_demo=True) as house:
        yield house


@pytest.fixture
def base_url(house):
    """Where pages are; a test module may override it to look at something else."""
    return house.running.web_url


@pytest.fixture(scope="session")
def _browser():
    executable = system.find()
    if executable is None:
        pytest.fail("No Chromium found. bin/test installs one where it may; see tools/browser.py.")
    with sync_playwright() as playwright:
        browser = chromium.launch(playwright, executable)
        yield browser
        browser.close()


@pytest.fixture
def visit():
    """What the browsers complained about. `visit.expected.append("404")` where a journey provokes a complaint."""
    return chromium.Visit()


@pytest.fixture
def people(_browser, base_url, visit, request):
    """`people(name, **settings)` is the page of one more person; `people("agent", **DESKTOP)`, for instance."""
    pages = {}
    with ExitStack() as stack:

        def enter(name, **settings):
            _, pages[name] = stack.enter_context(
                chromium.visitor(_browser, base_url=base_url, visit=visit, settings=settings)
            )
            return pages[name]

        yield enter
        failed = any(report.failed for report in request.node.stash.get(REPORT, {}).values())
        if failed or visit.unexpected():
            for name, page in pages.items():
                print(f"{name} saw: {chromium.picture(page, f'{request.node.name}-{name}')}")
    assert not visit.unexpected(), "the browser complained:\n" + "\n".join(visit.unexpected())


@pytest.fixture
def page(people):
    return people("phone", **chromium.PHONE)


@pytest.fixture
def desktop_page(people):
    return people("desktop", **chromium.DESKTOP)


@pytest.fixture
def no_js_page(people):
    return people("no-js", java_script_enabled=False, **chromium.PHONE)


@pytest.fixture(params=["phone", "desktop"])
def each_page(people, request):
    return people(request.param, **{"phone": chromium.PHONE, "desktop": chromium.DESKTOP}[request.param])


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    report = yield
    item.stash.setdefault(REPORT, {})[report.when] = report
    return report
