"""An event makes us look; what is true is the provider's present state, in whatever order it was told (DOMAIN 5)."""

import itertools
import time

import pytest

from tests.payments.market import apply_all, vault_running
from tests.webhooks.conftest import event

pytestmark = pytest.mark.slow


def _refund(market, payout):
    """The refund as the provider shows it now."""
    row = market.payout(payout)
    return {
        "object": "refund",
        "id": row.provider_refund_id,
        "charge": row.provider_charge_id,
        "metadata": {"recoup_payout": str(payout)},
    }


def _becomes(market, payout, **step):
    market.provider.post(f"/_practice/refunds/{market.payout(payout).provider_refund_id}/becomes", step)


def test_a_pending_refund_is_finished_by_its_event(market, house, door):
    payout = market.owe(1000)
    market.fault(becomes=[{"status": "pending"}])
    with vault_running(house):
        market.settle(payout, until="provider_pending")
        _becomes(market, payout, status="succeeded")
        door.post(event("refund.updated", {**_refund(market, payout), "status": "succeeded"}))
        door.act()
        market.settle(payout)

    assert market.events(payout) == ["payout.accepted", "payout.succeeded"]


def test_what_we_know_already_is_not_looked_up(market, house, door):
    payout = market.owe(1000)
    with vault_running(house):
        market.settle(payout)
        refund = {**_refund(market, payout), "status": "succeeded"}
        door.post(event("refund.created", refund, identity="evt_1"))
        charge = {"object": "charge", "id": refund["charge"], "amount_refunded": 1000}
        door.post(event("charge.refunded", charge, identity="evt_2"))
        door.act()

    assert market.payout(payout).look_up is False
    assert market.outcomes(payout) == ["succeeded"]


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_events_in_any_order_end_in_the_providers_present_state(market, house, door, order):
    payout = market.owe(1000)
    with vault_running(house):
        market.settle(payout)
        _becomes(market, payout, status="failed", failure_reason="declined")
        refund = _refund(market, payout)
        told = [("refund.created", "pending"), ("refund.updated", "succeeded"), ("refund.failed", "failed")]
        for number in order:
            kind, status = told[number]
            door.post(event(kind, {**refund, "status": status}, identity=f"evt_{number}"))
            door.act()
        market.settle(payout, until="reversed")

    assert market.capture_of(payout) == (1000, 0)
    assert [kind for kind, _ in market.journals(payout)] == ["payout.reserved", "payout.paid", "payout.returned"]


def test_an_event_ahead_of_our_own_answer_waits_for_it(market, house, door):
    payout = market.owe(1000)
    market.fault(sleep_after_s=0.6)
    with vault_running(house):
        _wait(lambda: market.movements(payout))
        refund = {**_refund(market, payout), "id": "re_unknown_to_us_yet", "status": "succeeded"}
        door.post(event("refund.created", refund))
        door.act()
        assert door.receipts()[0][2] is not None
        market.settle(payout)
        door.told_again()
        time.sleep(0.3)
        apply_all(house)

    assert market.journals(payout) == [("payout.reserved", 0), ("payout.paid", 0)]
    assert market.payout(payout).state == "succeeded"


def test_an_event_that_does_not_say_which_refund_makes_us_read_all_of_its_charge(market, house, door):
    capture = market.capture(1000)
    first, second = market.reserve(capture, 300, 200)
    with vault_running(house):
        market.settle(first, second)
        _becomes(market, second, status="failed", failure_reason="declined")
        charge = {"object": "charge", "id": market.payout(first).provider_charge_id, "amount_refunded": 300}
        door.post(event("charge.refunded", charge))
        door.act()
        market.settle(second, until="reversed")

    assert market.payout(first).state == "succeeded"
    row = market.row("payments_capture", capture)
    assert (row.reserved_minor, row.paid_minor) == (200, 300)


def test_what_is_disputed_is_not_refunded_too(market, house, door):
    from recoup.payments.transactional import OverRefund

    capture = market.capture(1000)
    charge = market.row("payments_capture", capture).provider_charge_id
    dispute = {"object": "dispute", "id": "dp_1", "charge": charge, "amount": 600, "status": "needs_response"}
    dispute["currency"] = "gbp"

    door.post(event("charge.dispute.created", dispute))
    door.act()

    assert market.row("payments_capture", capture).disputed_minor == 600
    with pytest.raises(OverRefund):
        market.reserve(capture, 500)
    assert market.reserve(capture, 400)


