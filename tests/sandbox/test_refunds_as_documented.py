"""The practice provider, asked by the official client, does what Stripe documents for refunds."""

import pytest
import stripe

from tests.sandbox.conftest import open_shop


def test_a_full_refund_returns_the_whole_charge(shop):
    charge = shop.charge(1250, "gbp")

    refund = shop.refunds.create({"charge": charge, "metadata": {"recoup_payout": "p1"}})

    assert (refund.status, refund.amount, refund.currency, refund.charge) == ("succeeded", 1250, "gbp", charge)
    assert refund.metadata.to_dict() == {"recoup_payout": "p1"}
    assert shop.client.v1.charges.retrieve(charge).refunded is True
    assert shop.movements() == [("refund", 1250)]


def test_partial_refunds_stop_at_what_was_paid(shop):
    charge = shop.charge(1000)
    shop.refunds.create({"charge": charge, "amount": 600})

    with pytest.raises(stripe.InvalidRequestError, match=r"\(£6.00\) is greater than unrefunded amount on charge"):
        shop.refunds.create({"charge": charge, "amount": 600})

    assert shop.refunds.create({"charge": charge}).amount == 400
    with pytest.raises(stripe.InvalidRequestError) as refused:
        shop.refunds.create({"charge": charge, "amount": 1})
    assert refused.value.code == "charge_already_refunded"
    assert shop.movements() == [("refund", 600), ("refund", 400)]


def test_more_than_the_charge_is_refused_in_the_charges_own_money(shop):
    with pytest.raises(stripe.InvalidRequestError, match=r"\(¥501\) is greater than charge amount \(¥500\)"):
        shop.refunds.create({"charge": shop.charge(500, "jpy"), "amount": 501})


def test_a_payment_intent_can_be_refunded(shop):
    intent = shop.client.v1.payment_intents.create(
        {"amount": 2000, "currency": "sgd", "payment_method": "pm_card_visa", "confirm": True}
    )

    refund = shop.refunds.create({"payment_intent": intent.id, "amount": 500})

    assert (refund.payment_intent, refund.charge) == (intent.id, intent.latest_charge)
    assert [one.id for one in shop.refunds.list({"payment_intent": intent.id}).data] == [refund.id]


@pytest.mark.parametrize(
    ("params", "what"),
    [
        ({}, "payment_intent or charge"),
        ({"charge": "ch_1", "payment_intent": "pi_1"}, "payment_intent or charge"),
        ({"charge": "ch_1", "amount": 0}, "greater than or equal to 1"),
        ({"charge": "ch_1", "amount": "12.5"}, "Invalid integer"),
        ({"charge": "ch_1", "reason": "worn"}, "Invalid reason"),
        ({"charge": "ch_1", "colour": "red"}, "unknown parameter: colour"),
        ({"charge": "ch_1", "expand": ["shoe"]}, "cannot be expanded"),
    ],
)
def test_what_is_wrong_in_the_question_is_refused(shop, params, what):
    with pytest.raises(stripe.InvalidRequestError, match=what) as refused:
        shop.refunds.create(params)

    assert refused.value.http_status == 400


def test_an_unknown_charge_is_missing(shop):
    with pytest.raises(stripe.InvalidRequestError) as refused:
        shop.refunds.create({"charge": "ch_nowhere"})

    assert (refused.value.http_status, refused.value.code, refused.value.param) == (404, "resource_missing", "charge")


def test_a_disputed_charge_is_not_refunded(shop):
    charge = shop.charge()
    shop.provider.post(f"/_practice/charges/{charge}/dispute", {"reason": "product_not_received"})

    with pytest.raises(stripe.InvalidRequestError) as refused:
        shop.refunds.create({"charge": charge})

    assert refused.value.code == "charge_disputed"
    assert shop.client.v1.charges.retrieve(charge).disputed is True
    assert shop.movements() == []


def test_one_merchant_cannot_touch_anothers_charges(shop, provider):
    other = open_shop(provider)
    charge = shop.charge()
    refund = shop.refunds.create({"charge": charge, "amount": 1})

    for ask in (
        lambda: other.refunds.create({"charge": charge}),
        lambda: other.refunds.retrieve(refund.id),
        lambda: other.client.v1.charges.retrieve(charge),
    ):
        with pytest.raises(stripe.InvalidRequestError, match="No such"):
            ask()
    assert other.refunds.list({"charge": charge}).data == []


def test_a_wrong_secret_key_is_refused(provider):
    stranger = stripe.StripeClient("sk_test_nobody", base_addresses={"api": provider.url}, max_network_retries=0)

    with pytest.raises(stripe.AuthenticationError, match="Invalid API Key"):
        stranger.v1.refunds.list()


def test_our_reference_is_found_again_by_listing_the_charges_refunds(shop):
    charge = shop.charge(5000)
    for payout in ("p1", "p2", "p3"):
        shop.refunds.create({"charge": charge, "amount": 100, "metadata": {"recoup_payout": payout}})

    found = [one for one in shop.refunds.list({"charge": charge}).data if one.metadata["recoup_payout"] == "p2"]

    assert len(found) == 1


def test_lists_come_newest_first_in_pages(shop):
    charge = shop.charge(5000)
    made = [shop.refunds.create({"charge": charge, "amount": number}).id for number in range(1, 8)]

    first = shop.refunds.list({"charge": charge, "limit": 3})
    second = shop.refunds.list({"charge": charge, "limit": 3, "starting_after": first.data[-1].id})
    back = shop.refunds.list({"charge": charge, "limit": 3, "ending_before": second.data[0].id})

    assert [one.id for one in first.data + second.data] == made[:0:-1]
    assert (first.has_more, second.has_more) == (True, True)
    assert [one.id for one in back.data] == [one.id for one in first.data]
    assert [one.id for one in shop.refunds.list({"charge": charge, "limit": 2}).auto_paging_iter()] == made[::-1]


def test_a_refund_can_be_read_with_its_charge_and_its_balance_transaction(shop):
    refund = shop.refunds.create({"charge": shop.charge(900), "amount": 300})

    read = shop.refunds.retrieve(refund.id, {"expand": ["charge", "balance_transaction", "payment_intent"]})

    assert (read.charge.amount_refunded, read.balance_transaction.amount) == (300, -300)
    assert read.payment_intent.latest_charge == read.charge.id


def test_only_metadata_of_a_refund_can_be_changed(shop):
    refund = shop.refunds.create({"charge": shop.charge(), "metadata": {"a": "1", "b": "2"}})

    assert shop.refunds.update(refund.id, {"metadata": {"a": "", "c": "3"}}).metadata.to_dict() == {"b": "2", "c": "3"}
    with pytest.raises(stripe.InvalidRequestError, match="unknown parameter: amount"):
        shop.refunds.update(refund.id, {"amount": 1})


def test_the_balance_pays_and_every_line_of_it_can_be_read(shop):
    shop.refunds.create({"charge": shop.charge(1000, "sgd"), "amount": 400})

    [available] = shop.client.v1.balance.retrieve().available
    lines = shop.client.v1.balance_transactions.list({"type": "refund"}).data

    assert (available.amount, available.currency) == (600, "sgd")
    assert [line.amount for line in lines] == [-400]


@pytest.mark.parametrize(("amount", "currency"), [(1001, "bhd"), (1050, "isk"), (100, "zzz")])
def test_amounts_the_currency_does_not_have_cannot_be_charged(shop, amount, currency):
    told = {"account": shop.account, "charges": [{"amount": amount, "currency": currency}]}

    assert shop.provider.post("/_practice/charges", told)[0] == 400
