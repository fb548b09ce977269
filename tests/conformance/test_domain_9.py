"""The refund conformance suite (DOMAIN 9): each mistake that somebody else has made in public, as a test of ours.

The rail's words are written here as the vault writes them; the same cases against the practice provider, with its own
record of money moved, stand in tests/vault and tests/webhooks.

This file is long because the suite is one list of 25 cases, and reads as one.
"""

import threading

import pytest
from django.db import connection

from recoup.kernel import allocation, money
from recoup.kernel.errors import Refusal
from tests.refunds.asking import again, ask, ask_in_review, balances, claimed_units, do, events_of, payouts_of, rows


def _item(sku, quantity=1):
    from recoup.refunds.requests import WantedItem

    return WantedItem(sku=sku, quantity=quantity)


def _pay(shop, price=1000, **order):
    case = ask(shop, shop.order(("mug", 1, price), **order))
    return case, [leg.id for leg in payouts_of(shop, case)]


def _journals(shop, payout_id):
    return rows(shop, "SELECT kind, epoch FROM ledger_journal WHERE reference_id = %s ORDER BY id", payout_id)


def _capture(shop, number):
    """(captured, reserved, paid, disputed) of an order's first payment."""
    query = (
        "SELECT c.captured_minor, c.reserved_minor, c.paid_minor, c.disputed_minor FROM payments_capture c"
        " JOIN orders_order o ON o.id = c.order_id WHERE o.number = %s ORDER BY c.position"
    )
    return rows(shop, query, number)[0]


def _at_once(*deeds):
    said, barrier = [], threading.Barrier(len(deeds))

    def run(deed):
        barrier.wait()
        try:
            said.append(deed())
        except Refusal as refusal:
            said.append(refusal)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(deed,)) for deed in deeds]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return said


def _reserve(shop, number, amount_minor):
    """Money promised straight from the order's payment, as any case does it."""
    from datetime import timedelta

    from recoup.access import tenancy
    from recoup.kernel import ids
    from recoup.payments import queries, transactional

    @tenancy.action
    def promise(*, merchant_id):
        sources = queries.sources_for_order(merchant_id=merchant_id, order_id=shop.orders[number])
        legs = [(source, amount_minor) for source in sources[:1]]
        due = shop.now + timedelta(minutes=5)
        case_id = ids.uuid7()
        return transactional.reserve(
            [
                transactional.Promise(
                    merchant_id=merchant_id, case_id=case_id, legs=legs, at=shop.now, due_at=due, send_at=shop.now
                )
            ]
        )

    return promise(merchant_id=shop.id)


def test_01_two_sixties_racing_on_a_capture_of_a_hundred_pay_one(shop):
    number = shop.order(("mug", 1, 100))

    said = _at_once(lambda: _reserve(shop, number, 60), lambda: _reserve(shop, number, 60))

    assert sorted(type(one).__name__ for one in said) == ["OverRefund", "list"]
    assert _capture(shop, number) == (100, 60, 0, 0)
    assert balances(shop) == {"refunds_granted": 60, "reserved_refunds": -60}


def test_02_pending_and_reserved_count_as_spent(shop, rail):
    from recoup.payments.transactional import OverRefund

    number = shop.order(("mug", 1, 100))
    (leg,) = _reserve(shop, number, 60)
    with pytest.raises(OverRefund):
        _reserve(shop, number, 41)
    rail.pays(leg.id, "pending")

    with pytest.raises(OverRefund):
        _reserve(shop, number, 41)
    assert _capture(shop, number) == (100, 0, 60, 0)


def test_03_a_double_click_and_two_staff_at_once_make_one_refund(shop):
    case = ask_in_review(shop)
    said = _at_once(*[lambda who=who: do(shop, "approve", case, by=who) for who in ("person:ines", "person:jonas")])
    assert sum(isinstance(one, Refusal) for one in said) == 1
    assert len(payouts_of(shop, case)) == 1

    number = shop.order(("cup", 1, 500))
    clicks = _at_once(*[lambda: ask(shop, number).state] * 4)
    assert clicks.count("approved") == 1
    assert _capture(shop, number) == (500, 500, 0, 0)


