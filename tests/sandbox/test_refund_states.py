"""A refund's life after it was made: waiting, failing days later, waiting for the shopper, waiting for funds."""

import time

import pytest
import stripe

from tests.sandbox.conftest import open_shop

DAY_S = 24 * 3600


def _until(ask, wanted, within_s=5.0):
    end = time.monotonic() + within_s
    while (seen := ask()) != wanted:
        assert time.monotonic() < end, seen
        time.sleep(0.02)


def test_a_pending_refund_succeeds_later(shop):
    shop.fault(becomes=[{"status": "pending"}, {"after_s": 0.3, "status": "succeeded"}])

    refund = shop.refunds.create({"charge": shop.charge()})

    assert (refund.status, refund.pending_reason) == ("pending", "processing")
    _until(lambda: shop.refunds.retrieve(refund.id).status, "succeeded")
    assert shop.movements() == [("refund", 1000)]


def test_success_is_not_the_end_a_refund_can_fail_days_later(own_provider):
    shop = open_shop(own_provider)
    charge = shop.charge()
    shop.fault(
        becomes=[
            {"status": "succeeded"},
            {"after_s": 3 * DAY_S, "status": "failed", "failure_reason": "expired_or_canceled_card"},
        ]
    )
    refund = shop.refunds.create({"charge": charge})

    own_provider.post("/_practice/clock", {"advance_s": 2 * DAY_S})
    assert shop.refunds.retrieve(refund.id).status == "succeeded"
    own_provider.post("/_practice/clock", {"advance_s": 2 * DAY_S})

    failed = shop.refunds.retrieve(refund.id, {"expand": ["failure_balance_transaction"]})
    assert (failed.status, failed.failure_reason) == ("failed", "expired_or_canceled_card")
    assert (failed.failure_balance_transaction.type, failed.failure_balance_transaction.amount) == (
        "refund_failure",
        1000,
    )
    assert shop.client.v1.charges.retrieve(charge).amount_refunded == 0
    assert shop.movements() == [("refund", 1000), ("refund_reversal", -1000)]
    assert shop.client.v1.balance.retrieve().available[0].amount == 1000


@pytest.mark.parametrize(
    ("method", "first", "last", "moved"),
    [
        ("pm_card_visa", "succeeded", "succeeded", 1000),
        ("pm_card_pendingRefund", "pending", "succeeded", 1000),
        ("pm_card_refundFail", "succeeded", "failed", 0),
        ("pm_card_refundDeclined", "failed", "failed", 0),
        ("pm_card_refundActionRequired", "requires_action", "requires_action", 0),
    ],
)
def test_test_cards_decide_what_becomes_of_their_refunds(own_provider, method, first, last, moved):
    shop = open_shop(own_provider)
    charge = shop.client.v1.charges.create({"amount": 1000, "currency": "gbp", "source": method.replace("pm_", "tok_")})

    refund = shop.refunds.create({"charge": charge.id})
    own_provider.post("/_practice/clock", {"advance_s": 10})

    assert (refund.status, shop.refunds.retrieve(refund.id).status) == (first, last)
    assert sum(amount for _, amount in shop.movements()) == moved


def test_a_declined_refund_moves_no_money_and_can_be_tried_again(shop):
    charge = shop.charge()
    shop.fault(becomes=[{"status": "failed", "failure_reason": "lost_or_stolen_card"}])

    refund = shop.refunds.create({"charge": charge})

    assert (refund.status, refund.failure_reason) == ("failed", "lost_or_stolen_card")
    assert shop.movements() == []
    assert shop.refunds.create({"charge": charge}).status == "succeeded"


def test_only_a_refund_that_waits_for_the_shopper_can_be_canceled(shop):
    charge = shop.charge()
    shop.fault(becomes=[{"status": "requires_action"}])
    waiting = shop.refunds.create({"charge": charge, "instructions_email": "mei@example.com"})
    assert waiting.next_action.display_details.email_sent.email_sent_to == "mei@example.com"

    assert shop.refunds.cancel(waiting.id).status == "canceled"
    done = shop.refunds.create({"charge": charge})
    with pytest.raises(stripe.InvalidRequestError, match="only cancel refunds with status requires_action"):
        shop.refunds.cancel(done.id)

    assert shop.movements() == [("refund", 1000)]


def test_without_funds_a_refund_waits_until_money_comes_in(shop):
    charge = shop.charge(1000, "sgd")
    shop.provider.post(f"/_practice/accounts/{shop.account}/funds", {"currency": "sgd", "set_minor": 10})

    refund = shop.refunds.create({"charge": charge})
    assert (refund.status, refund.pending_reason, refund.balance_transaction) == ("pending", "insufficient_funds", None)
    assert shop.movements() == []

    shop.charge(5000, "sgd")
    paid = shop.refunds.retrieve(refund.id)
    assert paid.status == "succeeded"
    assert "pending_reason" not in paid
    assert shop.movements() == [("refund", 1000)]


def test_without_funds_a_provider_may_also_refuse_fail_or_go_below_zero(own_provider):
    outcomes = {}
    for way in ("error", "fail", "negative"):
        shop = open_shop(own_provider, when_short=way)
        charge = shop.charge()
        own_provider.post(f"/_practice/accounts/{shop.account}/funds", {"currency": "gbp", "add_minor": -900})
        try:
            refund = shop.refunds.create({"charge": charge})
            own_provider.post("/_practice/clock", {"advance_s": 10})
            read = shop.refunds.retrieve(refund.id)
            outcomes[way] = (read.status, read.to_dict().get("failure_reason"), shop.movements())
        except stripe.InvalidRequestError as error:
            outcomes[way] = (error.code, None, shop.movements())

    assert outcomes == {
        "error": ("balance_insufficient", None, []),
        "fail": ("failed", "insufficient_funds", []),
        "negative": ("succeeded", None, [("refund", 1000)]),
    }


def test_a_dispute_fails_the_refund_that_was_still_on_its_way(shop):
    charge = shop.charge()
    shop.fault(becomes=[{"status": "pending"}])
    refund = shop.refunds.create({"charge": charge})

    shop.provider.post(f"/_practice/charges/{charge}/dispute")

    assert shop.refunds.retrieve(refund.id).failure_reason == "charge_for_pending_refund_disputed"
    assert sum(amount for _, amount in shop.movements()) == 0


def test_a_failed_refund_stays_failed(shop):
    shop.fault(becomes=[{"status": "failed", "failure_reason": "declined"}])
    refund = shop.refunds.create({"charge": shop.charge()})

    status, answer = shop.provider.post(f"/_practice/refunds/{refund.id}/becomes", {"status": "succeeded"})

    assert status == 400
    assert "cannot become succeeded" in answer["error"]["message"]


def test_the_banks_reference_comes_some_time_after_the_refund(own_provider):
    shop = open_shop(own_provider, reference_after_s=60)
    refund = shop.refunds.create({"charge": shop.charge()})
    assert refund.destination_details.card.reference_status == "pending"

    own_provider.post("/_practice/clock", {"advance_s": 61})

    card = shop.refunds.retrieve(refund.id).destination_details.card
    assert card.reference_status == "available"
    assert card.reference.isdigit()
