"""What a person can decide about a payout, and what nobody can."""

import pytest

from tests.payments.market import now, vault_running
from tests.payments.test_answers import answer, claimed

pytestmark = pytest.mark.slow


@pytest.fixture
def actions(house):
    from recoup.payments import actions

    return actions


@pytest.fixture
def failed(market, house):
    from tests.payments.market import apply_all

    payout = market.owe(1000)
    claimed(market, payout)
    answer(market, payout, "rejected", refund=None)
    apply_all(house)
    return payout


def test_a_failed_payout_is_tried_again_under_a_new_key(market, house, actions, failed):
    before = market.payout(failed).idempotency_key
    actions.retry_payout(merchant_id=market.merchant_id, payout_id=failed, by="person:1", at=now())

    with vault_running(house):
        market.settle(failed)

    row = market.payout(failed)
    assert row.epoch == 1
    assert row.idempotency_key != before
    assert market.journals(failed) == [("payout.reserved", 0), ("payout.paid", 1)]


def test_a_returned_payout_can_be_paid_again_and_is_booked_again(market, house, actions):
    payout = market.owe(1000)
    with vault_running(house):
        market.settle(payout)
        refund = market.payout(payout).provider_refund_id
        market.provider.post(f"/_practice/refunds/{refund}/becomes", {"status": "failed"})
        market.hurry(payout)
        market.settle(payout, until="reversed")
        actions.retry_payout(merchant_id=market.merchant_id, payout_id=payout, by="person:1", at=now())
        market.settle(payout)

    assert market.capture_of(payout) == (0, 1000)
    assert market.balance("provider_balance") == -1000
    assert [kind for kind, _ in market.journals(payout)][1:] == ["payout.paid", "payout.returned", "payout.paid"]


def test_a_failed_payout_that_is_called_off_frees_its_money(market, actions, failed):
    actions.cancel_payout(merchant_id=market.merchant_id, payout_id=failed, by="person:1", at=now())

    assert market.payout(failed).state == "canceled"
    assert market.capture_of(failed) == (0, 0)
    assert market.balance("reserved_refunds") == 0
    assert market.events(failed)[-1] == "payout.canceled"


def test_what_was_never_sent_can_be_called_off(market, actions):
    (payout,) = market.reserve(market.capture(), 1000, send_in_s=60)

    actions.cancel_payout(merchant_id=market.merchant_id, payout_id=payout, by="person:1", at=now())

    assert market.payout(payout).state == "canceled"


@pytest.mark.parametrize("state", ["submitting", "unknown"])
def test_what_may_be_on_its_way_cannot_be_called_off_or_tried_again(market, actions, state):
    payout = market.owe(1000)
    claimed(market, payout)
    if state == "unknown":
        market.run("UPDATE payments_payout SET state = 'unknown' WHERE id = %s", payout)

    for action in (actions.cancel_payout, actions.retry_payout):
        with pytest.raises(actions.MoveNotAllowed):
            action(merchant_id=market.merchant_id, payout_id=payout, by="person:1", at=now())


def test_a_payment_that_is_disputed_is_not_paid_again(market, actions, failed):
    market.run("UPDATE payments_capture SET disputed_minor = 1000 WHERE id = %s", market.payout(failed).capture_id)

    with pytest.raises(actions.CaptureDisputed):
        actions.retry_payout(merchant_id=market.merchant_id, payout_id=failed, by="person:1", at=now())


def test_a_parked_payout_is_not_touched_until_it_is_released_and_then_looked_up_first(market, house, actions):
    import time

    payout = market.owe(1000)
    actions.park_payout(merchant_id=market.merchant_id, payout_id=payout, reason="doubt", by="person:1", at=now())
    with vault_running(house):
        time.sleep(1.3)
        assert market.outcomes(payout) == []
        actions.release_payout(merchant_id=market.merchant_id, payout_id=payout, by="person:1", at=now())
        market.settle(payout)

    assert market.outcomes(payout) == ["not_found", "succeeded"]
    assert market.events(payout)[:2] == ["payout.parked", "payout.released"]


def test_a_case_shows_its_payouts_with_masked_destinations_and_honest_speed(market, house):
    from recoup.payments import queries

    payout = market.owe(1000)
    case_id = market.payout(payout).case_id

    (shown,) = queries.payouts_of_case(merchant_id=market.merchant_id, case_id=case_id)

    assert (shown.state, shown.amount_minor, shown.label) == ("queued", 1000, "Visa 4242")
    assert shown.speed == "5 to 10 business days"
    assert not shown.needs_person


def test_what_is_left_of_each_payment_is_told_before_anything_is_confirmed(market, house):
    from recoup.payments import queries

    capture = market.capture(1000)
    market.reserve(capture, 300)
    order_id = market.row("payments_capture", capture).order_id

    (source,) = queries.sources_for_order(merchant_id=market.merchant_id, order_id=order_id)
    (destination,) = queries.destinations(merchant_id=market.merchant_id, order_id=order_id)

    assert source.refundable_minor == destination.refundable_minor == 700
