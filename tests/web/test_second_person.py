"""Two people at the desk: each knows beforehand what their yes comes to, and the second sees what the first said."""

import re
from datetime import timedelta

import pytest

from tests.web.conftest import Shopper, photo
from tests.web.staff_people import Colleague, signs_in


@pytest.fixture
def at_desk(database, mails, shop):
    """Somebody new of the shop's staff, signed in."""
    from django.test import Client

    def sits_down(name, role="reviewer"):
        return signs_in(Shopper(Client(), mails, shop), Colleague(shop.id, name, role))

    return sits_down


@pytest.fixture
def limits(shop):
    from recoup.merchants import actions, queries

    def say(**told):
        at = shop.now - timedelta(days=3)
        actions.set_approval_limits(merchant_id=shop.id, limits=queries.Limits(**told), by="person:boss", at=at)

    return say


@pytest.fixture
def case(mei, shop):
    """Two lamps for S$200.00 that a person decides about."""
    order = shop.order(("lamp", 2, 200_00))
    mei.asks_about(order).enters_the_code().chooses(line1=2)
    mei.says("It is strange and I cannot say why", photos=[photo()]).confirms()
    return mei.case_number


def approves(who, case, *, many="2", step="do", words=""):
    line = re.search(r'name="line" value="([^"]+)"', who.opens(f"/review/{case}/approve").page)[1]
    return who.sends(f"/review/{case}/approve", step=step, line=[line], words=words, **{f"many-{line}": many})


def test_a_reviewer_knows_their_limit_and_that_it_goes_to_a_second_person(at_desk, limits, case):
    limits(reviewer_limit_minor=150_00)
    ines = at_desk("Ines")

    assert "up to S$150.00 alone" in ines.opens("/review").page
    assert "up to S$150.00 alone" in ines.opens(f"/review/{case}").page
    page = approves(ines, case, step="look").page
    assert "This goes to a second person, because it is more than you may approve alone." in page
    assert "goes to a second person</button>" in page
    assert "once it is approved twice" in page


def test_what_is_within_the_limit_is_approved_as_ever(at_desk, limits, case):
    limits(reviewer_limit_minor=150_00)
    ines = at_desk("Ines")

    page = approves(ines, case, many="1", step="look").page
    assert "second person" not in page
    assert "Approve and tell the shopper" in page
    assert "Approved. The money is being sent" in approves(ines, case, many="1").page


def test_without_limits_nobody_reads_of_any(at_desk, case):
    ines = at_desk("Ines")

    assert "alone" not in ines.opens("/review").page
    assert "second person" not in approves(ines, case, step="look").page


def test_the_second_person_sees_what_the_first_one_said_and_completes_it(at_desk, limits, case, mei):
    limits(four_eyes_from_minor=1)
    ines, jonas = at_desk("Ines"), at_desk("Jonas")

    kept = approves(ines, case, many="1", words="One of them was broken.").page
    assert "Your yes is kept." in kept
    assert "You approved S$100.00" in kept
    assert "Approved" not in mei.opens(f"/cases/{case}").page

    listed = jonas.opens("/review").page
    assert "Waits for a second person" in listed
    assert "Ines has approved it" in listed
    shown = jonas.opens(f"/review/{case}").page
    assert "Ines approved S$100.00" in shown
    assert "Their words to the shopper: One of them was broken." in shown
    form = jonas.opens(f"/review/{case}/approve").page
    assert re.search(r'name="many-[^"]+"[^>]* value="1"', form)
    assert "One of them was broken.</textarea>" in form
    assert (
        "Ines has approved the same. With your yes it is complete" in approves(jonas, case, many="1", step="look").page
    )
    assert "Approved. The money is being sent" in approves(jonas, case, many="1").page
    assert "Approved" in mei.opens(f"/cases/{case}").page


def test_the_form_begins_with_what_the_first_one_took_off(at_desk, limits, case):
    limits(four_eyes_from_minor=1)
    ines, jonas = at_desk("Ines"), at_desk("Jonas")
    line = re.search(r'name="line" value="([^"]+)"', ines.opens(f"/review/{case}/approve").page)[1]
    ines.sends(f"/review/{case}/approve", step="do", line=[line], **{f"many-{line}": "2", f"less-{line}": "12.50"})

    form = jonas.opens(f"/review/{case}/approve").page

    assert re.search(r'name="less-[^"]+"[^>]* value="12.50"', form)


def test_another_amount_is_not_the_same_yes(at_desk, limits, case):
    limits(four_eyes_from_minor=1)
    ines, jonas = at_desk("Ines"), at_desk("Jonas")
    approves(ines, case, many="1")

    page = approves(jonas, case, many="2", step="look").page
    assert "What Ines approved is not the same as this" in page
    assert "Your yes is kept." in approves(jonas, case, many="2").page


def test_the_same_form_sent_twice_has_one_effect(at_desk, limits, case, shop):
    from tests.refunds.asking import rows

    limits(four_eyes_from_minor=1)
    ines, jonas = at_desk("Ines"), at_desk("Jonas")
    for _ in range(2):
        assert "Your yes is kept." in approves(ines, case).page
    line = re.search(r'name="line" value="([^"]+)"', jonas.opens(f"/review/{case}/approve").page)[1]
    form = {"step": "do", "line": [line], f"many-{line}": "2"}
    jonas.sends(f"/review/{case}/approve", **form)
    again = jonas.sends(f"/review/{case}/approve", **form)

    assert again.response.status_code in (200, 409, 422)
    assert len(rows(shop, "SELECT id FROM payments_payout")) == 1
    assert len(rows(shop, "SELECT id FROM refunds_approval")) == 2


def test_a_yes_that_counts_no_more_is_told_as_such(at_desk, limits, case, mei):
    limits(four_eyes_from_minor=1)
    ines, jonas = at_desk("Ines"), at_desk("Jonas")
    approves(ines, case)
    mei.sends(f"/cases/{case}/evidence", words="One more thing.")

    assert "It counts no more" in jonas.opens(f"/review/{case}").page


def test_their_own_refund_is_refused_with_words(at_desk, database, mails, shop):
    from django.test import Client

    colleague = Colleague(shop.id, "Kim", "reviewer")
    name, _, domain = colleague.email.partition("@")
    kim = signs_in(Shopper(Client(), mails, shop), colleague)
    order = shop.order(("lamp", 2, 200_00), email=f"{name}+home@{domain}")
    shopper = Shopper(Client(), mails, shop)
    shopper.email = f"{name}+home@{domain}"
    shopper.asks_about(order, email=shopper.email).enters_the_code().chooses(line1=2)
    shopper.says("It is strange and I cannot say why", photos=[photo()]).confirms()

    refused = approves(kim, shopper.case_number)

    assert refused.response.status_code == 403
    assert "This is your own refund" in refused.page


@pytest.mark.parametrize("role", ["auditor", "support"])
def test_people_who_approve_nothing_read_of_no_limit(at_desk, limits, case, role):
    limits(reviewer_limit_minor=150_00, manager_limit_minor=1)

    assert "alone" not in at_desk("Sue", role).opens(f"/review/{case}").page
