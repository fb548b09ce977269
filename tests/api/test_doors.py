"""Who may come in, and how they are told that they may not."""

from datetime import timedelta

import pytest

from recoup.kernel import ids
from tests.api.callers import Caller, is_problem


def test_without_a_key_nobody_comes_in(caller):
    response = caller.get("/refunds", secret="")

    assert is_problem(response, 401, "not_authenticated")
    assert response["WWW-Authenticate"].startswith("Bearer")


@pytest.mark.parametrize("secret", ["rk_wrong", "nonsense", "rk_", "Bearer", "rk_" + "é" * 40])
def test_a_key_nobody_gave_opens_nothing(caller, secret):
    assert is_problem(caller.get("/refunds", secret=secret), 401, "not_authenticated")


def test_a_key_opens_nothing_after_its_end(shop):
    late = Caller(shop, "refunds:read", expires_at=shop.now - timedelta(seconds=1))

    assert is_problem(late.get("/refunds"), 401)


@pytest.mark.parametrize(
    ("scope", "method", "path", "body"),
    [
        ("refunds:read", "GET", "/refunds", None),
        ("refunds:read", "GET", "/refunds/{case}", None),
        ("refunds:write", "POST", "/refunds", {"order_number": "1", "reason": "changed_mind"}),
        ("refunds:write", "POST", "/refunds/{case}/withdraw", None),
        ("refunds:write", "POST", "/refunds/{case}/appeal", {"words": "Please look again."}),
        ("refunds:review", "POST", "/refunds/{case}/approve", {}),
        ("refunds:review", "POST", "/refunds/{case}/reject", {"words": "It was worn for a year."}),
        ("refunds:review", "POST", "/refunds/{case}/ask-evidence", {"words": "Show us."}),
        ("refunds:review", "POST", "/refunds/{case}/goods", {"grade": "graded_ok"}),
        ("keys:write", "POST", "/keys", {"label": "x", "scopes": ["refunds:read"]}),
        ("keys:write", "POST", "/keys/{case}/rotate", None),
        ("keys:write", "POST", "/keys/{case}/revoke", None),
    ],
)
def test_each_door_needs_its_own_scope(shop, scope, method, path, body):
    others = {"orders:read", "orders:write", "refunds:read", "refunds:write", "refunds:review", "keys:write"} - {scope}
    without = Caller(shop, *others)

    response = without.send(method, path.format(case=ids.uuid7()), body, key="k")

    assert is_problem(response, 403, "ACCESS_DENIED")
    assert response.json()["scope"] == scope


def test_a_case_of_another_company_looks_like_none(shop, caller, noon):
    from recoup.merchants import actions as merchants
    from tests.database import Shop

    other = ids.uuid7()
    merchants.register(
        merchant_id=other, slug=f"o-{other.hex[-10:]}", name="Other", country="SG", currency="SGD", by="test", at=noon
    )
    stranger = Caller(Shop(other, "other", ids.uuid7(), noon))
    case_id = caller.ask(shop.order(("sofa", 1, 90_000))).json()["id"]

    for method, path, body in (
        ("GET", "", None),
        ("POST", "/withdraw", None),
        ("POST", "/approve", {}),
        ("POST", "/reject", {"words": "It was worn for a year."}),
        ("POST", "/appeal", {"words": "Please."}),
    ):
        theirs = stranger.send(method, f"/refunds/{case_id}{path}", body, x_request_id="one-and-the-same")
        nobodys = stranger.send(method, f"/refunds/{ids.uuid7()}{path}", body, x_request_id="one-and-the-same")
        assert is_problem(theirs, 404, "not_found")
        assert theirs.content == nobodys.content
    assert stranger.get("/refunds").json() == {"data": [], "next_cursor": None}
    assert caller.get(f"/refunds/{case_id}").json()["state"] == "in_review"


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/nothing-here", 404),
        ("GET", "/refunds/not-a-uuid", 400),
        ("DELETE", "/refunds", 405),
        ("PATCH", "/keys", 405),
        ("GET", "/refunds?limit=0", 400),
        ("GET", "/refunds?limit=many", 400),
        ("GET", "/refunds?cursor=%00", 400),
        ("GET", "/refunds?cursor=abc", 400),
        ("GET", "/refunds?state=lost", 400),
        ("GET", "/refunds?order_number=%00", 400),
        ("GET", "/refunds?surprise=1", 400),
    ],
)
def test_every_error_is_a_problem_document(caller, method, path, status):
    response = caller.send(method, path)

    assert response.status_code in (status, 404 if "not-a-uuid" in path else status)
    assert is_problem(response, response.status_code)


def test_a_wrong_method_is_told_the_right_one(caller):
    assert set(caller.send("DELETE", "/refunds")["Allow"].replace(" ", "").split(",")) >= {"GET", "POST"}