def test_04_the_webhook_comes_before_the_answer_is_saved_and_there_is_one_refund(shop, rail):
    _, (leg,) = _pay(shop)
    rail.claim(leg)
    told = {
        "object": "refund",
        "id": "re_early",
        "charge": rail.payout(leg).provider_charge_id,
        "status": "succeeded",
        "metadata": {"recoup_payout": str(leg)},
    }

    rail.hear_event("refund.created", told, identity="evt_4")
    rail.says(leg, "succeeded", refund="re_early")
    rail.work()

    assert rail.payout(leg).state == "succeeded"
    assert _journals(shop, leg) == [("payout.reserved", 0), ("payout.paid", 0)]


def test_05_an_event_told_again_days_later_changes_nothing(shop, rail):
    case, (leg,) = _pay(shop)
    rail.pays(leg, refund="re_five")
    told = {"object": "refund", "id": "re_five", "charge": rail.payout(leg).provider_charge_id, "status": "succeeded"}
    assert rail.hear_event("refund.updated", told, identity="evt_5") is True
    before = (rail.payout(leg).state, _journals(shop, leg), events_of(shop, case.id))

    assert rail.hear_event("refund.updated", told, identity="evt_5") is False
    rail.work()

    assert (rail.payout(leg).state, _journals(shop, leg), events_of(shop, case.id)) == before


def test_06_a_refund_is_booked_once_and_told_once_however_often_it_is_retried(shop, rail):
    case, (leg,) = _pay(shop)
    for outcome in ("throttled", "unknown"):
        rail.pays(leg, outcome, refund=None)
    for _ in range(3):
        rail.claim(leg) if rail.payout(leg).state == "unknown" else None
        rail.says(leg, "succeeded", refund="re_six")
        rail.work()

    assert _journals(shop, leg) == [("payout.reserved", 0), ("payout.paid", 0)]
    told = events_of(shop, case.id)
    assert (told.count("case.initiated"), told.count("case.closed")) == (1, 1)
    assert events_of(shop, leg).count("payout.succeeded") == 1


def test_07_an_event_that_does_not_say_which_refund_makes_us_read_the_state_again(shop, rail):
    _, (leg,) = _pay(shop)
    rail.pays(leg, "pending", refund="re_seven")
    charge = {"object": "charge", "id": rail.payout(leg).provider_charge_id, "amount_refunded": 400}

    rail.hear_event("charge.refunded", charge, identity="evt_7")

    assert rail.payout(leg).look_up is True
    assert rail.payout(leg).state == "provider_pending"


def test_08_failed_is_never_told_as_refunded_and_a_return_sends_a_correction(shop, rail):
    failed, (leg,) = _pay(shop)
    rail.pays(leg, "failed", code="declined")
    assert not {"case.initiated", "case.closed"} & set(events_of(shop, failed.id))
    assert events_of(shop, leg)[-1] == "payout.failed"

    returned, (other,) = _pay(shop, 700)
    rail.pays(other, refund="re_eight")
    rail.says(other, "failed", refund="re_eight", code="lost_or_stolen_card")
    rail.work()

    assert events_of(shop, returned.id)[-2:] == ["case.closed", "case.reopened"]
    assert events_of(shop, other)[-1] == "payout.reversed"


def test_09_a_failure_that_comes_later_opens_the_case_again_with_an_owner_and_a_clock(shop, rail):
    case, (leg,) = _pay(shop)
    rail.pays(leg, "pending", refund="re_nine")
    rail.says(leg, "failed", refund="re_nine", code="expired_or_canceled_card")
    rail.work()

    opened = again(shop, case)
    assert (opened.state, opened.waits_for, opened.wake_at is not None) == ("in_review", "payout", True)
    from recoup.refunds import queries

    waiting = queries.inbox(merchant_id=shop.id, sought=queries.Sought(), at=shop.now)
    assert case.id in {one.case.id for one in waiting}


