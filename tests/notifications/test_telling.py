"""What shoppers are told, from what happened to their cases: once each, and never too much."""

import itertools
import json
from datetime import timedelta

import pytest
from django.db import connection

from recoup.access import tenancy
from recoup.config.hearing import Listener
from recoup.config.subscriptions import SUBSCRIPTIONS
from recoup.events import transactional as events
from recoup.refunds.requests import RefundRequest

BY_NAME = {subscription.name: subscription for subscription in SUBSCRIPTIONS}


@pytest.fixture
def hear(as_worker, noon):
    """Lets the subscriptions `cases` and `messages` hear everything so far."""

    def run():
        with as_worker():
            for name in ("cases", "messages"):
                listener = Listener(BY_NAME[name])
                while listener(at=noon):
                    pass

    return run


@pytest.fixture
def refunds(database):
    """The counter of refunds."""
    from recoup.refunds import actions

    return actions


@pytest.fixture
def ask(shop, noon, refunds):
    """Somebody asks for a refund of a new order. Gives the case."""

    def submit(reason="changed_mind", goods_received=True, **changes):
        number = shop.order(("mug", 1, 1500), ("tray", 2, 4000))
        told = {"order_number": number, "reason": reason, "channel": "web", **changes}
        request = RefundRequest(goods_received=goods_received, **told)
        return refunds.submit(request=request, merchant_id=shop.id, by="shopper", at=noon)

    return submit


@pytest.fixture
def said(shop, as_worker):
    """What waits to be said or was said about a case: (template, still to be sent)."""

    def read(case):
        with as_worker(), tenancy.every_merchant(), connection.cursor() as cursor:
            cursor.execute(
                "SELECT template, next_at IS NOT NULL FROM notifications_message WHERE case_id = %s ORDER BY id",
                [case.id],
            )
            return cursor.fetchall()

    return read


@pytest.fixture
def happens(shop, noon):
    """Records events about a case, each call in one transaction."""

    @tenancy.action
    def write(case, kinds, data, *, merchant_id):
        told = {"merchant_id": merchant_id, "at": noon, "subject_id": case.id, "actor": "rail"}
        events.record([events.Happening(kind=kind, data={"case_id": str(case.id), **data}, **told) for kind in kinds])

    return lambda case, *kinds, **data: write(case, kinds, data, merchant_id=shop.id)


def test_a_case_that_is_approved_at_once_is_answered_by_one_mail(ask, hear, said):
    case = ask()
    assert case.state == "approved"

    hear()

    assert said(case) == [("approved", True)]


def test_telling_the_same_events_again_says_nothing_new(ask, hear, said, as_worker):
    case = ask()
    hear()
    with as_worker(), tenancy.every_merchant(), connection.cursor() as cursor:
        cursor.execute("UPDATE events_cursor SET tx = 0, event_id = 0 WHERE name = 'messages'")
    hear()

    assert said(case) == [("approved", True)]


def test_a_case_sent_before_the_approval_was_mailed_gets_one_mail_that_says_it_all(ask, hear, said, happens, as_worker):
    case = ask()
    hear()
    happens(case, "case.initiated")
    hear()

    assert said(case) == [("approved", False), ("sent", True)]


def test_approval_and_sending_in_one_batch_are_one_mail(ask, hear, said, happens):
    case = ask()
    happens(case, "case.initiated")
    hear()

    assert said(case) == [("sent", True)]


def test_sent_again_after_a_failure_is_another_mail_but_a_repeated_event_is_not(ask, hear, said, happens):
    case = ask()
    happens(case, "case.initiated")
    happens(case, "case.initiated")
    hear()
    happens(case, "payout.failed", amount_minor=5500, currency="SGD")
    happens(case, "case.reopened", "case.in_review")
    happens(case, "case.initiated")
    hear()

    assert sorted(template for template, _ in said(case)) == ["payout_failed", "sent", "sent"]


def test_money_that_an_appeal_brought_is_told_by_a_mail_of_its_own_when_it_is_sent(ask, hear, said, happens):
    case = ask()
    happens(case, "case.initiated")
    hear()
    happens(case, "case.appealed", "case.in_review")
    happens(case, "case.approved")
    happens(case, "case.initiated")
    hear()

    assert [template for template, _ in said(case)].count("sent") == 2


