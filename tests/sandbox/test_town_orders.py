"""A merchant's own order system: another schema than ours, behind, slow or down when a test says so."""

import http.client
import json
import secrets
import time
import urllib.error
import urllib.request
from typing import Any

import pytest

from tests.sandbox.programs import start


def an_order(number: str, **changes: Any) -> dict[str, Any]:
    """An order as this merchant writes it."""
    return {
        "orderNumber": number,
        "placedAt": "2026-07-01T08:30:00Z",
        "state": "delivered",
        "buyer": {"fullName": "Tan Mei Ling", "email": "Mei@example.com", "phone": "+6591234567", "countryCode": "SG"},
        "currencyCode": "SGD",
        "basket": [
            {
                "lineRef": "1",
                "sku": "LAMP-1",
                "title": "Desk lamp",
                "category": "home",
                "quantity": 2,
                "price": {"unit": "49.90", "discount": "0.00", "tax": {"percent": "9", "amount": "8.24"}},
                "finalSale": False,
            }
        ],
        "delivery": {"method": "standard", "price": "4.00", "deliveredAt": "2026-07-03T10:00:00Z"},
        "orderDiscount": None,
        "totals": {"goods": "99.80", "delivery": "4.00", "discount": "0.00", "tax": "8.57", "paid": "103.80"},
        "payments": [{"kind": "card", "gateway": "stripe", "chargeId": "ch_1", "amount": "103.80"}],
        **changes,
    }


class Merchant:
    """One shop's own API, as a connector would call it."""

    def __init__(self, town):
        self.town, self.name, self.key = town, f"shop-{secrets.token_hex(4)}", secrets.token_hex(8)
        town.post("/_practice/shops", {"name": self.name, "api_key": self.key})

    def ask(self, path, method="GET", body=None, **headers):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.town.url + path, data, {"X-Api-Key": self.key, **headers}, method=method)
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                return answer.status, json.load(answer), answer.headers
        except urllib.error.HTTPError as error:
            with error:
                text = error.read()
                return error.code, json.loads(text) if text else None, error.headers

    def fault(self, **fault):
        return self.town.post("/_practice/order-faults", {"shop": self.name, **fault})


@pytest.fixture
def merchant(town):
    return Merchant(town)


def test_an_order_is_found_by_its_number(merchant):
    merchant.ask("/orders", "POST", an_order("A-1"))

    status, answer, _ = merchant.ask("/orders/A-1")

    assert (status, answer["order"]["totals"]["paid"]) == (200, "103.80")
    assert answer["order"]["updatedAt"]
    assert merchant.ask("/orders/A-2")[0] == 404


def test_a_shop_sees_only_its_own_orders(merchant, town):
    merchant.ask("/orders", "POST", an_order("A-1"))

    assert Merchant(town).ask("/orders/A-1")[0] == 404
    assert merchant.ask("/orders/A-1", **{"X-Api-Key": "guess"})[0] == 401


def test_an_unchanged_order_is_not_sent_again(merchant):
    merchant.ask("/orders/A-1", "PUT", an_order("A-1"))
    _, first, headers = merchant.ask("/orders/A-1")

    assert merchant.ask("/orders/A-1", **{"If-None-Match": headers["ETag"]})[0] == 304
    assert merchant.ask(f"/orders/A-1?if_updated_since={first['order']['updatedAt']}")[0] == 304

    merchant.ask("/orders/A-1", "PUT", an_order("A-1", state="returned"))
    status, answer, _ = merchant.ask("/orders/A-1", **{"If-None-Match": headers["ETag"]})
    assert (status, answer["order"]["state"]) == (200, "returned")


def test_orders_are_listed_by_buyer_in_pages(merchant):
    merchant.ask("/orders", "POST", {"orders": [an_order(f"A-{number}") for number in range(5)]})
    merchant.ask("/orders", "POST", an_order("B-1", buyer={"email": "raj@example.com"}))

    _, first, _ = merchant.ask("/orders?email=mei@EXAMPLE.com&limit=3")
    _, rest, _ = merchant.ask(f"/orders?email=mei@example.com&limit=3&cursor={first['nextCursor']}")

    numbers = [order["orderNumber"] for order in first["orders"] + rest["orders"]]
    assert sorted(numbers) == ["A-0", "A-1", "A-2", "A-3", "A-4"]
    assert rest["nextCursor"] is None


@pytest.mark.parametrize(
    "wrong",
    [
        {"basket": []},
        {"totals": {"paid": 103.8}},
        {"totals": {"paid": "1e3"}},
        {"buyer": {}},
        {"payments": [{"amount": "-"}]},
    ],
)
def test_what_is_no_order_is_refused_with_all_its_neighbours(merchant, wrong):
    status, answer, _ = merchant.ask("/orders", "POST", {"orders": [an_order("A-1"), an_order("A-2", **wrong)]})

    assert status == 422
    assert answer["error"]["message"]
    assert merchant.ask("/orders/A-1")[0] == 404


def test_the_merchants_database_can_be_behind(merchant):
    merchant.ask("/orders/A-1", "PUT", an_order("A-1", state="shipped"))
    merchant.ask("/orders/A-1", "PUT", an_order("A-1", state="delivered"))
    merchant.fault(number="A-1", is_unknown=True)
    merchant.fault(number="A-1", is_stale=True)

    seen = [merchant.ask("/orders/A-1") for _ in range(3)]

    assert seen[0][0] == 404
    assert [answer["order"]["state"] for _, answer, _ in seen[1:]] == ["shipped", "delivered"]


def test_the_merchants_system_can_be_slow_broken_or_gone(merchant):
    merchant.ask("/orders/A-1", "PUT", an_order("A-1"))
    merchant.fault(sleep_s=0.3, status=503)
    merchant.fault(drop=True)
    merchant.fault(garbage=True)

    begun = time.monotonic()
    assert merchant.ask("/orders/A-1")[0] == 503
    assert time.monotonic() - begun > 0.29
    with pytest.raises((http.client.RemoteDisconnected, ConnectionResetError)):
        merchant.ask("/orders/A-1")
    with pytest.raises(json.JSONDecodeError):
        merchant.ask("/orders/A-1")
    assert merchant.ask("/orders/A-1")[0] == 200


def test_a_town_is_seeded_from_a_file_and_remembers(tmp_path):
    seed = tmp_path / "seed.json"
    seed.write_text(json.dumps({"shops": [{"name": "lamps", "api_key": "k1", "orders": [an_order("A-1")]}]}))
    for _ in range(2):
        town = start("recoup_sandbox.town", tmp_path, RECOUP_TOWN_SEED=str(seed))
        try:
            assert town.get("/_practice/shops") == {"shops": [{"name": "lamps", "api_key": "k1", "orders": 1}]}
        finally:
            assert town.stop() == 0