def test_10_a_failed_payout_that_is_given_up_frees_the_balance_and_others_do_not(shop, rail):
    from recoup.payments import actions as payments

    number = shop.order(("mug", 1, 900))
    (failed,), (pending,), (done,) = (_reserve(shop, number, 300) for _ in range(3))
    rail.pays(failed.id, "failed", code="declined")
    rail.pays(pending.id, "pending", refund="re_pending")
    rail.pays(done.id, refund="re_done")
    assert _capture(shop, number) == (900, 300, 600, 0)

    payments.cancel_payout(merchant_id=shop.id, payout_id=failed.id, by="person:ines", at=shop.now)
    for held in (pending, done):
        with pytest.raises(Refusal):
            payments.cancel_payout(merchant_id=shop.id, payout_id=held.id, by="person:ines", at=shop.now)

    assert _capture(shop, number) == (900, 0, 600, 0)
    assert _reserve(shop, number, 300)


def test_11_success_then_failure_is_a_new_reversing_journal_and_never_an_edit(shop, rail):
    _, (leg,) = _pay(shop)
    rail.pays(leg, refund="re_eleven")
    before = rows(shop, "SELECT id, journal_id, account, amount_minor FROM ledger_posting ORDER BY id")

    rail.says(leg, "failed", refund="re_eleven", code="declined")
    rail.work()

    after = rows(shop, "SELECT id, journal_id, account, amount_minor FROM ledger_posting ORDER BY id")
    assert after[: len(before)] == before
    assert _journals(shop, leg) == [("payout.reserved", 0), ("payout.paid", 0), ("payout.returned", 0)]
    assert balances(shop) == {"refunds_granted": 1000, "reserved_refunds": -1000}


def test_12_queued_is_not_submitted_is_not_accepted(shop, rail):
    case, (leg,) = _pay(shop)
    queued = rail.payout(leg)
    rail.claim(leg)
    submitted = rail.payout(leg)
    rail.says(leg, "pending", refund="re_twelve")
    rail.work()
    accepted = rail.payout(leg)

    assert [one.state for one in (queued, submitted, accepted)] == ["queued", "submitting", "provider_pending"]
    assert [one.submitted_at is None for one in (queued, submitted, accepted)] == [True, False, False]
    assert [one.accepted_at is None for one in (queued, submitted, accepted)] == [True, True, False]
    assert again(shop, case).initiated_at == accepted.accepted_at


def test_13_a_time_out_after_the_provider_accepted_is_looked_up_and_never_sent_under_another_key(shop, rail):
    _, (leg,) = _pay(shop)
    rail.pays(leg, "unknown", refund=None)
    lost = rail.payout(leg)
    assert (lost.state, lost.next_at is not None) == ("unknown", True)

    rail.pays(leg, refund="re_found")

    found = rail.payout(leg)
    assert (found.state, found.epoch, found.idempotency_key) == ("succeeded", 0, lost.idempotency_key)
    assert _journals(shop, leg) == [("payout.reserved", 0), ("payout.paid", 0)]


def test_14_without_a_final_webhook_the_poller_finishes_it(shop, rail):
    case, (leg,) = _pay(shop)
    rail.pays(leg, "pending", refund="re_fourteen")
    assert rail.payout(leg).next_at is not None

    rail.says(leg, "succeeded", refund="re_fourteen")
    rail.work()

    assert again(shop, case).state == "closed"


