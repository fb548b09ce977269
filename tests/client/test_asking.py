"""A company's server asks for refunds with the client, over real HTTP."""

import io
import uuid
from datetime import datetime

import pytest
import recoup_client
from PIL import Image
from recoup_client import Recoup

from tests.client.conftest import QUICK, told

pytestmark = pytest.mark.slow


def ask(recoup, order, **changes):
    wish = {"order_number": order.number, "reason": "missing_item", "items": [{"sku": "CUP", "quantity": 1}]}
    return recoup.refunds.create(**{**wish, "idempotency_key": uuid.uuid4().hex, **changes})


def a_photo():
    content = io.BytesIO()
    Image.effect_noise((60, 40), 90).convert("RGB").save(content, "JPEG")
    return content.getvalue()


def sofa(recoup, order):
    """Too dear for the policy to decide alone."""
    return ask(recoup, order, reason="damaged", items=[{"sku": "SOFA", "quantity": 1}], words="The leg is broken off.")


def test_an_order_is_told_and_read_back(recoup):
    order = told()

    first = recoup.orders.put(order)
    again = recoup.orders.put(order)

    assert first.id == again.id == recoup.orders.get(order["number"]).id
    assert (first.paid_minor, first.lines[0].quantity_free, first.placed_at.tzinfo is not None) == (105_000, 12, True)
    assert isinstance(first.id, uuid.UUID)
    assert isinstance(first.as_of, datetime)


def test_each_of_many_orders_has_its_own_result(recoup):
    good, bad = told(), told(currency="SGD", payments=[{"charge_id": uuid.uuid4().hex, "amount_minor": 1}])

    stored, refused = recoup.orders.put_many([good, bad])

    assert stored.outcome == "new"
    assert stored.problem is None
    assert (refused.outcome, refused.id, refused.problem["code"]) == ("refused", None, "sums_differ")


def test_a_refund_is_asked_for_and_followed(recoup, order):
    refund = ask(recoup, order)

    seen = recoup.refunds.get(refund.id)
    assert refund.amount_requested_minor == 1250
    assert (seen.number, seen.lines[0].quantity) == (refund.number, 1)
    assert seen.timeline
    assert [each.id for each in recoup.refunds.list(order_number=order.number)] == [refund.id]


def test_more_is_shown_of_it_and_the_same_twice_is_shown_once(recoup, order):
    refund, photo = sofa(recoup, order), a_photo()

    recoup.refunds.show_evidence(refund.id, words="Here it is broken.", photos=[photo])
    seen = recoup.refunds.show_evidence(refund.id, words="Here it is broken.", photos=[photo])

    assert [happened.kind for happened in seen.timeline].count("case.evidence_added") == 1
    with pytest.raises(recoup_client.RecoupError, match="not a JPEG"):
        recoup.refunds.show_evidence(refund.id, photos=[photo, b"hello"])


def test_a_shopper_gets_a_token_and_loses_it_again(recoup, order):
    refund = sofa(recoup, order)

    given = recoup.refunds.give_guest_token(refund.id)
    recoup.refunds.revoke_guest_tokens(refund.id)

    assert given.case_id == refund.id
    assert given.token not in repr(given)


def test_somebody_decides_with_it(recoup, order):
    refund = sofa(recoup, order)
    assert refund.state in ("in_review", "needs_evidence")

    if refund.state == "in_review":
        assert recoup.refunds.ask_evidence(refund.id, words="Please show the leg.").state == "needs_evidence"
    assert recoup.refunds.withdraw(refund.id).state == "withdrawn"
    with pytest.raises(recoup_client.Conflict) as refusal:
        recoup.refunds.withdraw(refund.id)
    assert refusal.value.code == "move_not_allowed"


def test_lists_are_read_to_their_end_page_by_page(recoup, order):
    made = [ask(recoup, order).id for _ in range(5)]

    pages = recoup.call("GET", "/refunds", query={"order_number": order.number, "limit": 2})
    assert len(pages["data"]) == 2
    assert [each.id for each in recoup.refunds.list(order_number=order.number)] == made[::-1]
    assert [each.id for each in recoup.refunds.list(order_number=order.number, limit=3)] == made[:1:-1]
    two_by_two = recoup_client.paging.each(
        recoup._line, "/refunds", recoup_client.Refund, query={"order_number": order.number}, limit=None
    )
    assert len(list(two_by_two)) == 5


def test_a_long_list_is_read_without_missing_or_repeating_one(recoup):
    order = recoup.orders.put(told(lines=[{"sku": "BEAN", "quantity": 230, "unit_price_minor": 10}],
                                   payments=[{"charge_id": uuid.uuid4().hex, "amount_minor": 2300}]))  # fmt: skip
    made = [ask(recoup, order, items=[{"sku": "BEAN", "quantity": 1}]).id for _ in range(205)]

    found = [each.id for each in recoup.refunds.list(order_number=order.number, limit=204)]
    assert found == made[:0:-1]


