"""The mail catcher's pages in a real browser: readable for everybody, and a mail's own script stays asleep."""

import os
import smtplib
from email.message import EmailMessage

import pytest
from playwright.sync_api import sync_playwright

from tests.journeys.accessibility import assert_accessible
from tests.journeys.browser import launch
from tools import browser as system

pytestmark = [pytest.mark.slow, pytest.mark.journey]
HTML = """<html><body style="font-family: sans-serif"><h2>Your refund was sent</h2>
<p>S$12.50 is on its way to Visa ending 4242. <a href="/healthz">Follow it</a></p>
<script>document.body.innerHTML = "hacked"</script></body></html>"""


@pytest.fixture
def mails(town):
    town.call("DELETE", "/inbox")
    host, _, port = town.addresses["smtp"].removeprefix("smtp://").partition(":")
    with smtplib.SMTP(host, int(port)) as server:
        for number in range(3):
            message = EmailMessage()
            message["From"], message["To"] = "care@recoup.example", f"mei{number}@example.com"
            message["Subject"] = f"Case RC-10{number}: your refund was sent"
            message.set_content("S$12.50 is on its way to Visa ending 4242.")
            message.add_alternative(HTML, subtype="html")
            server.send_message(message)
    return town.get("/inbox.json")["mails"]


@pytest.fixture(scope="module")
def browser():
    with sync_playwright() as playwright:
        executable = system.find()
        assert executable, "no Chromium found; bin/test installs one"
        opened = launch(playwright, executable)
        yield opened
        opened.close()


@pytest.mark.parametrize("size", [(390, 844), (1280, 800)], ids=["phone", "desktop"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_inbox_and_a_mail_can_be_read_by_everybody(town, mails, browser, size, scheme):
    context = browser.new_context(viewport={"width": size[0], "height": size[1]}, color_scheme=scheme)
    page = context.new_page()
    page.goto(f"{town.url}/inbox?pause=1")
    assert page.get_by_role("listitem").count() == 3
    assert_accessible(page)

    page.get_by_role("link", name="Case RC-102").click()

    assert_accessible(page)
    frame = page.frame_locator("iframe")
    assert frame.get_by_role("heading").inner_text() == "Your refund was sent"
    with context.expect_page() as opened:
        frame.get_by_role("link", name="Follow it").click()
    opened.value.wait_for_load_state()
    assert '"ok": true' in opened.value.content()
    if folder := os.environ.get("RECOUP_PICTURES"):
        page.screenshot(path=f"{folder}/mail-{size[0]}-{scheme}.png")
        page.goto(f"{town.url}/inbox?pause=1")
        page.screenshot(path=f"{folder}/inbox-{size[0]}-{scheme}.png")
    context.close()


def test_the_list_grows_by_itself_without_script(town, mails, browser):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{town.url}/inbox")
    town.call("DELETE", "/inbox")

    page.get_by_text("No mail yet").wait_for(timeout=10_000)

    context.close()
