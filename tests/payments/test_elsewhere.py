"""What the merchant gives back without us is not given back by us once more; what failed may be paid after all."""

import pytest

from tests.payments.market import apply_all, now, reader_running, until, vault_running, weigh_all
from tests.payments.test_answers import answer, claimed
from tests.webhooks.conftest import Door, event

pytestmark = pytest.mark.slow


@pytest.fixture
def door(market):
    return Door(market)


@pytest.fixture
def reader(house):
    with reader_running(house):
        yield


@pytest.fixture
def verified(house, market, monkeypatch):
    """What the invariants name of this merchant's money, beside the provider's own record."""
    from recoup.config.invariants import money
    from tests.payments.market import as_role

    monkeypatch.setenv("RECOUP_PROVIDER_URL", market.provider.url)

    def ask():
        with as_role(house, "recoup_worker"):
            named = {**money.moved_as_booked().broken, **money.never_more_than_captured().broken}
        mine = {
            str(row[0])
            for row in market.rows(
                "SELECT id FROM payments_payout WHERE merchant_id = %(m)s UNION SELECT id FROM payments_capture"
                " WHERE merchant_id = %(m)s".replace("%(m)s", "%s"),
                market.merchant_id,
                market.merchant_id,
            )
        }
        mine |= {row[0] for row in market.sightings()}
        return {row: words for row, words in named.items() if row.split()[-1] in mine}

    return ask


def told_by_hand(refund, kind="refund.created", identity="evt_1"):
    """The provider's event about a refund, as it is now."""
    return event(kind, refund if isinstance(refund, dict) else refund.to_dict(), identity=identity)


def refused(market, house):
    """A payout that the rail refused without ever having a refund."""
    payout = market.owe(1000)
    claimed(market, payout)
    answer(market, payout, "rejected", refund=None)
    apply_all(house)
    return payout


def living(market, payout, amount=1000, **metadata):
    """A refund at the rail that carries the payout's reference."""
    capture = market.payout(payout).capture_id
    return market.refund_by_hand(capture, amount, metadata={"recoup_payout": str(payout), **metadata})


def test_a_refund_made_by_hand_lowers_what_is_left_once_however_often_it_is_told(market, house, door, reader, verified):
    from recoup.payments import queries
    from recoup.payments.transactional import OverRefund

    capture = market.capture(1000)
    refund = market.refund_by_hand(capture, 400)
    charge = {"object": "charge", "id": refund.charge, "amount_refunded": 400}
    door.post(event("charge.refunded", charge, identity="evt_0"))
    for number, kind in enumerate(("refund.created", "refund.updated", "charge.refund.updated"), 1):
        door.post(told_by_hand(refund, kind, f"evt_{number}"))
        door.act()
    until(house, lambda: market.counters(capture) == (0, 0, 400))
    market.read_account()
    until(house, lambda: market.rows("SELECT cursor FROM payments_reading WHERE cursor = %s", refund.id))
    weigh_all(house)

    assert market.sightings() == [(refund.id, "succeeded", 400)]
    assert (market.balance("provider_balance"), market.balance("refunds_granted")) == (-400, 400)
    assert market.events(capture) == ["capture.refunded_elsewhere"]
    order_id = market.row("payments_capture", capture).order_id
    (left,) = queries.destinations(merchant_id=market.merchant_id, order_id=order_id)
    assert left.refundable_minor == 600
    with pytest.raises(OverRefund):
        market.reserve(capture, 601)
    assert market.reserve(capture, 600)
    assert verified() == {}


def test_one_whose_events_are_all_lost_is_found_by_reading_the_account(market, house, reader):
    capture = market.capture(1000)
    first = market.refund_by_hand(capture, 300)
    market.read_account()
    until(house, lambda: market.counters(capture) == (0, 0, 300))
    second = market.refund_by_hand(capture, 200)
    market.read_account()
    until(house, lambda: market.counters(capture) == (0, 0, 500))

    assert [one[0] for one in market.sightings()] == [first.id, second.id]


def test_one_of_an_order_that_comes_later_counts_when_the_order_is_there(market, house, reader):
    capture = market.capture(1000)
    charge = market.row("payments_capture", capture).provider_charge_id
    market.run("UPDATE payments_capture SET provider_charge_id = 'ch_not_here_yet' WHERE id = %s", capture)
    refund = market.rail().v1.refunds.create({"charge": charge, "amount": 300})
    market.read_account()
    until(
        house,
        lambda: market.rows("SELECT 1 FROM payments_sighting WHERE tries > 0 AND merchant_id = %s", market.merchant_id),
    )
    assert market.sightings() == [(refund.id, "succeeded", 0)]

    market.run("UPDATE payments_capture SET provider_charge_id = %s WHERE id = %s", charge, capture)
    market.run("UPDATE payments_sighting SET next_at = now() WHERE merchant_id = %s", market.merchant_id)
    weigh_all(house)

    assert market.counters(capture) == (0, 0, 300)


