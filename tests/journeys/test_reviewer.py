"""Aisha decides cases, and the shopper reads what Aisha was shown that they would."""

import json

import pytest
from playwright.sync_api import expect

from tests.journeys.accessibility import assert_accessible
from tests.journeys.browser import DESKTOP
from tests.journeys.shoppers import case_number, finds_order

AISHA = "aisha@merlion-home.example"


@pytest.fixture
def aisha(people, house):
    sign_ins = json.loads(house.house.demo.read_text())["sign_ins"]
    password = next(row["password"] for row in sign_ins if row["email"] == AISHA)
    page = people("aisha", **DESKTOP)
    page.goto("/review")
    page.get_by_label("E-mail").fill(AISHA)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Cases that need a person")
    return page


@pytest.fixture
def case(page, house):
    """A dear case, so a person decides. The shopper's phone shows it."""
    page.goto("/ask/merlion-home")
    finds_order(page, house, "merlion-home", "MH-1003", "jason.lim@example.com")
    page.get_by_label("Two-seat sofa, sea green", exact=True).check()
    page.get_by_role("button", name="Continue").click()
    page.get_by_role("textbox", name="Tell us in your own words").fill("Something is odd about it.")
    page.get_by_role("button", name="Continue").click()
    page.get_by_role("button", name="Send it to a person").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("A person is looking at it", timeout=60_000)
    return case_number(page)


def test_a_rejection_is_read_word_for_word_and_answered_then_approved(aisha, page, case):
    aisha.reload()
    assert_accessible(aisha)
    aisha.get_by_role("link", name=case).click()
    assert_accessible(aisha)
    aisha.get_by_role("link", name="Reject").click()
    assert_accessible(aisha)
    words = "The sofa looks as it was described."
    aisha.get_by_label("Your words to the shopper").fill(words)
    aisha.get_by_role("button", name="See what the shopper will read").click()
    expect(aisha.locator(".told")).to_contain_text(words)
    aisha.get_by_role("button", name="Reject and tell the shopper").click()
    expect(aisha.get_by_text("Rejected. The shopper has been told why.")).to_be_visible()

    expect(page.get_by_role("heading", level=1)).to_have_text("We cannot approve this refund", timeout=30_000)
    expect(page.get_by_text(words).first).to_be_visible()
    page.get_by_role("link", name="Tell us why").click()
    page.get_by_label("Why do you disagree?").fill("It has a crack inside.")
    page.get_by_role("button", name="Send to a person").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("A person is looking at it")

    aisha.goto(f"/review/{case}/approve")
    aisha.get_by_label("Pay less by, for Two-seat sofa, sea green").fill("2")
    aisha.get_by_role("button", name="See what the shopper will read").click()
    expect(aisha.locator(".told")).to_contain_text("Approved in part: S$")
    assert_accessible(aisha)
    aisha.get_by_role("button", name="Approve and tell the shopper").click()
    expect(aisha.get_by_text("The money is being sent")).to_be_visible()
    expect(page.get_by_role("heading", level=1)).to_have_text("Your money is on its way", timeout=60_000)