def test_refusals_are_exceptions_with_code_and_request_id(recoup, order):
    key = uuid.uuid4().hex
    ask(recoup, order, idempotency_key=key)

    with pytest.raises(recoup_client.IdempotencyKeyReused) as reused:
        ask(recoup, order, idempotency_key=key, words="Something else now.")
    with pytest.raises(recoup_client.InvalidRequest) as invalid:
        ask(recoup, order, reason="because")
    with pytest.raises(recoup_client.NotFound) as missing:
        recoup.refunds.get(uuid.uuid4())
    with pytest.raises(recoup_client.InvalidRequest, match="no_such_line"):
        ask(recoup, order, items=[{"sku": "NOTHING", "quantity": 1}])

    assert (reused.value.status, reused.value.code) == (422, "idempotency_key_reused")
    assert invalid.value.errors[0]["where"].endswith("reason")
    assert uuid.UUID(missing.value.request_id)
    assert missing.value.request_id in str(missing.value)


def test_keys_are_made_replaced_and_taken_away(house, recoup):
    made = recoup.keys.create(label="Till", scopes=["orders:read", "keys:write"])
    assert made.secret not in repr(made)

    with Recoup(api_key=made.secret, base_url=house.running.web_url, retrying=QUICK) as till:
        with pytest.raises(recoup_client.AccessDenied) as denied:
            list(till.refunds.list())
        newer = till.keys.rotate(made.id)
    assert denied.value.scope == "refunds:read"
    assert denied.value.code == "ACCESS_DENIED"

    recoup.keys.revoke(newer.id)
    gone = Recoup(api_key=newer.secret, base_url=house.running.web_url, retrying=QUICK)
    with gone, pytest.raises(recoup_client.NotAuthenticated):
        gone.company()


def test_webhook_endpoints_are_made_tried_and_removed(house, recoup):
    made = recoup.webhook_endpoints.create(
        url=f"{house.running.town_url}/hooks/client", event_types=["refund.approved"], description="Till"
    )
    assert made.secret.startswith("whsec_")
    assert made.secret not in repr(made)
    assert recoup_client.WebhookVerifier(made.secret)

    tried = recoup.webhook_endpoints.test(made.id)
    (delivery,) = recoup.webhook_endpoints.deliveries(made.id)
    assert delivery.id == tried
    assert recoup.webhook_endpoints.change(made.id, description="Desk").description == "Desk"
    assert recoup.webhook_endpoints.rotate_secret(made.id, overlap_h=1).secret != made.secret
    assert recoup.webhook_endpoints.replay_failed(made.id, since=made.created_at) == 0
    assert made.id in [each.id for each in recoup.webhook_endpoints.list()]

    recoup.webhook_endpoints.remove(made.id)
    with pytest.raises(recoup_client.NotFound):
        recoup.webhook_endpoints.get(made.id)
    with pytest.raises(recoup_client.Refused) as refusal:
        recoup.webhook_endpoints.create(url="https://10.0.0.1/", event_types=["refund.approved"])
    assert refusal.value.code == "url_refused"


def test_nothing_is_said_to_a_company_that_moves_real_money_unless_it_is_meant(house, demo):
    company = demo["api_keys"][1]
    with Recoup(api_key=company["key"], base_url=house.running.web_url, retrying=QUICK) as practice:
        whose = practice.company()
        order = practice.orders.put(told())
    with house.superuser() as database:
        database.execute("UPDATE merchants_merchant SET mode = 'live' WHERE id = %s", [whose.id])
        try:
            with Recoup(api_key=company["key"], base_url=house.running.web_url, retrying=QUICK) as careless:
                with pytest.raises(recoup_client.LiveCompany, match="live=True"):
                    ask(careless, order)
                with pytest.raises(recoup_client.LiveCompany):
                    careless.orders.get(order.number)
            with Recoup(api_key=company["key"], base_url=house.running.web_url, retrying=QUICK, live=True) as meant:
                assert list(meant.refunds.list(order_number=order.number)) == []
                assert ask(meant, order).amount_requested_minor == 1250
        finally:
            database.execute("UPDATE merchants_merchant SET mode = 'practice' WHERE id = %s", [whose.id])


def test_the_models_know_everything_that_the_document_tells(recoup):
    from dataclasses import fields

    schemas = recoup.call("GET", "/openapi.json")["components"]["schemas"]
    for model, schema in {
        recoup_client.Company: "CompanyOut",
        recoup_client.Refund: "RefundOut",
        recoup_client.RefundInFull: "RefundInFullOut",
        recoup_client.RefundLine: "RefundLineOut",
        recoup_client.Payout: "PayoutOut",
        recoup_client.Happening: "HappeningOut",
        recoup_client.Order: "OrderOut",
        recoup_client.OrderLine: "LineOut",
        recoup_client.OrderPayment: "PaymentOut",
        recoup_client.OrderResult: "ItemOut",
        recoup_client.KeyMade: "KeyMadeOut",
        recoup_client.WebhookEndpoint: "EndpointOut",
        recoup_client.WebhookEndpointMade: "EndpointMadeOut",
        recoup_client.WebhookSecret: "SecretOut",
        recoup_client.Delivery: "DeliveryOut",
        recoup_client.Attempt: "AttemptOut",
    }.items():
        assert {field.name for field in fields(model)} == set(schemas[schema]["properties"]), schema
    for wanted, schema in {
        recoup_client.OrderTold: "OrderIn",
        recoup_client.Line: "LineIn",
        recoup_client.Payment: "PaymentIn",
        recoup_client.Item: "Item",
        recoup_client.Grant: "GrantIn",
    }.items():
        assert set(wanted.__annotations__) == set(schemas[schema]["properties"]), schema
        assert wanted.__required_keys__ == set(schemas[schema].get("required", ())), schema
