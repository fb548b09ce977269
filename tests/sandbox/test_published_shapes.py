"""Every answer and every event of the practice provider has the shape that Stripe publishes."""

import json
import urllib.error
import urllib.parse
import urllib.request

import pytest
import stripe
from jsonschema import Draft202012Validator

from recoup_sandbox.provider.objects import API_VERSION
from tests.sandbox import published_shapes

DOCUMENT = published_shapes.document()


def _check(value):
    """Against the schema its own `object` names; a list against that of its members."""
    if value.get("object") == "list":
        Draft202012Validator(published_shapes.list_of({"type": "object"})).validate(value)
        for member in value["data"]:
            _check(member)
        return
    name = published_shapes.BY_OBJECT[value["object"]]
    Draft202012Validator({"$ref": f"#/$defs/{name}", **DOCUMENT}).validate(value)
    if name == "Event":
        _check(value["data"]["object"])


def _ask(shop, method, path, params=None):
    """The raw JSON of one API call."""
    data = urllib.parse.urlencode(params or {}, doseq=True).encode() if method == "POST" else None
    headers = {"Authorization": f"Bearer {shop.secret_key}"}
    request = urllib.request.Request(shop.provider.url + path, data, headers, method=method)
    try:
        with urllib.request.urlopen(request) as answer:
            return json.load(answer)
    except urllib.error.HTTPError as error:
        with error:
            return json.load(error)


def test_the_provider_speaks_the_version_of_the_official_client():
    assert stripe.api_version == API_VERSION


def test_the_shapes_are_those_of_the_official_client():
    refund = DOCUMENT["$defs"]["Refund"]

    assert set(refund["required"]) == {"amount", "created", "currency", "id", "object"}
    assert refund["additionalProperties"] is False
    reasons = next(one["enum"] for one in refund["properties"]["reason"]["anyOf"] if "enum" in one)
    assert "requested_by_customer" in reasons


@pytest.mark.parametrize(
    "becomes",
    [
        [{"status": "succeeded"}],
        [{"status": "pending"}],
        [{"status": "pending", "pending_reason": "insufficient_funds"}],
        [{"status": "requires_action"}],
        [{"status": "failed", "failure_reason": "lost_or_stolen_card"}],
    ],
    ids=lambda steps: "-".join(steps[0].values()),
)
def test_a_refund_in_every_state_and_all_its_events(shop, becomes):
    charge = shop.charge(1000, "gbp", receipt_email="mei@example.com", customer="cus_1", description="Order 1")
    shop.fault(becomes=becomes)
    params = {"charge": charge, "amount": 300, "metadata[recoup_payout]": "p", "reason": "requested_by_customer"}

    refund = _ask(shop, "POST", "/v1/refunds", params)
    _check(refund)
    if refund["status"] == "requires_action":
        _check(_ask(shop, "POST", f"/v1/refunds/{refund['id']}/cancel"))
    elif refund["status"] != "failed":
        step = {"status": "failed", "failure_reason": "declined", "reference": "123456789012"}
        shop.provider.post(f"/_practice/refunds/{refund['id']}/becomes", step)
    _check(_ask(shop, "POST", f"/v1/refunds/{refund['id']}", {"metadata[note]": "x"}))
    expand = "expand[]=charge&expand[]=payment_intent&expand[]=balance_transaction"
    _check(_ask(shop, "GET", f"/v1/refunds/{refund['id']}?{expand}"))
    _check(_ask(shop, "GET", f"/v1/refunds?charge={charge}&expand[]=data.charge"))
    events = _ask(shop, "GET", "/v1/events?limit=100")
    assert events["data"]
    _check(events)
    _check(_ask(shop, "GET", f"/v1/events/{events['data'][0]['id']}"))


def test_charges_payments_balance_and_disputes(shop):
    payment = {"amount": 900, "currency": "jpy", "payment_method": "pm_card_visa", "confirm": "true"}
    intent = _ask(shop, "POST", "/v1/payment_intents", {**payment, "expand[]": "latest_charge"})
    _check(intent)
    _check(_ask(shop, "GET", f"/v1/payment_intents/{intent['id']}"))
    charge = _ask(shop, "POST", "/v1/charges", {"amount": 500, "currency": "jpy", "source": "tok_visa"})
    _check(charge)
    _ask(shop, "POST", "/v1/refunds", {"charge": charge["id"], "amount": 100})
    _check(_ask(shop, "GET", f"/v1/charges/{charge['id']}?expand[]=refunds&expand[]=balance_transaction"))
    _check(_ask(shop, "GET", "/v1/charges"))
    _check(_ask(shop, "GET", "/v1/balance"))
    _check(_ask(shop, "GET", "/v1/balance_transactions"))
    dispute = shop.provider.post(f"/_practice/charges/{charge['id']}/dispute")
    _check(dispute)
    _check(_ask(shop, "GET", "/v1/events"))


def test_webhook_endpoints(shop):
    made = _ask(
        shop, "POST", "/v1/webhook_endpoints", {"url": "http://127.0.0.1:9/x", "enabled_events[]": "refund.failed"}
    )

    _check(made)
    assert made["secret"].startswith("whsec_")
    listed = _ask(shop, "GET", "/v1/webhook_endpoints")
    _check(listed)
    assert "secret" not in listed["data"][0]


def test_refusals(shop):
    charge = shop.charge(100)
    shop.fault(refuse={"status": 402, "code": "card_declined", "decline_code": "lost_card"}, amount=1)
    shop.fault(refuse={"status": 429}, amount=2)
    shop.fault(answer_status=500, amount=3)
    questions = [{"amount": amount, "charge": charge} for amount in (1, 2, 3, 1000, "x")]

    for params in [*questions, {"charge": "ch_nowhere"}, {}, {"charge": charge, "colour": "red"}]:
        answer = _ask(shop, "POST", "/v1/refunds", params)
        assert list(answer) == ["error"]
        Draft202012Validator({"$ref": "#/$defs/ErrorObject", **DOCUMENT}).validate(answer["error"])