def test_a_refund_of_a_payment_intent_is_recognised_too(market, house, door, reader):
    capture = market.capture(1000)
    refund = market.refund_by_hand(capture, 250)
    intent = "pi_of_this_order"
    market.run(
        "UPDATE payments_capture SET provider_charge_id = %s WHERE id = %s", refund.payment_intent or intent, capture
    )
    if refund.payment_intent is None:
        pytest.skip("the practice provider made this charge without a payment intent")
    door.post(told_by_hand(refund))
    door.act()

    until(house, lambda: market.counters(capture) == (0, 0, 250))


def test_one_that_fails_later_frees_the_money_again(market, house, door, reader, verified):
    capture = market.capture(1000)
    market.fault(becomes=[{"status": "pending"}])
    refund = market.refund_by_hand(capture, 400)
    door.post(told_by_hand(refund))
    door.act()
    until(house, lambda: market.counters(capture) == (0, 0, 400))

    market.becomes(refund.id, status="failed", failure_reason="declined")
    failed = {**refund.to_dict(), "status": "failed"}
    door.post(told_by_hand(failed, "refund.failed", "evt_2"))
    door.act()
    until(house, lambda: market.counters(capture) == (0, 0, 0))

    assert market.balance("provider_balance") == 0
    assert market.events(capture) == ["capture.refunded_elsewhere", "capture.refund_elsewhere_ended"]
    assert market.reserve(capture, 1000)
    assert verified() == {}


def test_our_own_refund_is_not_theirs_though_its_event_comes_before_our_answer(market, house, door, reader):
    payout = market.owe(1000)
    claimed(market, payout)
    refund = living(market, payout, recoup_epoch="0")
    door.post(told_by_hand(refund))
    charge = {"object": "charge", "id": refund.charge, "amount_refunded": 1000}
    door.post(event("charge.refunded", charge, identity="evt_2"))
    door.act()
    market.read_account()
    until(house, lambda: market.rows("SELECT 1 FROM payments_reading WHERE cursor = %s", refund.id))
    weigh_all(house)
    assert market.capture_of(payout) == (1000, 0)
    assert market.counters(market.payout(payout).capture_id) == (1000, 0, 0)

    answer(market, payout)
    market.run("UPDATE payments_answer SET provider_refund_id = %s WHERE payout_id = %s", refund.id, payout)
    apply_all(house)
    door.told_again()
    market.read_account()
    weigh_all(house)

    assert market.counters(market.payout(payout).capture_id) == (0, 1000, 0)
    assert [one[2] for one in market.sightings()] in ([], [0])
    assert market.balance("provider_balance") == -1000


def test_a_payout_that_no_longer_fits_goes_to_a_person_who_reads_why(market, house, reader, verified):
    capture = market.capture(1000)
    (payout,) = market.reserve(capture, 700)
    market.refund_by_hand(capture, 1000)
    with vault_running(house):
        until(house, lambda: market.payout(payout).failure_code == "refunded_elsewhere")

    assert market.payout(payout).state == "failed"
    assert market.counters(capture) == (700, 0, 1000)
    assert market.events(payout) == ["payout.failed", "payout.refunded_elsewhere"]
    facts = market.rows("SELECT data FROM events_event WHERE subject_id = %s AND kind LIKE 'capture.%%'", capture)[0][0]
    assert (facts["over_reserved_minor"], facts["refundable_minor"]) == (700, 0)
    assert verified() == {}

    from recoup.payments import actions

    actions.cancel_payout(merchant_id=market.merchant_id, payout_id=payout, by="person:1", at=now())
    assert market.counters(capture) == (0, 0, 1000)


def test_a_failed_payout_that_was_paid_after_all_is_paid_in_the_books(market, house, reader, verified):
    payout = refused(market, house)
    refund = living(market, payout)
    market.read_account()
    until(house, lambda: market.payout(payout).state == "succeeded")

    row = market.payout(payout)
    assert (row.provider_refund_id, row.failure_code, row.epoch) == (refund.id, None, 1)
    assert market.capture_of(payout) == (0, 1000)
    assert market.journals(payout) == [("payout.reserved", 0), ("payout.paid", 1)]
    assert market.events(payout)[-2:] == ["payout.accepted", "payout.succeeded"]
    assert verified() == {}