def test_15_stacked_partial_refunds_never_pass_any_component(shop):
    number = shop.order(
        ("cup", 7, 1000),
        ("jar", 3, 500),
        discount_minor=-100,
        shipping_minor=333,
        line={"tax_minor": 90},
        tenders=[1913],
    )
    paid = []
    for sku in ("cup", "jar", "cup", "cup", "jar", "cup", "cup", "cup", "jar", "cup"):
        case = ask(shop, number, items=[_item(sku)])
        paid.append(case.amount_minor)

    assert claimed_units(shop, number) == {"cup": "{[0,7)}", "jar": "{[0,3)}"}
    assert sum(paid) == (1000 - 100 + 90) + (500 + 90) + 0
    assert ask(shop, number, items=[_item("cup")]).amount_minor == 0
    captured, reserved, _, _ = _capture(shop, number)
    assert reserved <= captured


def test_16_tax_comes_from_the_stored_tax_and_a_full_refund_is_exact(shop):
    number = shop.order(("mug", 3, 1000), line={"tax_minor": 71}, tenders=[1071])

    one = ask(shop, number, items=[_item("mug")]).amount_minor
    rest = ask(shop, number, items=[_item("mug", 2)]).amount_minor

    assert (one, rest) == (334 + 24, 666 + 47)
    assert one + rest == 1071


def test_17_there_is_no_fraction_of_a_cent(shop):
    from recoup.refunds import queries

    number = shop.order(("mug", 3, 26_387))
    amounts = [ask(shop, number, items=[_item("mug")]).amount_minor for _ in range(3)]

    assert amounts == allocation.split(26_387, [1, 1, 1]) == [8796, 8796, 8795]
    case = ask(shop, shop.order(("cup", 1, 87)))
    decision = queries.last_decision(merchant_id=shop.id, case_id=case.id)
    assert not _floats(decision.facts)
    assert not _floats({key: value for key, value in decision.verdict.items() if key != "trace"})


def _floats(value):
    if isinstance(value, dict):
        return [found for part in value.values() for found in _floats(part)]
    if isinstance(value, list):
        return [found for part in value for found in _floats(part)]
    return [value] if isinstance(value, float) else []


def test_18_the_refund_is_in_the_paid_currency_and_the_number_told_is_the_number_paid(shop, rail):
    case, (leg,) = _pay(shop, 4321, currency="GBP")
    rail.pays(leg)

    told = rows(shop, "SELECT data->>'amount_minor', data->>'currency' FROM events_event WHERE kind = 'case.initiated'")
    assert told == [("4321", "GBP")]
    assert (rail.payout(leg).amount_minor, rail.payout(leg).currency) == (4321, "GBP")
    assert (again(shop, case).amount_minor, again(shop, case).currency) == (4321, "GBP")
    assert rows(shop, "SELECT DISTINCT currency FROM ledger_posting") == [("GBP",)]


def test_19_yen_is_not_multiplied_by_a_hundred(shop, rail):
    case, (leg,) = _pay(shop, 500, currency="JPY")
    rail.pays(leg)

    assert (rail.payout(leg).amount_minor, rail.payout(leg).currency) == (500, "JPY")
    assert money.spoken(again(shop, case).amount_minor, "JPY") == "¥500"


def test_20_coupons_and_remainders_follow_the_written_rule(shop):
    """The discount stays with its line; each unit carries its share, the first units the extra cent."""
    number = shop.order(("mug", 3, 3000), ("jar", 1, 1000), discount_minor=-100, tenders=[3900])

    amounts = [ask(shop, number, items=[_item("mug")]).amount_minor for _ in range(3)]

    assert amounts == [1000 - 34, 1000 - 33, 1000 - 33]
    assert ask(shop, number, items=[_item("jar")]).amount_minor == 1000


