"""A company's server looks after its webhook endpoints."""

import pytest

from tests.api.callers import Caller, is_problem
from tests.callbacks.conftest import listens
from tests.refunds.asking import ask, rows

URL = "https://8.8.8.8/hooks"


@pytest.fixture
def caller(shop):
    return Caller(shop, "webhooks:read", "webhooks:write")


def made(caller, **changes):
    return caller.post("/webhook-endpoints", {"url": URL, "event_types": ["refund.approved"]} | changes)


def test_an_endpoint_is_made_with_a_secret_that_is_shown_once(shop, caller):
    response = made(caller, description="Till")

    assert response.status_code == 201
    told = response.json()
    assert told["secret"].startswith("whsec_")
    assert told["is_enabled"] is True
    again = caller.get(f"/webhook-endpoints/{told['id']}").json()
    assert again == {name: value for name, value in told.items() if name != "secret"}
    assert caller.get("/webhook-endpoints").json()["data"] == [again]
    assert not any(told["secret"] in row[0] for row in rows(shop, "SELECT data::text FROM events_event"))


def test_each_door_needs_its_own_scope(shop, caller):
    endpoint_id = made(caller).json()["id"]
    reader, stranger = Caller(shop, "webhooks:read"), Caller(shop, "refunds:read", "webhooks:write")

    for method, path in (("POST", ""), ("PATCH", f"/{endpoint_id}"), ("DELETE", f"/{endpoint_id}"),
                         ("POST", f"/{endpoint_id}/rotate-secret"), ("POST", f"/{endpoint_id}/test"),
                         ("POST", f"/{endpoint_id}/replay")):  # fmt: skip
        assert is_problem(reader.send(method, f"/webhook-endpoints{path}", {}), 403, "ACCESS_DENIED"), path
    for path in ("", f"/{endpoint_id}", f"/{endpoint_id}/deliveries"):
        assert is_problem(stranger.get(f"/webhook-endpoints{path}"), 403, "ACCESS_DENIED"), path


def test_an_endpoint_of_another_company_is_not_there(shop, caller, noon):
    from recoup.kernel import ids
    from recoup.merchants import actions as merchants
    from tests.database import Shop

    other = ids.uuid7()
    merchants.register(
        merchant_id=other, slug=f"o-{other.hex[-10:]}", name="Other", country="SG", currency="SGD", by="test", at=noon
    )
    stranger = Caller(Shop(other, "other", ids.uuid7(), noon), "webhooks:read", "webhooks:write")
    endpoint_id = made(caller).json()["id"]

    for method, path, body in (
        ("GET", "", None),
        ("PATCH", "", {"is_enabled": False}),
        ("DELETE", "", None),
        ("POST", "/rotate-secret", {}),
        ("POST", "/test", None),
        ("POST", "/replay", {"since": "2026-11-01T00:00:00Z"}),
        ("GET", "/deliveries", None),
        ("GET", f"/deliveries/{ids.uuid7()}", None),
        ("POST", f"/deliveries/{ids.uuid7()}/replay", None),
    ):
        theirs = stranger.send(method, f"/webhook-endpoints/{endpoint_id}{path}", body, x_request_id="one-and-the-same")
        nobodys = stranger.send(
            method, f"/webhook-endpoints/{ids.uuid7()}{path}", body, x_request_id="one-and-the-same"
        )
        assert is_problem(theirs, 404, "not_found"), (method, path)
        assert theirs.content == nobodys.content
    assert caller.get(f"/webhook-endpoints/{endpoint_id}").json()["is_enabled"] is True


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"url": "http://shop.sg/"}, 422),
        ({"url": "https://10.0.0.1/"}, 422),
        ({"url": ""}, 400),
        ({"event_types": []}, 400),
        ({"event_types": ["refund.lost"]}, 400),
        ({"secret": "whsec_mine"}, 400),
        ({"merchant_id": "0"}, 400),
        ({"description": "x" * 201}, 400),
    ],
)
def test_an_endpoint_is_asked_for_strictly(caller, change, status):
    assert is_problem(made(caller, **change), status)
    assert caller.get("/webhook-endpoints").json() == {"data": []}


