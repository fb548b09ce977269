"""Merlion Home wants a second person for what is dear: Aisha says yes at her desk, Ravi completes it on his phone."""

import pytest
from playwright.sync_api import expect

from tests.journeys.accessibility import assert_accessible
from tests.journeys.browser import DESKTOP, PHONE
from tests.journeys.shoppers import MEI, asks_for, case_number, signs_in

RAVI = "ravi@merlion-home.example"
LAMP = "Arc floor lamp"


@pytest.fixture
def no_limits_afterwards(house):
    """Other journeys approve alone."""
    yield
    with house.superuser() as hand:
        hand.execute("DELETE FROM merchants_approvallimits")


@pytest.mark.usefixtures("no_limits_afterwards")
def test_a_dear_refund_takes_two_people_who_see_what_each_other_said(page, people, house):
    ravi, aisha = people("ravi on his phone", **PHONE), people("aisha", **DESKTOP)
    signs_in(ravi, house, RAVI)
    ravi.get_by_text("The company", exact=True).click()
    ravi.get_by_role("link", name="Limits").click()
    assert_accessible(ravi)
    ravi.get_by_label("A reviewer may approve alone up to").fill("100")
    ravi.get_by_role("button", name="Keep these limits").click()
    expect(ravi.get_by_text("The new limits are kept.")).to_be_visible()
    expect(ravi.get_by_text("Reviewers alone up to S$100.00").first).to_be_visible()
    assert_accessible(ravi)

    asks_for(page, house, ("MH-1002", MEI), {LAMP: 1}, "It is strange and I cannot say why.")
    number = case_number(page)

    signs_in(aisha, house)
    aisha.goto(f"/review/{number}")
    expect(aisha.get_by_text("You may approve up to S$100.00 alone.")).to_be_visible()
    aisha.get_by_role("link", name="Approve").click()
    aisha.get_by_label("A sentence to go with it (optional)").fill("Sorry about the lamp.")
    aisha.get_by_role("button", name="See what the shopper will read").click()
    expect(aisha.get_by_text("This goes to a second person, because it is more than you may")).to_be_visible()
    assert_accessible(aisha)
    aisha.get_by_role("button", name="goes to a second person").click()
    expect(aisha.get_by_text("Your yes is kept.")).to_be_visible()
    expect(aisha.get_by_text("No money is promised.")).to_be_visible()
    assert_accessible(aisha)

    ravi.goto("/review")
    expect(ravi.get_by_text("Waits for a second person").first).to_be_visible()
    expect(ravi.get_by_text("Aisha Rahman has approved it")).to_be_visible()
    assert_accessible(ravi)
    ravi.get_by_role("link", name=number).click()
    expect(ravi.get_by_text("Aisha Rahman approved S$189.00")).to_be_visible()
    assert_accessible(ravi)
    ravi.get_by_role("link", name="Approve").click()
    expect(ravi.get_by_label("A sentence to go with it (optional)")).to_have_value("Sorry about the lamp.")
    ravi.get_by_role("button", name="See what the shopper will read").click()
    expect(ravi.get_by_text("Aisha Rahman has approved the same. With your yes it is complete")).to_be_visible()
    assert_accessible(ravi)
    ravi.get_by_role("button", name="Approve and tell the shopper").click()
    expect(ravi.get_by_text("The money is being sent")).to_be_visible()

    expect(page.get_by_role("heading", level=1)).to_have_text("Your money is on its way", timeout=60_000)