def test_21_a_refund_is_lines_and_delivery_that_add_up_to_what_is_paid(shop):
    case = ask(shop, shop.order(("sofa", 2, 90_000), shipping_minor=1500, shipping_tax_minor=135, tenders=[91_635]))
    approved = do(shop, "approve", case, with_delivery=True)

    lines = rows(shop, "SELECT quantity, amount_minor FROM refunds_caseline WHERE case_id = %s", case.id)
    delivery = rows(shop, "SELECT shipping_granted_minor FROM refunds_case WHERE id = %s", case.id)[0][0]
    assert (lines, delivery) == ([(2, 90_000)], 1635)
    assert sum(amount for _, amount in lines) + delivery == approved.amount_minor
    assert sum(leg.amount_minor for leg in payouts_of(shop, case)) == approved.amount_minor


@pytest.mark.parametrize(("strategy", "legs"), [("ratio", [300, 200]), ("first", [500]), ("last", [100, 400])])
def test_22_a_gift_card_and_a_card_are_refunded_by_the_merchants_strategy(shop, strategy, legs):
    rows(shop, "UPDATE merchants_merchant SET tender_strategy = %s WHERE id = %s RETURNING 1", strategy, shop.id)
    number = shop.order(("mug", 2, 1000), tenders=[600, 400])

    case = ask(shop, number, items=[_item("mug")])

    assert sorted(leg.amount_minor for leg in payouts_of(shop, case)) == sorted(legs)
    rest = ask(shop, number, items=[_item("mug")])
    assert rest.amount_minor == 500
    assert {leg.method for leg in payouts_of(shop, rest)} | {leg.method for leg in payouts_of(shop, case)} == {
        "card",
        "gift_card",
    }


def test_23_without_funds_it_waits_with_a_timer_and_a_closed_card_is_a_persons_task(shop, rail):
    poor, (leg,) = _pay(shop)
    rail.pays(leg, "no_funds", refund=None)
    waiting = rail.payout(leg)
    assert (waiting.state, waiting.next_at is not None) == ("awaiting_merchant_funds", True)
    assert events_of(shop, leg)[-1] == "payout.awaiting_funds"
    assert again(shop, poor).state == "approved"

    closed, (other,) = _pay(shop, 700)
    rail.pays(other, "rejected", refund=None, code="expired_or_canceled_card")
    assert again(shop, closed).state == "in_review"
    assert _journals(shop, other) == [("payout.reserved", 0)]


def test_24_a_refund_and_a_chargeback_never_both_pay(shop, rail):
    number = shop.order(("mug", 1, 800))
    charge = rows(shop, "SELECT provider_charge_id FROM payments_capture")[0][0]
    dispute = {"object": "dispute", "id": "dp_24", "charge": charge, "amount": 800, "status": "needs_response"}
    dispute["currency"] = "sgd"
    rail.hear_event("charge.dispute.created", dispute, identity="evt_24")
    assert _capture(shop, number) == (800, 0, 0, 800)

    from recoup.payments.transactional import OverRefund

    with pytest.raises(OverRefund):
        _reserve(shop, number, 1)
    asked = ask(shop, number)
    assert (asked.state, asked.amount_minor) == ("in_review", 0)
    assert _capture(shop, number) == (800, 0, 0, 800)


def test_25_later_changes_of_price_or_tax_alter_nothing_that_was_frozen(shop):
    from recoup.refunds import queries

    number = shop.order(("mug", 1, 900))
    case = ask(shop, number)
    stored = queries.last_decision(merchant_id=shop.id, case_id=case.id)
    rows(shop, "UPDATE orders_orderline SET list_minor = 5, tax_minor = 5 RETURNING 1")

    after = queries.last_decision(merchant_id=shop.id, case_id=case.id)
    assert (after.facts, after.verdict) == (stored.facts, stored.verdict)
    assert [leg.amount_minor for leg in payouts_of(shop, case)] == [900]
    assert again(shop, case).amount_minor == 900


def test_every_case_of_the_suite_has_its_test():
    numbers = {name[5:7] for name in globals() if name.startswith("test_") and name[5:7].isdigit()}

    assert numbers == {f"{number:02d}" for number in range(1, 26)}