def test_a_company_has_ten_endpoints_at_most(caller):
    for _ in range(10):
        assert made(caller).status_code == 201

    assert is_problem(made(caller), 409, "too_many_endpoints")


def test_an_endpoint_is_changed_switched_off_and_on_and_removed(caller):
    path = f"/webhook-endpoints/{made(caller).json()['id']}"

    told = caller.send("PATCH", path, {"event_types": ["payout.failed", "refund.closed"], "description": "New"}).json()
    assert (told["event_types"], told["description"]) == (["refund.closed", "payout.failed"], "New")
    assert is_problem(caller.send("PATCH", path, {"url": "https://127.0.0.1/"}), 422, "url_refused")
    told = caller.send("PATCH", path, {"is_enabled": False}).json()
    assert (told["is_enabled"], told["disabled_because"]) == (False, "switched_off")
    assert is_problem(caller.post(f"{path}/test"), 409, "endpoint_switched_off")
    assert caller.send("PATCH", path, {"is_enabled": True}).json()["disabled_because"] == ""
    assert caller.send("DELETE", path).json()["is_removed"] is True
    assert is_problem(caller.get(path), 404)


def test_a_secret_is_replaced(caller):
    told = made(caller).json()

    answer = caller.post(f"/webhook-endpoints/{told['id']}/rotate-secret", {"overlap_h": 2})

    assert answer.status_code == 201
    assert answer.json()["secret"] not in ("", told["secret"])
    assert is_problem(caller.post(f"/webhook-endpoints/{told['id']}/rotate-secret", {"overlap_h": 169}), 400)


def test_what_was_sent_can_be_read_and_sent_again(shop, caller, receiver, sender):
    view, secret = listens(shop, receiver)
    path = f"/webhook-endpoints/{view.id}"
    assert caller.post(f"{path}/test").status_code == 202
    sender.sends()
    (delivery,) = caller.get(f"{path}/deliveries").json()["data"]
    assert delivery["state"] == "delivered"
    assert [attempt["status"] for attempt in delivery["attempts"]] == [200]
    assert delivery["message_id"] == receiver.came[0][1]["webhook-id"]

    assert caller.post(f"{path}/deliveries/{delivery['id']}/replay").status_code == 202
    sender.sends()

    assert receiver.came[0][1]["webhook-id"] == receiver.came[1][1]["webhook-id"]
    assert receiver.came[0][2] == receiver.came[1][2]
    whole = caller.get(f"{path}/deliveries/{delivery['id']}").json()
    assert [attempt["status"] for attempt in whole["attempts"]] == [200, 200]
    assert secret not in str(whole)


def test_everything_that_failed_since_a_time_is_sent_again_in_order(shop, caller, receiver, sender):
    view, _ = listens(shop, receiver)
    path = f"/webhook-endpoints/{view.id}"
    ask(shop, shop.order(("mug", 1, 500)))
    receiver.says(410)
    sender.hears()
    sender.sends()
    assert is_problem(caller.post(f"{path}/replay", {"since": "2026-01-01T00:00:00Z"}), 409, "endpoint_switched_off")
    caller.send("PATCH", path, {"is_enabled": True})
    assert caller.post(f"{path}/replay", {"since": "2036-01-01T00:00:00Z"}).json() == {"count": 0}

    assert caller.post(f"{path}/replay", {"since": "2026-01-01T00:00:00Z"}).json() == {"count": 2}
    sender.sends()

    assert [message["sequence"] for message in receiver.messages[1:]] == [1, 2]
    assert [row[2] for row in sender.deliveries()] == ["delivered", "delivered"]
    assert len(caller.get(f"{path}/deliveries?state=delivered&limit=1").json()["data"]) == 1
    assert caller.get(f"{path}/deliveries?limit=1").json()["next_cursor"]
    assert is_problem(caller.get(f"{path}/deliveries?state=lost"), 400)
