"""A shopper follows their case."""

import re

import pytest

from recoup.kernel import ids


@pytest.fixture
def case(mei, shop):
    """A case that was approved at once."""
    order = shop.order(("kettle", 1, 1890))
    mei.asks_about(order).enters_the_code().chooses(line1=1).says("I changed my mind").confirms()
    return mei.case_number


@pytest.fixture
def stranger(mails, shop):
    from django.test import Client

    from tests.web.conftest import Shopper

    return Shopper(Client(), mails, shop)


def test_a_stranger_is_led_to_the_door(case, stranger):
    for page in ("", "/now", "/evidence", "/withdraw", "/appeal"):
        stranger.opens(f"/cases/{case}{page}")
        assert stranger.path == "/cases"


def test_the_case_opens_with_its_number_and_a_code(case, stranger):
    stranger.sends("/cases", number=case.lower(), contact=stranger.email).enters_the_code("/cases/code")

    assert stranger.path == f"/cases/{case}"
    assert case in stranger.page


def test_a_wrong_address_gets_the_same_page_and_no_mail(case, stranger, mails):
    before = len(mails.codes())
    stranger.sends("/cases", number=case, contact="eve@elsewhere.example")

    assert "Enter the code we sent you" in stranger.page
    assert len(mails.codes()) == before


@pytest.mark.parametrize("whose", ["its shopper's", "somebody else's", "nobody's"])
def test_codes_are_refused_after_as_many_times_whoever_asks_for_whatever(whose, case, stranger):
    number = ids.case_number() if whose == "nobody's" else case
    email = stranger.email if whose == "its shopper's" else "eve@elsewhere.example"

    answers = [stranger.browser.post("/cases", {"number": number, "contact": email}).status_code for _ in range(7)]

    assert answers == [302] * 6 + [422]


def test_a_mistyped_number_is_said(stranger):
    stranger.sends("/cases", number="RC-1", contact="mei@example.sg")

    assert "That is not a case number" in stranger.page


def test_approved_is_not_sent(case, mei):
    mei.opens(f"/cases/{case}")

    assert "on its way" not in mei.page.split("</h1>")[0]
    assert "refunded" not in mei.page.lower()


def test_a_reviewers_no_can_be_answered(case, mei, shop):
    from recoup.refunds import actions, queries

    order = shop.order(("lamp", 1, 200_00))
    mei.asks_about(order).enters_the_code().chooses(line1=1).says("It is strange and I cannot say why").confirms()
    number = mei.case_number
    merchant_id, case_id = queries.find_by_number(number)
    actions.reject(
        merchant_id=merchant_id, case_id=case_id, reason="The lamp was used for a year.", by="person:1", at=shop.now
    )
    mei.opens(f"/cases/{number}")
    assert "The lamp was used for a year." in mei.page
    assert "Do you see it differently?" in mei.page
    mei.sends(f"/cases/{number}/appeal", words="I got it last week.")

    assert "A person is looking at it" in mei.page
    assert "You told us why you disagree" in mei.page


def test_an_undecided_case_can_be_withdrawn(mei, shop):
    order = shop.order(("lamp", 1, 200_00))
    mei.asks_about(order).enters_the_code().chooses(line1=1).says("It is strange and I cannot say why").confirms()
    number = mei.case_number
    mei.opens(f"/cases/{number}/withdraw")
    assert "Withdraw your request?" in mei.page
    mei.sends(f"/cases/{number}/withdraw")

    assert "You withdrew this request" in mei.page


def test_a_refund_just_confirmed_is_undone_in_one_press(mei, shop):
    order = shop.order(("kettle", 1, 1890))
    mei.asks_about(order).enters_the_code().chooses(line1=1).says("I changed my mind").opens(f"/ask/{shop.slug}/check")
    assert "For 20 seconds after that you can undo it" in mei.page
    mei.confirms()
    number = mei.case_number
    page = mei.opens(f"/cases/{number}").page
    assert re.search(r"Nothing is sent before \d\d:\d\d:\d\d", page)
    assert "Undo my refund" in page
    mei.sends(f"/cases/{number}/withdraw")

    assert "You withdrew this request" in mei.page
    assert "Undo my refund" not in mei.page


def test_whoever_presses_too_late_is_told_so(case, mei, shop, database):
    from recoup.refunds import queries
    from tests.refunds.asking import payouts_of
    from tests.refunds.rail import Rail

    merchant_id, case_id = queries.find_by_number(case)
    (payout,) = payouts_of(shop, queries.case_by_id(merchant_id=merchant_id, case_id=case_id))
    Rail(database, shop).pays(payout.id, "pending")
    mei.sends(f"/cases/{case}/withdraw")

    assert "It was too late to undo this" in mei.page
    assert "Your money is on its way" in mei.page
    assert "Undo my refund" not in mei.page