def test_a_payout_that_came_back_and_was_paid_after_all_has_a_journal_for_each(market, house, reader):
    payout = market.owe(1000)
    with vault_running(house):
        market.settle(payout)
        market.becomes(market.payout(payout).provider_refund_id, status="failed", failure_reason="declined")
        market.hurry(payout)
        market.settle(payout, until="reversed")
    living(market, payout)
    market.read_account()
    until(house, lambda: market.payout(payout).state == "succeeded")

    told = [("payout.reserved", 0), ("payout.paid", 0), ("payout.returned", 0), ("payout.paid", 1)]
    assert market.journals(payout) == told
    assert (market.capture_of(payout), market.balance("provider_balance")) == ((0, 1000), -1000)


def test_a_person_who_tries_again_does_not_pay_what_was_paid_after_all(market, house):
    from recoup.payments import actions

    payout = refused(market, house)
    refund = living(market, payout)
    actions.retry_payout(merchant_id=market.merchant_id, payout_id=payout, by="person:1", at=now())
    with vault_running(house):
        market.settle(payout)

    assert market.payout(payout).provider_refund_id == refund.id
    assert market.movements(payout) == [("refund", 1000)]


def test_if_both_attempts_moved_money_both_are_booked_and_a_person_is_called(market, house, reader, verified):
    from recoup.payments import actions

    capture = market.capture(2000)
    (payout,) = market.reserve(capture, 1000)
    claimed(market, payout)
    answer(market, payout, "rejected", refund=None)
    apply_all(house)
    actions.retry_payout(merchant_id=market.merchant_id, payout_id=payout, by="person:1", at=now())
    with vault_running(house):
        market.settle(payout)
    late = living(market, payout)
    market.read_account()
    until(house, lambda: market.payout(payout).parked_at)
    weigh_all(house)

    assert market.counters(capture) == (0, 1000, 1000)
    assert market.sightings() == [(late.id, "succeeded", 1000)]
    assert market.balance("provider_balance") == -2000
    assert market.events(payout)[-1] == "payout.parked"
    assert "paid 2 times" in verified()[f"payout {payout}"]


def test_money_for_a_payout_that_was_called_off_is_gone_from_what_is_left(market, house, reader, verified):
    from recoup.payments import actions

    payout = refused(market, house)
    actions.cancel_payout(merchant_id=market.merchant_id, payout_id=payout, by="person:1", at=now())
    living(market, payout)
    market.read_account()
    capture = market.payout(payout).capture_id
    until(house, lambda: market.counters(capture) == (0, 0, 1000))

    assert market.payout(payout).state == "canceled"
    assert market.events(capture) == ["capture.refunded_elsewhere"]
    assert verified() == {}


def test_a_sight_from_before_the_rail_said_no_is_not_believed(market, house):
    payout = refused(market, house)
    market.run(
        "INSERT INTO payments_sighting (id, merchant_id, rail_account_id, provider_refund_id, payout_id, status,"
        " amount_minor, currency, seen_at, next_at)"
        " VALUES (gen_random_uuid(), %s, %s, 're_old', %s, 'succeeded', 1000, 'GBP', now() - interval '1 h', now())",
        market.merchant_id,
        market.rail_account_id,
        payout,
    )
    weigh_all(house)

    assert market.payout(payout).state == "failed"
    assert market.capture_of(payout) == (1000, 0)
    assert market.rows(
        "SELECT 1 FROM payments_reading WHERE rail_account_id = %s AND next_at <= now()", market.rail_account_id
    )


def test_housekeeping_can_delete_only_sightings_that_are_long_settled(market, house):
    from django.db import connection

    from recoup.access import tenancy
    from tests.payments.market import as_role

    capture = market.capture(1000)
    for refund, age, counted in (("re_old", 181, 0), ("re_counted", 181, 5), ("re_young", 179, 0)):
        market.run(
            "INSERT INTO payments_sighting (id, merchant_id, rail_account_id, provider_refund_id, status, amount_minor,"
            " currency, seen_at, capture_id, counted_minor)"
            " VALUES (gen_random_uuid(), %s, %s, %s, 'failed', 5, 'GBP', now() - %s * interval '1 day', %s, %s)",
            market.merchant_id,
            market.rail_account_id,
            refund,
            age,
            capture,
            counted,
        )
    with as_role(house, "recoup_worker"), tenancy.every_merchant(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM payments_sighting WHERE merchant_id = %s", [market.merchant_id])

    assert {one[0] for one in market.sightings()} == {"re_counted", "re_young"}
