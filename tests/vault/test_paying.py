"""Money leaves once, by the vault, and what the provider said is applied once: states, counters, books, events."""

import time

import pytest

from tests.payments.market import apply_all, open_market, put_key, vault_running

pytestmark = pytest.mark.slow


def test_a_promised_refund_is_paid(market, house):
    payout = market.owe(1000)

    with vault_running(house):
        market.settle(payout)

    assert market.movements(payout) == [("refund", 1000)]
    assert market.capture_of(payout) == (0, 1000)
    assert market.journals(payout) == [("payout.reserved", 0), ("payout.paid", 0)]
    assert market.balance("provider_balance") == -1000
    assert market.balance("reserved_refunds") == 0
    assert market.events(payout) == ["payout.accepted", "payout.succeeded"]
    assert market.moves(payout) == ["queued", "submitting", "succeeded"]
    row = market.payout(payout)
    assert row.provider_refund_id.startswith("re_")
    assert row.accepted_at is not None
    assert row.lease_until is None


def test_money_that_is_promised_for_later_waits(market, house):
    (payout,) = market.reserve(market.capture(), 1000, send_in_s=30)

    with vault_running(house):
        time.sleep(1.5)

    assert market.movements(payout) == []
    assert market.payout(payout).state == "queued"


def test_a_refund_the_provider_has_not_finished_is_accepted_first_and_succeeds_later(market, house):
    payout = market.owe(1000)
    market.fault(becomes=[{"status": "pending"}, {"after_s": 0.5, "status": "succeeded"}])

    with vault_running(house):
        market.settle(payout, until="provider_pending")
        assert market.events(payout) == ["payout.accepted"]
        assert market.capture_of(payout) == (0, 1000)
        time.sleep(0.6)
        market.hurry(payout)
        market.settle(payout)

    assert market.events(payout) == ["payout.accepted", "payout.succeeded"]
    assert market.journals(payout) == [("payout.reserved", 0), ("payout.paid", 0)]


def test_a_refund_that_fails_after_success_is_written_as_a_new_journal(market, house):
    payout = market.owe(1000)

    with vault_running(house):
        market.settle(payout)
        refund = market.payout(payout).provider_refund_id
        step = {"status": "failed", "failure_reason": "expired_or_canceled_card"}
        market.provider.post(f"/_practice/refunds/{refund}/becomes", step)
        market.hurry(payout)
        market.settle(payout, until="reversed")

    assert market.events(payout) == ["payout.accepted", "payout.succeeded", "payout.reversed"]
    assert [kind for kind, _ in market.journals(payout)] == ["payout.reserved", "payout.paid", "payout.returned"]
    assert market.capture_of(payout) == (1000, 0)
    assert market.balance("provider_balance") == 0
    assert market.payout(payout).failure_code == "expired_or_canceled_card"


def test_a_refund_declined_at_once_has_never_been_paid(market, house):
    payout = market.owe(1000, payment_method="pm_card_refundDeclined")

    with vault_running(house):
        market.settle(payout, until="failed")

    assert market.events(payout) == ["payout.failed"]
    assert market.journals(payout) == [("payout.reserved", 0)]
    assert market.capture_of(payout) == (1000, 0)
    assert market.movements(payout) == []


def test_a_refusal_is_final_and_moves_nothing(market, house):
    payout = market.owe(1000)
    market.fault(refuse={"status": 400, "code": "charge_disputed"})

    with vault_running(house):
        market.settle(payout, until="failed")

    assert market.payout(payout).failure_code == "charge_disputed"
    assert market.events(payout) == ["payout.failed"]


def test_a_throttled_refund_is_sent_again_under_the_same_key(market, house):
    payout = market.owe(1000)
    market.fault(refuse={"status": 429}, times=2)

    with vault_running(house):
        market.settle(payout)

    assert market.outcomes(payout) == ["throttled", "throttled", "succeeded"]
    assert market.payout(payout).epoch == 0
    assert market.movements(payout) == [("refund", 1000)]


def test_want_of_funds_is_a_state_of_its_own_and_ends_when_money_comes(market, house):
    payout = market.owe(1000)
    market.provider.post(f"/_practice/accounts/{market.account}/funds", {"currency": "gbp", "set_minor": 0})

    with vault_running(house):
        market.settle(payout, until="awaiting_merchant_funds")
        assert market.capture_of(payout) == (1000, 0)
        market.hurry(payout)
        time.sleep(0.3)
        apply_all(house)
        market.provider.post(f"/_practice/accounts/{market.account}/funds", {"currency": "gbp", "set_minor": 5000})
        market.hurry(payout)
        market.settle(payout)

    assert market.events(payout) == ["payout.awaiting_funds", "payout.accepted", "payout.succeeded"]
    assert market.movements(payout) == [("refund", 1000)]


def test_a_refusal_for_want_of_funds_is_a_new_attempt_later(house, provider):
    market = open_market(house, provider, when_short="error")
    payout = market.owe(1000)
    provider.post(f"/_practice/accounts/{market.account}/funds", {"currency": "gbp", "set_minor": 0})

    with vault_running(house):
        market.settle(payout, until="awaiting_merchant_funds")
        provider.post(f"/_practice/accounts/{market.account}/funds", {"currency": "gbp", "set_minor": 5000})
        market.hurry(payout)
        market.settle(payout)

    assert market.payout(payout).epoch == 1
    assert market.movements(payout) == [("refund", 1000)]


def test_many_refunds_of_two_merchants_are_each_paid_once(market, house, provider):
    other = open_market(house, provider)
    capture = market.capture(100_000)
    payouts = market.reserve(capture, *[10 + n for n in range(60)])
    others = other.reserve(other.capture(100_000), *[10 + n for n in range(20)])

    with vault_running(house), vault_running(house):
        market.settle(*payouts)
        other.settle(*others)

    assert market.moved()["double_payments"] == 0
    assert market.row("payments_capture", capture).paid_minor == sum(10 + n for n in range(60))
    assert market.balance("provider_balance") == -sum(10 + n for n in range(60))
    assert all(market.outcomes(payout) == ["succeeded"] for payout in payouts)


def test_a_key_that_the_provider_refuses_holds_money_back_until_a_right_one_is_there(market, house):
    with house.superuser() as db:
        right = market.provider.get("/_practice/accounts")["accounts"]
        secret = next(one["secret_key"] for one in right if one["id"] == market.account)
        put_key(db, market, "sk_test_worn_out")
    payout = market.owe(1000)

    with vault_running(house):
        until = time.monotonic() + 30
        while not market.outcomes(payout):
            assert time.monotonic() < until, "the vault never asked"
            time.sleep(0.05)
        with house.superuser() as db:
            put_key(db, market, secret)
        market.settle(payout)

    assert market.outcomes(payout)[-1] == "succeeded"
    assert set(market.outcomes(payout)[:-1]) == {"throttled"}


def test_an_account_that_is_switched_off_is_not_paid_from(market, house):
    market.run("UPDATE payments_railaccount SET is_enabled = false WHERE id = %s", market.rail_account_id)
    payout = market.owe(1000)

    with vault_running(house):
        time.sleep(1.3)
        assert market.movements(payout) == []
        market.run("UPDATE payments_railaccount SET is_enabled = true WHERE id = %s", market.rail_account_id)
        market.settle(payout)
