"""Asking for a refund: what the shopper gets, and what is true in the database afterwards."""

from __future__ import annotations

import threading

import pytest

from recoup.kernel.errors import Refusal


def ask(shop, number, **changes):
    from recoup.refunds import actions
    from recoup.refunds.requests import RefundRequest

    values = {"order_number": number, "reason": "changed_mind", "channel": "api", "goods_received": True} | changes
    return actions.submit(request=RefundRequest(**values), merchant_id=shop.id, by="shopper", at=shop.now)


def balances(shop):
    from django.db import connection

    from recoup.access import tenancy

    @tenancy.query
    def read(*, merchant_id):
        with connection.cursor() as cursor:
            cursor.execute("SELECT account, sum(amount_minor)::bigint FROM ledger_posting GROUP BY account")
            return dict(cursor.fetchall())

    return read(merchant_id=shop.id)


def test_a_small_refund_within_policy_is_approved_and_its_money_reserved_at_once(shop):
    number = shop.order(("mug", 2, 1999))

    case = ask(shop, number)

    assert case.state == "approved"
    assert case.amount_minor == 1999
    assert balances(shop) == {"refunds_granted": 1999, "reserved_refunds": -1999}


def test_one_of_three_units_takes_its_frozen_share_and_all_three_add_up(shop):
    from recoup.refunds.requests import WantedItem

    number = shop.order(("cup", 3, 1000))

    amounts = [ask(shop, number, items=[WantedItem(sku="cup", quantity=1)]).amount_minor for _ in range(3)]

    assert amounts == [334, 333, 333]


def test_what_was_refunded_already_is_refused_with_its_reason(shop):
    number = shop.order(("mug", 1, 900))
    from recoup.refunds.requests import WantedItem

    ask(shop, number, items=[WantedItem(sku="mug", quantity=1)])
    again = ask(shop, number, items=[WantedItem(sku="mug", quantity=1)])

    assert (again.state, again.reason_code, again.amount_minor) == ("rejected", "already_refunded", 0)


def test_an_order_nobody_knows_is_rejected_in_words_when_the_merchant_cannot_be_asked(shop):
    case = ask(shop, "no-such-order")

    assert case.state == "rejected"
    assert "cannot find" in case.explanation


def test_two_requests_racing_for_the_same_goods_pay_once(shop):
    number = shop.order(("lamp", 1, 4000))
    results, barrier = [], threading.Barrier(8)

    def race():
        from django.db import connection

        barrier.wait()
        try:
            results.append(ask(shop, number).state)
        except Refusal as refusal:
            results.append(refusal.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=race) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert results.count("approved") == 1, results
    assert balances(shop)["reserved_refunds"] == -4000


def test_a_company_that_is_live_may_not_choose_the_date(shop):
    from recoup.access import tenancy
    from recoup.merchants.models import Merchant
    from recoup.refunds.actions import OnlyInPractice

    @tenancy.action
    def go_live(*, merchant_id):
        Merchant.objects.filter(id=merchant_id).update(mode="live")

    go_live(merchant_id=shop.id)
    with pytest.raises(OnlyInPractice):
        ask(shop, shop.order(("mug", 1, 100)), as_of=shop.now)
