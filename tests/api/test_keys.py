"""A company's keys: made, replaced, taken away, and never widened."""

from datetime import datetime, timedelta

import pytest

from recoup.kernel import ids
from tests.api.callers import Caller, is_problem
from tests.refunds.asking import rows


def test_a_key_that_was_given_opens_what_it_says(caller):
    made = caller.post("/keys", {"label": "till", "scopes": ["refunds:read"]})

    assert made.status_code == 201
    secret = made.json()["secret"]
    assert caller.get("/refunds", secret=secret).status_code == 200
    assert is_problem(caller.post("/keys", {"label": "x", "scopes": ["keys:write"]}, secret=secret), 403)


def test_only_the_hash_of_a_key_is_kept(shop, caller):
    secret = caller.post("/keys", {"label": "till", "scopes": ["refunds:read"]}).json()["secret"]

    assert secret.encode() not in b"".join(bytes(row[0]) for row in rows(shop, "SELECT secret_hash FROM access_apikey"))
    told = rows(shop, "SELECT data::text FROM events_event")
    assert not any(secret in row[0] or secret[3:] in row[0] for row in told)


def test_a_key_cannot_give_what_it_lacks(shop):
    weak = Caller(shop, "keys:write", "refunds:read")

    assert is_problem(weak.post("/keys", {"label": "x", "scopes": ["refunds:review"]}), 403, "ACCESS_DENIED")


def test_a_key_cannot_become_a_stronger_one_by_rotating_it(shop, caller):
    weak = Caller(shop, "keys:write")

    assert is_problem(weak.post(f"/keys/{caller.key_id}/rotate"), 403, "ACCESS_DENIED")
    assert weak.post(f"/keys/{weak.key_id}/rotate").status_code == 201


def test_rotating_does_not_outlive_the_end_of_a_key(shop):
    ends_at = shop.now + timedelta(hours=2)
    short = Caller(shop, "keys:write", expires_at=ends_at)

    new_id = short.post(f"/keys/{short.key_id}/rotate").json()["id"]

    assert rows(shop, "SELECT expires_at FROM access_apikey WHERE id = %s", new_id) == [(ends_at,)]


def test_both_keys_work_while_one_replaces_the_other(shop, caller):
    made = caller.post(f"/keys/{caller.key_id}/rotate").json()

    assert caller.get("/refunds").status_code == 200
    assert caller.get("/refunds", secret=made["secret"]).status_code == 200
    ((ends_at,),) = rows(shop, "SELECT expires_at FROM access_apikey WHERE id = %s", caller.key_id)
    assert ends_at <= datetime.now(ends_at.tzinfo) + timedelta(hours=24)


def test_a_revoked_key_opens_nothing_from_the_next_request_on(shop, caller):
    lost = Caller(shop, "refunds:read")
    assert lost.get("/refunds").status_code == 200

    assert caller.post(f"/keys/{lost.key_id}/revoke").json()["is_revoked"] is True

    assert is_problem(lost.get("/refunds"), 401)
    assert is_problem(caller.post(f"/keys/{lost.key_id}/revoke"), 404)


def test_a_key_of_nobody_or_of_another_company_is_not_there(shop, caller, noon):
    from recoup.merchants import actions as merchants
    from tests.database import Shop

    other = ids.uuid7()
    merchants.register(
        merchant_id=other, slug=f"o-{other.hex[-10:]}", name="Other", country="SG", currency="SGD", by="test", at=noon
    )
    stranger = Caller(Shop(other, "other", ids.uuid7(), noon))

    for verb in ("rotate", "revoke"):
        assert is_problem(caller.post(f"/keys/{stranger.key_id}/{verb}"), 404)
    assert stranger.get("/refunds").status_code == 200


@pytest.mark.parametrize(
    "body",
    [
        {"label": "x", "scopes": []},
        {"label": "", "scopes": ["refunds:read"]},
        {"label": "x", "scopes": ["everything"]},
        {"label": "x", "scopes": "refunds:read"},
        {"label": "x", "scopes": ["refunds:read"], "secret": "rk_mine"},
        {"label": "x", "scopes": ["refunds:read"], "merchant_id": "0"},
        {"label": "x", "scopes": ["refunds:read"], "expires_at": None},
    ],
)
def test_a_key_is_asked_for_strictly(caller, body):
    response = caller.post("/keys", body)

    assert response.status_code in (400, 403)
    assert is_problem(response, response.status_code)