def test_a_mail_says_how_many_of_the_asked_units_are_paid(shop, ask, noon, refunds, as_worker):
    from recoup.notifications import case_facts
    from recoup.refunds.requests import LineGrant
    from tests.refunds.asking import hire, line_ids

    case = ask(reason="damaged", channel="api", goods_received=False)
    ids = line_ids(shop, case.order_number)
    about = {"merchant_id": shop.id, "case_id": case.id, "by": hire(shop, "ines"), "at": noon}
    refunds.approve(lines=[LineGrant(line_id=ids["tray"], quantity=1)], **about)

    with as_worker(), tenancy.every_merchant():
        told = case_facts.read({case.id})[case.id].context()
    assert told["lines"] == [["The tray", 1, "S$20.00"]]
    assert told["left_out"] == [["The mug", 1], ["The tray", 1]]


def test_a_failure_stops_the_good_news_that_is_still_waiting(ask, hear, said, happens):
    case = ask()
    happens(case, "case.initiated")
    hear()
    happens(case, "payout.failed", amount_minor=5500, currency="SGD")
    hear()

    assert said(case) == [("sent", False), ("payout_failed", True)]


def test_a_mail_that_is_being_sent_is_not_called_back(ask, hear, said, happens, as_worker):
    case = ask()
    hear()
    with as_worker(), tenancy.every_merchant(), connection.cursor() as cursor:
        cursor.execute(
            "UPDATE notifications_message SET lease_until = now() + interval '1 min' WHERE case_id = %s", [case.id]
        )
    happens(case, "case.initiated")
    hear()

    assert said(case) == [("approved", True), ("sent", True)]


def test_an_appeal_is_acknowledged_once_and_a_second_no_is_a_second_mail(ask, hear, said, shop, noon, refunds):
    case = ask(reason="other", words="Hm.")
    told = {"merchant_id": shop.id, "case_id": case.id, "by": "person:ines"}
    later = (noon + timedelta(minutes=minute) for minute in itertools.count(1))
    refunds.reject(reason="The cup was used for a year.", at=next(later), **told)
    refunds.appeal(words="It was not!", at=next(later), **told)
    refunds.reject(reason="It was, the photos show it.", at=next(later), **told)
    hear()

    assert [template for template, _ in said(case)] == ["rejected", "rejected"]


def test_a_case_without_an_address_is_left_in_peace(shop, noon, hear, said, refunds):
    number = shop.order(("mug", 1, 1500), email="")
    request = RefundRequest(order_number=number, reason="changed_mind", channel="api", goods_received=True)
    case = refunds.submit(request=request, merchant_id=shop.id, by="key:1", at=noon)

    hear()

    assert said(case) == []


def test_the_message_holds_what_the_templates_need_and_nothing_more_of_the_person(ask, hear, shop, as_worker):
    case = ask()
    hear()

    with as_worker(), tenancy.every_merchant(), connection.cursor() as cursor:
        cursor.execute("SELECT to_address, context::text FROM notifications_message WHERE case_id = %s", [case.id])
        to_address, context = cursor.fetchone()
    context = json.loads(context)
    assert to_address == f"mei@{shop.slug}.example"
    assert context["amount"] == "S$55.00"
    assert context["lines"] == [["The mug", 1, "S$15.00"], ["The tray", 2, "S$40.00"]]
    assert context["routes"] == [
        {
            "name": "Visa •••• 4242",
            "amount": "S$55.00",
            "reference": "",
            "expected": "5 to 10 business days after it is sent",
        }
    ]
    assert "mei@" not in str(context)


def test_money_that_is_there_at_once_is_told_by_one_message(ask, happens, hear, said, database):
    case = ask()
    hear()
    with database.superuser() as hand:
        hand.execute("UPDATE refunds_case SET initiated_at = now(), credited_at = now() WHERE id = %s", [case.id])
    happens(case, "case.initiated", "case.credited")
    hear()

    told = [template for template, waits in said(case) if waits]
    assert told == ["credited"]
