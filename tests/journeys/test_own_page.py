"""A customer comes from a shop's own site, by a button that the shop put there in two lines."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from playwright.sync_api import expect

from tests.journeys.accessibility import assert_accessible

#: As careful shops have it: scripts and calls from Recoup alone, no inline styles in the page.
POLICY = "default-src 'self'; script-src {recoup}; connect-src {recoup}; style-src 'none'; img-src data:"


@pytest.fixture
def site(house):
    """The address of a shop's own site, another origin than Recoup's."""
    recoup = house.running.web_url
    lines = (
        f'<a href="{recoup}/at/merlion-home" data-recoup>Ask for a refund</a>\n'
        f'<script async src="{recoup}/widget.js"></script>'
    )
    head = '<meta charset="utf-8"><link rel="icon" href="data:,"><title>A shop</title>'
    page = f'<!doctype html><html lang="en">{head}{lines}'

    class Site(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.send_header("Content-Security-Policy", POLICY.format(recoup=recoup))
            self.end_headers()
            self.wfile.write(page.encode())

        def log_message(self, *told):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Site)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://localhost:{server.server_port}/"
    server.shutdown()
    server.server_close()


def test_from_the_shop_s_site_to_its_page_and_on(page, site):
    page.goto(site)
    button = page.get_by_role("link", name="Ask for a refund")
    expect(button).to_have_css("background-color", "rgb(122, 31, 61)")
    assert page.context.cookies() == []

    button.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Refunds from Merlion Home")
    assert_accessible(page)
    page.get_by_role("link", name="Ask for a refund").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("find your order")


def test_without_scripts_it_is_a_link_to_the_same_page(no_js_page, site):
    no_js_page.goto(site)
    no_js_page.get_by_role("link", name="Ask for a refund").click()
    expect(no_js_page.get_by_role("heading", level=1)).to_have_text("Refunds from Merlion Home")