def test_a_dispute_that_is_won_frees_the_money_whatever_comes_late(market, house, door):
    capture = market.capture(1000)
    charge = market.row("payments_capture", capture).provider_charge_id
    dispute = {"object": "dispute", "id": "dp_1", "charge": charge, "amount": 1000, "status": "won", "currency": "gbp"}
    door.post(event("charge.dispute.closed", dispute, identity="evt_2", created=20))
    door.act()
    late = {**dispute, "status": "needs_response"}
    door.post(event("charge.dispute.created", late, identity="evt_1", created=10))
    door.act()

    assert market.row("payments_capture", capture).disputed_minor == 0


def test_one_dispute_that_is_won_does_not_free_what_another_holds(market, house, door):
    """A charge can be disputed twice; refund and chargeback never both pay (DOMAIN 9.24)."""
    capture = market.capture(1000)
    charge = market.row("payments_capture", capture).provider_charge_id
    lost = {"id": "dp_1", "charge": charge, "amount": 600, "status": "lost", "currency": "gbp"}
    second = {"id": "dp_2", "charge": charge, "amount": 300, "status": "needs_response", "currency": "gbp"}
    door.post(event("charge.dispute.closed", lost, identity="evt_1", created=10))
    door.post(event("charge.dispute.created", second, identity="evt_2", created=20))
    door.act()
    assert market.row("payments_capture", capture).disputed_minor == 900

    door.post(event("charge.dispute.closed", {**second, "status": "won"}, identity="evt_3", created=30))
    door.act()

    assert market.row("payments_capture", capture).disputed_minor == 600
    assert market.events(capture) == ["capture.disputed", "capture.disputed", "capture.disputed"]


def test_a_dispute_in_another_currency_holds_back_the_whole_payment(market, house, door):
    capture = market.capture(1000)
    charge = market.row("payments_capture", capture).provider_charge_id
    dispute = {"id": "dp_1", "charge": charge, "amount": 7, "status": "needs_response", "currency": "usd"}
    door.post(event("charge.dispute.created", dispute))
    door.act()

    assert market.row("payments_capture", capture).disputed_minor == 1000


def test_a_payout_that_is_parked_does_not_keep_an_event_coming_back_for_ever(market, house, door):
    payout = market.owe(1000)
    market.run("UPDATE payments_payout SET state = 'submitting', parked_at = now() WHERE id = %s", payout)
    charge = {"object": "charge", "id": market.payout(payout).provider_charge_id, "amount_refunded": 1000}
    door.post(event("charge.refunded", charge))
    door.act()

    assert door.receipts()[0][2] is None


def test_the_providers_own_deliveries_are_understood(market, house, door):
    """The practice provider signs and sends; our door verifies; nothing in between is ours."""
    import stripe

    from tests.sandbox.receiver import Receiver

    receiver = Receiver()
    accounts = market.provider.get("/_practice/accounts")["accounts"]
    secret = next(one["secret_key"] for one in accounts if one["id"] == market.account)
    client = stripe.StripeClient(secret, base_addresses={"api": market.provider.url}, max_network_retries=0)
    made = client.v1.webhook_endpoints.create({"url": receiver.url, "enabled_events": ["*"]})
    from recoup.access import sealing

    sealed = sealing.seal_for_us(str(made.secret))
    market.run(
        "UPDATE payments_railaccount SET webhook_secret_sealed = %s WHERE id = %s", sealed, market.rail_account_id
    )
    payout = market.owe(1000)
    market.fault(becomes=[{"status": "pending"}, {"after_s": 0.3, "status": "succeeded"}])

    with vault_running(house):
        market.settle(payout, until="provider_pending")
        receiver.wait_for(4)
        for body, header in zip(receiver.bodies, receiver.signatures, strict=True):
            assert door.post(body, header=header) == 200
        door.act()
        market.settle(payout)
    receiver.close()


def _wait(condition, within_s=5.0):
    until = time.monotonic() + within_s
    while not condition():
        assert time.monotonic() < until
        time.sleep(0.02)
