"""Ravi invites Nadia to work for Merlion Home: she comes by the letter, sets up a passkey, works, and is let go."""

import re
import secrets
import time
from urllib.parse import urlsplit

import pytest
import requests
from playwright.sync_api import expect

from tests.journeys.accessibility import assert_accessible
from tests.journeys.browser import DESKTOP, PHONE
from tests.journeys.shoppers import code_after, mails_to, signs_in
from tests.journeys.test_factors import Device

RAVI = "ravi@merlion-home.example"
AT_MOST_S = 60


@pytest.fixture
def base_url(house):
    """A browser keeps passkeys for names only."""
    return f"http://localhost:{urlsplit(house.running.web_url).port}"


def test_a_colleague_is_invited_comes_to_work_and_is_let_go(people, house, base_url):
    email = f"nadia-{secrets.token_hex(4)}@merlion-home.example"
    ravi, nadia = people("ravi", **DESKTOP), people("nadia on her phone", **PHONE)
    signs_in(ravi, house, RAVI)
    ravi.get_by_text("The company", exact=True).click()
    ravi.get_by_role("link", name="People").click()
    expect(ravi.get_by_role("heading", level=1)).to_have_text("People")
    assert_accessible(ravi)
    ravi.get_by_role("link", name="Invite somebody").click()
    ravi.get_by_label("Their work e-mail address").fill(email)
    ravi.get_by_label("Reviewer").check()
    assert_accessible(ravi)
    ravi.get_by_role("button", name="Send the invitation").click()
    expect(ravi.get_by_text("The invitation is on its way.")).to_be_visible()
    expect(ravi.get_by_text(email, exact=True)).to_be_visible()

    nadia.goto(_link_to(house, email))
    expect(nadia.get_by_role("heading", level=1)).to_have_text("Merlion Home invites you")
    assert_accessible(nadia)
    nadia.get_by_role("button", name="Mail me a code").click()
    nadia.get_by_label("6-digit code").fill(code_after(house, email, 0))
    nadia.get_by_role("button", name="Continue").click()
    expect(nadia.get_by_role("heading", level=1)).to_have_text("Work for Merlion Home?")
    assert_accessible(nadia)
    nadia.get_by_label("Your name").fill("Nadia Yusof")
    nadia.get_by_role("button", name="Yes, I work for Merlion Home").click()

    Device(nadia)
    nadia.get_by_role("link", name="Add a passkey").first.click()
    nadia.get_by_role("button", name="Add the passkey").click()
    expect(nadia.get_by_text("The passkey was added.")).to_be_visible()
    nadia.goto("/review")
    _shows_the_passkey_when_asked(nadia)
    expect(nadia.get_by_role("heading", level=1)).to_have_text("Cases that need a person")

    ravi.goto("/staff/members")
    row = ravi.get_by_role("row", name=re.compile("Nadia Yusof"))
    expect(row).to_contain_text("passkey")
    expect(row).to_contain_text("Reviewer")
    row.get_by_role("link", name="Remove").click()
    expect(ravi.get_by_role("heading", level=1)).to_have_text("Remove Nadia Yusof?")
    assert_accessible(ravi)
    cookies = {one["name"]: one["value"] for one in nadia.context.cookies()}
    assert requests.get(f"{base_url}/review", cookies=cookies, allow_redirects=False, timeout=10).status_code == 200
    began = time.monotonic()
    ravi.get_by_role("button", name="Remove Nadia Yusof").click()
    expect(ravi.get_by_text("They do not work here any more.")).to_be_visible()

    nadia.goto("/review")
    expect(nadia.get_by_role("heading", level=1)).to_have_text("Sign in")
    answer = requests.get(f"{base_url}/review", cookies=cookies, allow_redirects=False, timeout=10)
    assert (answer.status_code, answer.headers["Location"].split("?")[0]) == (302, "/account/login/")
    assert time.monotonic() - began < AT_MOST_S


def _shows_the_passkey_when_asked(page):
    """A passkey that was just made proves nothing about the sign-in before it."""
    expect(page.get_by_role("heading", level=1)).to_have_text(re.compile("^(Is it you|One more proof|Cases that need)"))
    by_passkey = page.get_by_role("link", name=re.compile("passkey|security key"))
    if page.get_by_role("heading", level=1).inner_text() == "Is it you?" and by_passkey.count():
        by_passkey.first.click()
        page.get_by_role("button", name="Use a passkey").click()


def _link_to(house, email):
    """Where the invitation leads, once it has come."""
    ends_at = time.monotonic() + 30
    while time.monotonic() < ends_at:
        for mail in mails_to(house, email):
            if found := re.search(r"/account/join/\S+", str(mail.get("text", ""))):
                return found[0]
        time.sleep(0.3)
    raise AssertionError(f"nobody invited {email}")
