"""The shopper's second thought: a grant is undone as a whole while nothing was sent, and not at all afterwards."""

import threading

import psycopg
import pytest

from recoup.refunds.states import GoodsState
from tests.refunds import asking
from tests.refunds.asking import again, ask_in_review, balances, claimed_units, do, events_of, payouts_of, rows


def ask(shop, number, **changes):
    """A request for something small: the policy grants it at once and wants nothing back."""
    case = asking.ask(shop, number, reason="missing_item", goods_received=False, **changes)
    assert case.state == "approved", (case.state, case.reason_code)
    return case


def test_units_delivery_money_and_books_are_as_if_nobody_had_asked(shop):
    number = shop.order(("mug", 2, 1000), shipping_minor=300, tenders=[1500, 800])
    case = ask(shop, number)
    assert (case.state, len(payouts_of(shop, case))) == ("approved", 2)
    assert balances(shop)

    assert do(shop, "withdraw", case, by="shopper").state == "withdrawn"

    assert {payout.state for payout in payouts_of(shop, case)} == {"canceled"}
    assert not any(balances(shop).values())
    assert rows(shop, "SELECT sum(reserved_minor), sum(paid_minor) FROM payments_capture") == [(0, 0)]
    assert rows(shop, "SELECT shipping_claimed_minor FROM orders_order WHERE number = %s", number) == [(0,)]
    assert claimed_units(shop, number) == {"mug": "{}"}
    assert events_of(shop, case.id) == ["case.submitted", "case.approved", "case.withdrawn"]
    assert all(events_of(shop, payout.id)[-1] == "payout.canceled" for payout in payouts_of(shop, case))
    assert (again(shop, case).amount_minor, ask(shop, number).state) == (0, "approved"), "it can be asked for again"


def test_what_the_vault_has_taken_is_not_undone(shop, rail):
    from recoup.payments.states import AlreadySending

    case = ask(shop, shop.order(("mug", 1, 1000), tenders=[600, 400]))
    first, second = payouts_of(shop, case)
    rail.pays(first.id, "pending")

    with pytest.raises(AlreadySending):
        do(shop, "withdraw", case, by="shopper")
    assert [payout.state for payout in payouts_of(shop, case)] == ["provider_pending", "queued"]
    assert again(shop, case).state == "approved"
    rail.pays(second.id)
    with pytest.raises(AlreadySending):
        do(shop, "withdraw", case, by="shopper")


def test_a_payout_that_somebody_holds_is_not_waited_for(shop, rail):
    from recoup.payments.states import AlreadySending

    case = ask(shop, shop.order(("mug", 1, 1000)))
    (payout,) = payouts_of(shop, case)
    with psycopg.connect(rail.cluster.database_url("recoup_vault")) as other:
        other.execute("SELECT set_config('recoup.every_merchant', 'on', true)")
        other.execute("SELECT id FROM payments_payout WHERE id = %s FOR NO KEY UPDATE", [payout.id])
        with pytest.raises(AlreadySending):
            do(shop, "withdraw", case, by="shopper")
        other.rollback()

    assert do(shop, "withdraw", case, by="shopper").state == "withdrawn"


def test_goods_that_came_back_are_paid_for(shop):
    from recoup.refunds.actions import MoveNotAllowed

    case = ask_in_review(shop)
    do(shop, "ask_goods", case, words="Send it back first.")
    do(shop, "grade_goods", case, grade=GoodsState.GRADED_OK)
    assert do(shop, "approve", case).state == "approved"

    with pytest.raises(MoveNotAllowed):
        do(shop, "withdraw", case, by="shopper")


def test_undoing_twice_at_once_frees_the_money_once(shop):
    case = ask(shop, shop.order(("mug", 1, 1000)))
    answers = []

    def undo():
        from django.db import connection

        from recoup.refunds.actions import MoveNotAllowed

        try:
            answers.append(do(shop, "withdraw", case, by="shopper").state)
        except MoveNotAllowed:
            answers.append("refused")
        finally:
            connection.close()

    threads = [threading.Thread(target=undo) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(answers) == ["refused", "withdrawn"]
    assert rows(shop, "SELECT sum(reserved_minor) FROM payments_capture") == [(0,)]


def test_nothing_is_sent_before_the_time_for_undoing_has_passed(shop):
    case = ask(shop, shop.order(("mug", 1, 1000)), undo_s=20)
    (payout,) = payouts_of(shop, case)

    assert (payout.next_at - payout.reserved_at).total_seconds() == 20
    (plain,) = payouts_of(shop, ask(shop, shop.order(("mug", 1, 1000))))
    assert plain.next_at == plain.reserved_at
