"""Mei asks as a guest, makes an account later, finds her refund there, and asks again without a code."""

import re

from playwright.sync_api import expect

from tests.journeys.accessibility import assert_accessible
from tests.journeys.browser import DESKTOP
from tests.journeys.shoppers import MEI, case_number, code_after, finds_order, mails_to

NARROW = {"viewport": {"width": 320, "height": 640}}


def asks(page, article, words):
    """From the articles to the case."""
    page.get_by_label(article, exact=True).check()
    page.get_by_role("button", name="Continue").click()
    page.get_by_role("textbox", name="Tell us in your own words").fill(words)
    page.get_by_role("button", name="Continue").click()
    page.get_by_role("button", name="Confirm my refund").click()
    expect(page.locator("#case-number")).to_be_visible()
    return case_number(page)


def enters(page, house):
    """By the way in of the list of refunds: her address, a code."""
    page.goto("/cases")
    page.get_by_role("main").get_by_role("link", name="Sign in").click()
    last_id = max((mail["id"] for mail in mails_to(house, MEI)), default=0)
    page.get_by_label("E-mail or mobile number").fill(MEI)
    page.get_by_role("button", name="Send me a code").click()
    page.get_by_label("6-digit code").fill(code_after(house, MEI, last_id))
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("My refunds")


def test_what_a_guest_asked_for_is_in_the_account_made_later(people, page, house):
    page.goto("/ask/small-steps")
    finds_order(page, house, "small-steps", "SS-77001")
    first = asks(page, "Ankle socks, 3 pairs", "I changed my mind")

    elsewhere = people("another device", **DESKTOP)
    enters(elsewhere, house)
    assert_accessible(elsewhere)
    elsewhere.get_by_role("link", name=re.compile("Small Steps")).first.click()
    expect(elsewhere.locator("#case-number")).to_have_text(first)

    small = people("a small screen", **NARROW)
    enters(small, house)
    assert_accessible(small)
    small.goto("/ask/kopi-corner")
    assert_accessible(small)
    small.get_by_role("button", name="Choose order KC-501").click()
    second = asks(small, "Paper filters, 100", "I changed my mind")
    small.get_by_role("link", name="My refunds").click()
    expect(small.get_by_text(f"Case {second}")).to_be_visible()
    expect(small.get_by_text(f"Case {first}")).to_be_visible()
    assert small.evaluate("document.documentElement.scrollWidth") <= NARROW["viewport"]["width"]
