"""Aisha decides cases, and the shopper reads what Aisha was shown that they would."""

import pytest
from playwright.sync_api import expect

from tests.journeys.accessibility import assert_accessible
from tests.journeys.browser import DESKTOP, PHONE
from tests.journeys.shoppers import MEI, asks_for, case_number, finds_order, mails_to, misfortune, signs_in

PRIYA = ("MH-1005", "priya.nair@example.com")
CLOSED_CARD = [{"status": "failed", "failure_reason": "expired_or_canceled_card"}]


@pytest.fixture
def aisha(people, house):
    page = people("aisha", **DESKTOP)
    signs_in(page, house)
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


def test_two_of_three_are_approved_without_scripts_and_the_third_stays_free(page, people, house):
    asks_for(page, house, PRIYA, {"Beeswax candles, three": 3}, "They came broken.")
    expect(page.get_by_role("heading", level=1)).to_have_text("We need one more thing from you", timeout=60_000)
    number = case_number(page)

    aisha = people("aisha on her phone, without scripts", java_script_enabled=False, **PHONE)
    signs_in(aisha, house)
    aisha.goto(f"/review/{number}/approve")
    aisha.get_by_label("Pay for how many of Beeswax candles, three").fill("2")
    aisha.get_by_label("A sentence to go with it (optional)").fill("One of the three was lit already.")
    aisha.get_by_role("button", name="See what the shopper will read").click()
    for line in (
        "Approved in part: S$16.28.",
        "2 \N{MULTIPLICATION SIGN} Beeswax candles",
        "Not included: 1 \N{MULTIPLICATION SIGN} Beeswax",
    ):
        expect(aisha.locator(".told")).to_contain_text(line)
    aisha.get_by_role("button", name="Approve and tell the shopper").click()
    expect(aisha.get_by_role("heading", name="In the books")).to_be_visible()
    expect(aisha.get_by_text("Promised to the shopper").first).to_be_visible()

    expect(page.get_by_role("heading", level=1)).to_have_text("Your money is on its way", timeout=60_000)
    expect(page.get_by_text("Beeswax candles, three \N{MULTIPLICATION SIGN} 2 of 3")).to_be_visible()
    assert_accessible(page)


def test_a_payment_that_failed_is_tried_again_and_then_arrives(aisha, page, house):
    misfortune(house, charge="ch_MH-1005", becomes=CLOSED_CARD)
    asks_for(page, house, PRIYA, {"Stoneware vase": 1}, "It smells odd.")
    expect(page.get_by_role("heading", level=1)).to_have_text("The payment did not go through", timeout=60_000)
    expect(page.get_by_text("A person is finding another way").first).to_be_visible()
    assert_accessible(page)
    number = case_number(page)

    aisha.goto(f"/review/{number}")
    expect(aisha.get_by_text("Failed: expired or canceled card")).to_be_visible()
    assert_accessible(aisha)
    aisha.get_by_role("link", name="Try again").click()
    expect(aisha.locator(".told")).to_contain_text("Nothing yet.")
    assert_accessible(aisha)
    aisha.get_by_role("button", name="Try again").click()
    expect(aisha.get_by_text("The payment is being tried again.")).to_be_visible()

    expect(page.get_by_role("heading", level=1)).to_have_text("Your money is on its way", timeout=60_000)
    subjects = [mail["subject"] for mail in mails_to(house, PRIYA[1]) if number in mail["subject"]]
    assert any("did not go through" in subject for subject in subjects), subjects


def test_a_payment_that_failed_is_called_off_and_the_reason_is_read(aisha, page, house):
    misfortune(house, charge="ch_MH-1001", amount=2450, becomes=CLOSED_CARD)
    asks_for(page, house, ("MH-1001", MEI), {"Waffle towel, oat": 1}, "It smells odd.")
    expect(page.get_by_role("heading", level=1)).to_have_text("The payment did not go through", timeout=60_000)
    number = case_number(page)

    words = "Your card is closed. Please write to us where we may send the money."
    aisha.goto(f"/review/{number}")
    aisha.get_by_role("link", name="Call it off").click()
    aisha.get_by_label("Your words to the shopper").fill(words)
    aisha.get_by_role("button", name="See what the shopper will read").click()
    expect(aisha.locator(".told")).to_contain_text(words)
    aisha.get_by_role("button", name="Call off and tell the shopper").click()
    expect(aisha.get_by_text("Called off. The shopper has been told.")).to_be_visible()
    expect(aisha.locator(".books strong")).to_have_text(["Promised to the shopper", "Called off"])

    expect(page.get_by_role("heading", level=1)).to_have_text("We cannot approve this refund", timeout=30_000)
    expect(page.get_by_text(words).first).to_be_visible()
    expect(page.get_by_role("link", name="Tell us why")).to_be_visible()
    assert_accessible(page)
