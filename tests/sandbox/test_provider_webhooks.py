"""Events reach the merchant signed and at least once, and in whatever disorder a test asks for."""

import itertools
import json
import time

import pytest
import stripe


def test_a_refund_is_announced_signed(shop, receiver):
    refund = shop.refunds.create({"charge": shop.charge(), "amount": 400})

    assert sorted(receiver.wait_for(2)) == ["charge.refunded", "refund.created"]
    event = receiver.verified(receiver.types.index("refund.created"))
    assert (event.data.object.id, event.api_version) == (refund.id, stripe.api_version)
    assert event.request.idempotency_key
    with pytest.raises(stripe.SignatureVerificationError):
        stripe.Webhook.construct_event(receiver.bodies[0], receiver.signatures[0], "whsec_somebody_else")


def test_a_failure_is_announced_with_what_was_before(shop, receiver):
    refund = shop.refunds.create({"charge": shop.charge()})
    receiver.wait_for(2)

    step = {"status": "failed", "failure_reason": "expired_or_canceled_card"}
    shop.provider.post(f"/_practice/refunds/{refund.id}/becomes", step)

    assert sorted(receiver.wait_for(5)[2:]) == ["charge.refund.updated", "refund.failed", "refund.updated"]
    failed = next(event for event in receiver.events if event["type"] == "refund.failed")
    assert failed["data"]["object"]["failure_reason"] == "expired_or_canceled_card"
    assert failed["data"]["previous_attributes"]["status"] == "succeeded"


def test_a_dispute_is_announced(shop, receiver):
    charge = shop.charge(700)

    shop.provider.post(f"/_practice/charges/{charge}/dispute", {"reason": "fraudulent"})

    assert receiver.wait_for(1) == ["charge.dispute.created"]
    assert receiver.events[0]["data"]["object"]["charge"] == charge


def test_an_address_hears_only_what_it_asked_for(shop, receiver):
    endpoint = shop.client.v1.webhook_endpoints.list().data[0]
    shop.client.v1.webhook_endpoints.delete(endpoint.id)
    shop.client.v1.webhook_endpoints.create({"url": receiver.url, "enabled_events": ["charge.refunded"]})

    shop.refunds.create({"charge": shop.charge()})

    assert receiver.wait_for(1) == ["charge.refunded"]


def test_what_was_not_accepted_is_sent_again(shop, receiver):
    receiver.answers = [500]

    shop.fault(becomes=[{"status": "requires_action"}])
    refund = shop.refunds.create({"charge": shop.charge()})

    assert len(receiver.wait_for(3, within_s=6)) == 3
    ids = [event["id"] for event in receiver.events]
    assert len(set(ids)) == 2
    assert all(event["data"]["object"]["id"] in (refund.id, refund.charge) for event in receiver.events)


def test_one_event_twenty_times_at_once(shop, receiver):
    shop.rule(type="refund.created", copies=20)

    shop.refunds.create({"charge": shop.charge()})

    types = receiver.wait_for(21)
    assert types.count("refund.created") == 20
    assert len({event["id"] for event in receiver.events if event["type"] == "refund.created"}) == 1


def test_a_lost_event_never_comes(shop, receiver):
    shop.rule(drop=True)

    shop.refunds.create({"charge": shop.charge()})
    time.sleep(0.5)

    assert receiver.types == []
    told = shop.provider.get(f"/_practice/webhooks/deliveries?account={shop.account}")
    assert {delivery["state"] for delivery in told["deliveries"]} == {"dropped"}
    assert len(shop.client.v1.events.list({"types": ["refund.created", "charge.refunded"]}).data) == 2


@pytest.mark.parametrize(
    "order", list(itertools.permutations(["refund.created", "charge.refunded", "refund.failed"])), ids=",".join
)
def test_events_come_in_any_order_a_test_asks_for(shop, receiver, order):
    shop.rule(hold=True)
    refund = shop.refunds.create({"charge": shop.charge()})
    shop.provider.post(f"/_practice/refunds/{refund.id}/becomes", {"status": "failed"})
    assert receiver.types == []

    shop.provider.post("/_practice/webhooks/release", {"account": shop.account, "order": list(order)})

    assert receiver.wait_for(5)[:3] == list(order)


def test_a_delayed_event_comes_when_its_time_has_come(shop, receiver):
    shop.rule(type="refund.created", delay_s=0.6)
    begun = time.monotonic()

    shop.refunds.create({"charge": shop.charge()})

    assert receiver.wait_for(2) == ["charge.refunded", "refund.created"]
    assert receiver.arrived_at[1] - begun > 0.5


def test_the_webhook_can_arrive_before_the_api_answers(shop, receiver):
    shop.rule(type="refund.created", before_response=True)
    receiver.before_answering = lambda: time.sleep(0.3)

    begun = time.monotonic()
    shop.refunds.create({"charge": shop.charge()})
    answered = time.monotonic()

    assert receiver.types[0] == "refund.created"
    assert receiver.arrived_at[0] < answered - 0.25
    assert answered - begun > 0.3


def test_an_event_can_be_sent_again_by_hand(shop, receiver):
    shop.refunds.create({"charge": shop.charge()})
    receiver.wait_for(2)
    event = shop.client.v1.events.list({"type": "refund.created"}).data[0]

    told = shop.provider.post("/_practice/webhooks/redeliver", {"event": event.id, "times": 5})

    assert told == {"statuses": [200] * 5}
    assert [json.loads(body)["id"] for body in receiver.bodies[2:]] == [event.id] * 5


def test_webhooks_go_to_this_machine_only(shop):
    for url in ("https://127.0.0.1/x", "http://example.com/x", "ftp://127.0.0.1/x"):
        with pytest.raises(stripe.InvalidRequestError, match="loopback only"):
            shop.client.v1.webhook_endpoints.create({"url": url, "enabled_events": ["*"]})
