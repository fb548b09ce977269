"""Ravi changes what Merlion Home refuses: in a draft, tried on a case and on past cases, and back again."""

import re

import pytest
from playwright.sync_api import expect

from tests.journeys.accessibility import assert_accessible
from tests.journeys.shoppers import signs_in

RAVI = "ravi@merlion-home.example"


@pytest.fixture
def default_tables_afterwards(house):
    """Other journeys are decided by the default tables."""
    yield
    with house.superuser() as hand:
        hand.execute("DELETE FROM merchants_policydraft")
        hand.execute("DELETE FROM merchants_policyversion")


@pytest.mark.usefixtures("default_tables_afterwards")
@pytest.mark.parametrize("has_scripts", [True, False], ids=["with scripts", "without"])
def test_a_manager_changes_the_policy_tries_it_lets_it_decide_and_goes_back(
    page, no_js_page, house, visit, has_scripts
):
    visit.expected.append("422")
    ravi = page if has_scripts else no_js_page
    signs_in(ravi, house, RAVI)
    ravi.get_by_text("The company", exact=True).click()
    ravi.get_by_role("link", name="Policy", exact=True).click()
    expect(ravi.get_by_text("You have not written a policy of your own yet")).to_be_visible()
    ravi.get_by_role("link", name="Change it in a draft").click()
    ravi.get_by_role("button", name="Begin from what decides now").click()
    expect(ravi.get_by_text("The draft has begun")).to_be_visible()
    if has_scripts:
        assert_accessible(ravi)

    ravi.get_by_role("link", name="Change row 9").click()
    expect(ravi.get_by_role("heading", name="Change this row")).to_be_visible()
    ravi.get_by_label("Then days").fill("soon")
    ravi.get_by_role("button", name="Keep this row").click()
    expect(ravi.get_by_text("This would not be a policy")).to_be_visible()
    if has_scripts:
        assert_accessible(ravi)
    ravi.get_by_label("Then days").fill("77")
    ravi.get_by_role("button", name="Keep this row").click()
    expect(ravi.get_by_text("Kept in the draft.")).to_be_visible()

    ravi.get_by_label("Days since it arrived").fill("70")
    ravi.get_by_role("button", name="What would it answer?").click()
    expect(ravi.get_by_role("heading", name="It would be approved")).to_be_visible()

    ravi.get_by_role("button", name="Run it over past cases").click()
    expect(ravi.get_by_text(re.compile("would be answered differently"))).to_be_visible()
    if has_scripts:
        assert_accessible(ravi)
    ravi.get_by_role("link", name="Let this draft decide").click()
    ravi.get_by_label("Why?").fill("Two months are fairer")
    if has_scripts:
        assert_accessible(ravi)
    ravi.get_by_role("button", name="Let it decide from now on").click()
    expect(ravi.get_by_text("This policy decides from now on.")).to_be_visible()
    expect(ravi.get_by_text("Two months are fairer")).to_be_visible()
    if has_scripts:
        assert_accessible(ravi)

    ravi.get_by_role("link", name="Recoup's default tables", exact=True).click()
    ravi.get_by_role("link", name="Go back to the default tables").click()
    ravi.get_by_label("Why?").fill("It was too dear")
    ravi.get_by_role("button", name="Let it decide from now on").click()
    expect(ravi.get_by_text("Version 2 decides now.")).to_be_visible()
