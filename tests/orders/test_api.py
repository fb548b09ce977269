"""Orders over the JSON API: strict, repeatable, one answer per order of a bulk, and nobody else's orders."""

import json

import pytest

from tests.orders.counters import Counter

access = Counter("recoup.access.actions")


@pytest.fixture
def api(shop):
    return Api(shop, ["orders:read", "orders:write"])


class Api:
    """A merchant's server."""

    def __init__(self, shop, scopes):
        from django.test import Client

        self.shop = shop
        _, secret = access.create_key(merchant_id=shop.id, label="Test", scopes=scopes, by="test", at=shop.now)
        self.client = Client(headers={"authorization": f"Bearer {secret}"})

    def post(self, body, path=""):
        answer = self.client.post(f"/api/v1/orders{path}", json.dumps(body), content_type="application/json")
        return answer.status_code, answer.json()

    def get(self, path=""):
        answer = self.client.get(f"/api/v1/orders{path}")
        return answer.status_code, answer.json()

    def order(self, number="A-1", **changes):
        return {
            "number": number,
            "placed_at": "2026-11-02T17:30:00+08:00",
            "currency": "SGD",
            "email": "mei@example.com",
            "lines": [{"sku": "MUG", "quantity": 2, "unit_price_minor": 1000}],
            "payments": [{"charge_id": f"ch_{self.shop.slug}_{number}", "amount_minor": 2000}],
            **changes,
        }


def test_a_new_order_is_created_and_told_again_it_is_the_same(api):
    status, told = api.post(api.order())
    again, same = api.post(api.order())

    assert (status, again) == (201, 200)
    assert told["id"] == same["id"]
    assert (told["placed_at"], told["paid_minor"]) == ("2026-11-02T09:30:00Z", 2000)
    assert told["payments"][0]["refundable_minor"] == 2000
    assert api.get("/A-1") == (200, same)


@pytest.mark.parametrize(
    "wrong",
    [
        {"colour": "red"},
        {"currency": "sgd"},
        {"placed_at": "2026-11-02T17:30:00"},
        {"placed_at": 1_762_075_800},
        {"placed_at": "1762075800"},
        {"lines": []},
        {"lines": [{"sku": "MUG", "quantity": "2", "unit_price_minor": 1000}]},
        {"lines": [{"sku": "MUG", "quantity": 2, "unit_price_minor": 10.5}]},
        {"lines": [{"sku": "MUG", "quantity": 2, "unit_price_minor": 1000, "image_url": "javascript:alert(1)"}]},
        {"status": "gone"},
    ],
)
def test_wrong_words_are_refused_with_a_problem(api, wrong):
    status, problem = api.post(api.order(**wrong))

    assert (status, problem["code"]) == (400, "invalid_request")


def test_sums_that_differ_are_refused_with_both_sums(api):
    status, problem = api.post(api.order(shipping_minor=400))

    assert (status, problem["code"]) == (422, "sums_differ")
    assert (problem["parts_minor"], problem["told_minor"]) == (2400, 2000)


def test_of_a_bulk_each_order_is_answered_by_itself(api):
    api.post(api.order("A-1"))
    bulk = [api.order("A-1"), api.order("A-2"), api.order("A-3", shipping_minor=1), api.order("A-4", x=1), {}]

    status, answer = api.post({"orders": bulk}, "/bulk")

    assert status == 200
    assert [one["outcome"] for one in answer["results"]] == ["refreshed", "new", "refused", "refused", "refused"]
    assert [one["problem"]["code"] for one in answer["results"][2:]] == ["sums_differ", "not_an_order", "not_an_order"]
    assert api.get("/A-2")[0] == 200
    assert api.get("/A-3")[0] == 404


def test_a_bulk_has_its_limit(api):
    assert api.post({"orders": [{}] * 1001}, "/bulk")[0] == 400


def test_orders_are_listed_by_pages_without_gaps(api):
    for number in range(5):
        api.post(api.order(f"A-{number}"))

    _, first = api.get("?limit=2")
    _, second = api.get(f"?limit=2&cursor={first['next_cursor']}")
    _, third = api.get(f"?limit=2&cursor={second['next_cursor']}")

    numbers = [one["number"] for page in (first, second, third) for one in page["data"]]
    assert numbers == ["A-4", "A-3", "A-2", "A-1", "A-0"]
    assert third["next_cursor"] is None


def test_a_key_without_the_scope_is_refused(shop):
    reader = Api(shop, ["orders:read"])

    assert reader.post(reader.order())[0] == 403
    assert reader.get("/A-1")[0] == 404


def test_another_companys_order_is_not_there(api, request):
    api.post(api.order())
    other = Api(_another_shop(request), ["orders:read", "orders:write"])

    assert other.get("/A-1")[0] == 404
    assert other.get()[1]["data"] == []
    assert other.post({**other.order(), "payments": []})[0] == 201


def _another_shop(request):
    import secrets
    from dataclasses import replace

    from recoup.kernel import ids

    shop = request.getfixturevalue("shop")
    slug = f"other-{secrets.token_hex(4)}"
    merchant_id = ids.uuid7()
    Counter("recoup.merchants.actions").register(
        merchant_id=merchant_id, slug=slug, name=slug, country="SG", currency="SGD", by="test", at=shop.now
    )
    return replace(shop, id=merchant_id, slug=slug)
