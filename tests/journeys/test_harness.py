"""The harness itself, on pages of its own: what it lets pass, what it finds, and that it reaches nobody."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from playwright.sync_api import Error, expect

from tests.journeys.accessibility import assert_accessible

GOOD = """<!doctype html><html lang="en"><title>Refund</title><meta name="viewport" content="width=device-width">
<a href="#content">Skip to the content</a><main id="content"><h1>Ask for a refund</h1>
<label for="order">Order number</label><input id="order"><p id="js"></p>
<script>document.getElementById("js").textContent = "with scripts"</script></main>"""
PAGES = {
    "/good": GOOD,
    "/no-label": GOOD.replace('<label for="order">Order number</label>', ""),
    "/pale": GOOD.replace("<h1>", '<h1 style="color: #ddd; background: #fff">'),
    "/no-skip-link": GOOD.replace('href="#content"', 'href="/elsewhere"'),
    "/wide": GOOD.replace("<h1>", '<h1 style="width: 3000px">'),
    "/script-error": GOOD.replace("document.getElementById", "document.getElementByName"),
}


@pytest.fixture(scope="module")
def base_url():
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            text = PAGES.get(self.path, "")
            self.send_response(200 if text else 503 if self.path == "/broken" else 204)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write(text.encode())

        def log_message(self, *arguments):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_a_good_page_is_accessible_on_phone_and_desktop(each_page):
    each_page.goto("/good")

    assert_accessible(each_page)
    expect(each_page.locator("#js")).to_have_text("with scripts")


def test_without_javascript_the_page_still_says_what_it_is_for(no_js_page):
    no_js_page.goto("/good")

    expect(no_js_page.get_by_role("heading", name="Ask for a refund")).to_be_visible()
    expect(no_js_page.locator("#js")).to_have_text("")


@pytest.mark.parametrize(
    ("path", "rule"),
    [
        ("/no-label", "label"),
        ("/pale", "color-contrast"),
        ("/no-skip-link", "first link skips"),
        ("/wide", "scrolls sideways"),
    ],
)
def test_a_page_that_shuts_people_out_is_found(desktop_page, path, rule):
    desktop_page.goto(path)

    with pytest.raises(AssertionError, match=rule):
        assert_accessible(desktop_page)


def test_a_script_error_is_heard(page, visit):
    page.goto("/script-error")

    assert any("getElementByName" in said for said in visit.unexpected())
    visit.expected.append("getElementByName")


def test_a_broken_answer_is_heard_even_when_the_page_hides_it(page, visit):
    page.goto("/good")
    page.evaluate("fetch('/broken')")

    assert any("503 from" in said for said in visit.unexpected())
    visit.expected.append("503")


def test_the_browser_reaches_nobody_but_this_machine(page, visit):
    visit.expected.append("ERR_NAME_NOT_RESOLVED")

    with pytest.raises(Error, match="ERR_NAME_NOT_RESOLVED"):
        page.goto("http://recoup.example/")


def test_two_people_do_not_share_cookies(people):
    ada, ben = people("ada"), people("ben")
    ada.goto("/good")
    ada.evaluate("document.cookie = 'who=ada'")
    ben.goto("/good")

    assert ben.evaluate("document.cookie") == ""
