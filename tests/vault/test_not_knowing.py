"""When nobody knows whether the money has gone: looked up by our reference, sent again only under the same key."""

import time

import pytest

from recoup.kernel.ids import attempt_key
from tests.payments.market import apply_all, open_market, vault_running

pytestmark = pytest.mark.slow


def _unknown_then_settled(market, house, payout, until="succeeded"):
    with vault_running(house):
        market.settle(payout, until="unknown")
        assert market.payout(payout).next_at is not None
        assert market.events(payout) == ["payout.unknown"]
        market.hurry(payout)
        market.settle(payout, until=until)


def test_an_answer_that_was_lost_is_found_by_look_up(market, house):
    payout = market.owe(1000)
    market.fault(drop="after")

    _unknown_then_settled(market, house, payout)

    assert market.outcomes(payout) == ["unknown", "succeeded"]
    assert market.movements(payout) == [("refund", 1000)]
    assert market.journals(payout) == [("payout.reserved", 0), ("payout.paid", 0)]


def test_an_answer_cut_in_the_middle_is_found_by_look_up(market, house):
    payout = market.owe(1000)
    market.fault(cut_after_bytes=150)

    _unknown_then_settled(market, house, payout)

    assert market.movements(payout) == [("refund", 1000)]


def test_a_request_that_never_arrived_is_sent_again_under_the_same_key(market, house):
    payout = market.owe(1000)
    market.fault(drop="before")

    _unknown_then_settled(market, house, payout)

    assert market.outcomes(payout) == ["unknown", "not_found", "succeeded"]
    assert market.payout(payout).idempotency_key == attempt_key(payout, 0)
    assert market.movements(payout) == [("refund", 1000)]


def test_a_500_that_the_provider_would_replay_for_ever_is_settled_by_look_up(market, house):
    payout = market.owe(1000)
    market.fault(answer_status=500)

    _unknown_then_settled(market, house, payout)

    assert market.outcomes(payout) == ["unknown", "succeeded"]
    assert market.payout(payout).epoch == 0
    assert market.movements(payout) == [("refund", 1000)]


@pytest.mark.parametrize("profile", ["none", "checkout", "expiring"])
def test_a_provider_that_forgets_keys_is_never_asked_twice_for_what_it_did(house, provider, profile):
    market = open_market(house, provider, profile=profile, **({"key_lifetime_s": 1} if profile == "expiring" else {}))
    payout = market.owe(1000)
    market.fault(answer_status=500)

    with vault_running(house):
        market.settle(payout, until="unknown")
        time.sleep(1.1)
        market.hurry(payout)
        market.settle(payout)

    assert market.movements(payout) == [("refund", 1000)]


def test_a_look_up_that_fails_leaves_it_unknown_until_the_next(market, house):
    payout = market.owe(1000)
    market.fault(drop="after")
    market.fault(route="refunds.list", refuse={"status": 503})

    with vault_running(house):
        market.settle(payout, until="unknown")
        market.hurry(payout)
        time.sleep(0.4)
        apply_all(house)
        assert market.payout(payout).state == "unknown"
        market.hurry(payout)
        market.settle(payout)

    assert market.outcomes(payout) == ["unknown", "unknown", "succeeded"]
    assert market.events(payout).count("payout.unknown") == 1


def test_a_refund_made_at_the_provider_by_hand_ends_in_failure_not_in_a_loop(market, house):
    capture = market.capture(1000)
    (payout,) = market.reserve(capture, 1000)
    charge = market.row("payments_capture", capture).provider_charge_id
    _refund_by_hand(market, charge)

    with vault_running(house):
        market.settle(payout, until="failed")

    assert market.payout(payout).failure_code == "charge_already_refunded"


def test_our_own_refund_is_found_behind_a_refusal(house, provider):
    """The first request got through unseen, the provider keeps no keys, and says "already refunded" to the second."""
    market = open_market(house, provider, profile="none")
    payout = market.owe(1000)
    charge = market.payout(payout).provider_charge_id
    _refund_by_hand(market, charge, metadata={"recoup_payout": str(payout)})

    with vault_running(house):
        market.settle(payout)

    assert market.movements(payout) == [("refund", 1000)]


def test_it_is_found_among_more_refunds_than_a_page_holds(market, house):
    capture = market.capture(100_000)
    payouts = market.reserve(capture, *[1] * 105)
    market.fault(amount=1, drop="after", metadata={"recoup_payout": str(payouts[0])})

    with vault_running(house):
        market.settle(payouts[0], until="unknown")
        market.settle(*payouts[1:])
        market.hurry(payouts[0])
        market.settle(payouts[0])

    assert market.moved()["double_payments"] == 0


def test_a_provider_that_says_another_amount_is_a_matter_for_a_person(market, house):
    capture = market.capture(2000)
    (payout,) = market.reserve(capture, 1000)
    charge = market.row("payments_capture", capture).provider_charge_id
    market.fault(drop="before")
    with vault_running(house):
        market.settle(payout, until="unknown")
        _refund_by_hand(market, charge, amount=700, metadata={"recoup_payout": str(payout)})
        market.hurry(payout)
        deadline = time.monotonic() + 5
        while market.payout(payout).parked_at is None:
            assert time.monotonic() < deadline
            apply_all(house)
            time.sleep(0.05)

    assert market.payout(payout).failure_code == "provider_amount_differs"
    assert market.events(payout)[-1] == "payout.parked"
    assert market.journals(payout) == [("payout.reserved", 0)]


def _refund_by_hand(market, charge, **more):
    import stripe

    accounts = market.provider.get("/_practice/accounts")["accounts"]
    secret = next(one["secret_key"] for one in accounts if one["id"] == market.account)
    client = stripe.StripeClient(secret, base_addresses={"api": market.provider.url}, max_network_retries=0)
    client.v1.refunds.create({"charge": charge, **more})
