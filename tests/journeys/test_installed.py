"""The pages as an app on the home screen: what a browser needs for that, and what it shows without a connection."""

import json

import pytest
from playwright.sync_api import expect

from tests.journeys.accessibility import assert_accessible
from tests.journeys.browser import PHONE


@pytest.fixture
def app(people, visit):
    """A phone on which the pages' worker may run."""
    visit.expected.append("ERR_INTERNET_DISCONNECTED|Failed to fetch")
    return people("app", **PHONE, service_workers="allow")


def test_a_browser_has_what_it_needs_to_install_them(app):
    app.goto("/")
    inspector = app.context.new_cdp_session(app)
    found = inspector.send("Page.getAppManifest")

    assert found["errors"] == []
    manifest = json.loads(found["data"])
    assert manifest["display"] == "standalone"
    assert {icon["sizes"] for icon in manifest["icons"]} == {"192x192", "512x512"}
    for icon in manifest["icons"]:
        assert app.request.get(icon["src"]).headers["content-type"] == "image/png"
    missing = inspector.send("Page.getInstallabilityErrors")["installabilityErrors"]
    assert [one["errorId"] for one in missing] == ["in-incognito"], "as every visitor of these tests is"


def test_without_a_connection_it_says_so_and_goes_on_afterwards(app):
    app.goto("/")
    app.evaluate("navigator.serviceWorker.ready.then(() => true)")
    app.reload()
    app.wait_for_function("navigator.serviceWorker.controller !== null")

    app.context.set_offline(True)
    app.goto("/cases")
    expect(app.get_by_role("heading", level=1)).to_have_text("There is no connection")
    expect(app.locator("body")).to_have_css("margin", "0px")
    assert_accessible(app)
    kept = app.evaluate(
        "caches.keys().then(names => Promise.all(names.map(n => caches.open(n).then(c => c.keys()))))"
        ".then(lists => lists.flat().map(request => new URL(request.url).pathname))"
    )
    assert all(path == "/offline" or path.startswith("/static/") for path in kept)

    app.context.set_offline(False)
    app.get_by_role("link", name="Try again").click()
    expect(app.get_by_role("heading", level=1)).not_to_have_text("There is no connection")
