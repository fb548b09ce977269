"""What a test scripts to go wrong goes wrong, once, for whom it was meant, and money moves or does not as promised."""

import time

import pytest
import stripe


def test_a_connection_dropped_after_executing_leaves_one_movement(shop):
    charge = shop.charge()
    shop.fault(drop="after")

    with pytest.raises(stripe.APIConnectionError):
        shop.refunds.create({"charge": charge}, {"idempotency_key": "key-1"})
    assert shop.movements() == [("refund", 1000)]

    assert shop.refunds.create({"charge": charge}, {"idempotency_key": "key-1"}).status == "succeeded"
    assert shop.movements() == [("refund", 1000)]


def test_a_connection_dropped_before_executing_moves_nothing(shop):
    shop.fault(drop="before")

    with pytest.raises(stripe.APIConnectionError):
        shop.refunds.create({"charge": shop.charge()})

    assert shop.movements() == []


def test_an_answer_cut_in_the_middle_is_a_connection_error(shop):
    shop.fault(cut_after_bytes=150)

    with pytest.raises(stripe.APIConnectionError):
        shop.refunds.create({"charge": shop.charge()})

    assert shop.movements() == [("refund", 1000)]


def test_a_provider_that_sleeps_past_the_time_limit_has_paid_all_the_same(shop):
    shop.fault(sleep_after_s=1.0)
    impatient = stripe.StripeClient(
        shop.secret_key,
        base_addresses={"api": shop.provider.url},
        max_network_retries=0,
        http_client=stripe.RequestsClient(timeout=0.3),
    )

    with pytest.raises(stripe.APIConnectionError):
        impatient.v1.refunds.create({"charge": shop.charge()})

    assert shop.movements() == [("refund", 1000)]


def test_a_provider_that_sleeps_before_executing_has_not_paid_yet(shop):
    charge = shop.charge()
    shop.fault(sleep_before_s=0.4)

    begun = time.monotonic()
    shop.refunds.create({"charge": charge})

    assert time.monotonic() - begun > 0.35


def test_a_500_before_executing_moves_nothing(shop):
    shop.fault(refuse={"status": 500})

    with pytest.raises(stripe.APIError) as refused:
        shop.refunds.create({"charge": shop.charge()})

    assert refused.value.http_status == 500
    assert shop.movements() == []


def test_any_documented_refusal_can_be_played(shop):
    refusal = {"status": 402, "code": "card_declined", "decline_code": "insufficient_funds", "message": "Declined."}
    shop.fault(refuse=refusal)

    with pytest.raises(stripe.CardError, match="Declined") as refused:
        shop.refunds.create({"charge": shop.charge()})

    assert refused.value.json_body["error"]["decline_code"] == "insufficient_funds"


def test_a_fault_waits_for_its_charge_its_amount_and_its_reference(shop):
    charge, other = shop.charge(), shop.charge()
    shop.fault(charge=charge, amount=77, metadata={"recoup_payout": "p1"}, refuse={"status": 500})

    shop.refunds.create({"charge": other, "amount": 77, "metadata": {"recoup_payout": "p1"}})
    shop.refunds.create({"charge": charge, "amount": 78, "metadata": {"recoup_payout": "p1"}})
    shop.refunds.create({"charge": charge, "amount": 77, "metadata": {"recoup_payout": "p2"}})
    with pytest.raises(stripe.APIError):
        shop.refunds.create({"charge": charge, "amount": 77, "metadata": {"recoup_payout": "p1"}})

    assert shop.refunds.create({"charge": charge, "amount": 77, "metadata": {"recoup_payout": "p1"}})


def test_a_fault_can_spare_the_first_and_hit_the_next_two(shop):
    shop.fault(skip=1, times=2, refuse={"status": 500})

    outcomes = []
    for _ in range(4):
        try:
            outcomes.append(shop.refunds.create({"charge": shop.charge()}).status)
        except stripe.APIError:
            outcomes.append("500")

    assert outcomes == ["succeeded", "500", "500", "succeeded"]


def test_looking_up_can_fail_too(shop):
    refund = shop.refunds.create({"charge": shop.charge()})
    shop.fault(route="refunds.list", refuse={"status": 503, "message": "down"})
    shop.fault(route="refunds.retrieve", drop="before")

    with pytest.raises(stripe.APIError):
        shop.refunds.list({"charge": refund.charge})
    with pytest.raises(stripe.APIConnectionError):
        shop.refunds.retrieve(refund.id)
    assert shop.refunds.list({"charge": refund.charge}).data[0].id == refund.id


def test_a_replay_is_spared_unless_the_fault_is_meant_for_it(shop):
    charge = shop.charge()
    shop.refunds.create({"charge": charge}, {"idempotency_key": "key-1"})
    fault = shop.fault(drop="after")
    assert shop.refunds.create({"charge": charge}, {"idempotency_key": "key-1"}).status == "succeeded"
    shop.provider.call("DELETE", f"/_practice/faults/{fault['id']}")

    shop.fault(drop="after", on_replay=True)
    with pytest.raises(stripe.APIConnectionError):
        shop.refunds.create({"charge": charge}, {"idempotency_key": "key-1"})


@pytest.mark.parametrize(
    "fault",
    [
        {"explode": True},
        {"route": "moon.landing"},
        {"drop": "sometime"},
        {"becomes": []},
        {"becomes": [{"status": "lost"}]},
        {"becomes": [{"status": "failed", "failure_reason": "because"}]},
    ],
)
def test_a_fault_that_cannot_be_played_is_refused(shop, fault):
    status, answer = shop.fault(**fault)

    assert status == 400
    assert answer["error"]["message"]
