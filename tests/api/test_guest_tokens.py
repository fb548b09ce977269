"""A company gives its shopper a token: it opens one case, and nothing else."""

import hashlib
from datetime import timedelta

import pytest

from recoup.kernel import clock, ids
from tests.api.callers import Caller, is_problem
from tests.api.test_gateway import token_event


def test_a_guest_reads_the_one_case_and_none_other(shop, caller, case_id, token):
    another = caller.ask(shop.order(("sofa", 1, 90_000))).json()["id"]

    mine = caller.get(f"/refunds/{case_id}", secret=token)
    theirs = caller.get(f"/refunds/{another}", secret=token)
    nobodys = caller.get(f"/refunds/{ids.uuid7()}", secret=token)

    assert mine.status_code == 200
    assert mine.json()["id"] == case_id
    assert is_problem(theirs, 404, "not_found")
    assert is_problem(nobodys, 404, "not_found")
    named = {"detail", "title", "type", "code", "status"}
    assert {name: theirs.json().get(name) for name in named} == {name: nobodys.json().get(name) for name in named}


def test_a_guest_is_not_told_what_is_the_companys_business(caller, case_id, token):
    from recoup.refunds.for_guests import OF_SHOPPERS

    whole = caller.get(f"/refunds/{case_id}").json()
    told = caller.get(f"/refunds/{case_id}", secret=token).json()

    assert set(told) == set(whole)
    assert told["rule"] is None
    assert "guest_token.given" in {one["kind"] for one in whole["timeline"]}
    assert {one["kind"] for one in told["timeline"]} <= OF_SHOPPERS
    assert "case.submitted" in {one["kind"] for one in told["timeline"]}


def test_guests_hear_of_what_the_shoppers_page_has_words_for(database):
    from recoup.refunds.for_guests import OF_SHOPPERS
    from recoup.web.shopper import story

    assert set(story._WORDS) == OF_SHOPPERS


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "/refunds", None),
        ("GET", "/orders", None),
        ("POST", "/refunds", {"order_number": "1", "reason": "changed_mind"}),
        ("POST", "/refunds/{case}/withdraw", None),
        ("POST", "/refunds/{case}/appeal", {"words": "Please look again."}),
        ("POST", "/refunds/{case}/approve", {}),
        ("POST", "/refunds/{case}/reject", {"words": "no"}),
        ("POST", "/refunds/{case}/goods", {"grade": "graded_ok"}),
        ("POST", "/refunds/{case}/guest-token", None),
        ("DELETE", "/refunds/{case}/guest-token", None),
        ("POST", "/keys", {"label": "x", "scopes": ["refunds:read"]}),
    ],
)
def test_a_guest_does_nothing_else(caller, case_id, token, method, path, body):
    response = caller.send(method, path.format(case=case_id), body, secret=token, key="k")

    assert is_problem(response, 403, "ACCESS_DENIED")


def test_a_token_that_was_taken_back_opens_nothing_and_looks_like_a_guess(caller, case_id, token):
    second = caller.post(f"/refunds/{case_id}/guest-token").json()["token"]
    taken = caller.send("DELETE", f"/refunds/{case_id}/guest-token")
    again = caller.send("DELETE", f"/refunds/{case_id}/guest-token")

    assert (taken.json()["revoked"], again.json()["revoked"]) == (2, 0)
    for dead in (token, second, "gt_", f"gt_{'A' * 22}", f"{token}x", token.removeprefix("gt_"), f"gt_{'A' * 9000}"):
        assert is_problem(caller.get(f"/refunds/{case_id}", secret=dead), 401, "not_authenticated")


def test_a_token_ends_after_thirty_days(shop, caller, case_id, database):
    from recoup.identity import actions, queries

    at = clock.now()
    token, ends = actions.give_guest_token(
        merchant_id=shop.id, case_id=ids.uuid7(), email="mei@example.com", by="test", at=at
    )

    assert ends == at + timedelta(days=30)
    assert queries.guest_by_token(token, at=ends - timedelta(seconds=1)) is not None
    assert queries.guest_by_token(token, at=ends) is None


def test_the_token_is_kept_hashed_and_has_128_bits(caller, case_id, token, database):
    from django.db import connection

    assert token.startswith("gt_")
    assert len(token.removeprefix("gt_")) == 22
    with connection.cursor() as cursor:
        cursor.execute("SELECT case_id FROM identity_find_pass(%s)", [hashlib.sha256(token.encode()).digest()])
        found = cursor.fetchone()
    assert found is not None
    assert str(found[0]) == case_id


def test_a_pass_of_the_pages_is_none_for_the_api(shop, caller, case_id, database):
    """A page's pass opens all cases of an address; at the API a token opens one."""
    from recoup.access import tenancy
    from recoup.identity import codes
    from recoup.identity.models import GuestPass

    at, shown = clock.now(), f"gt_{codes.new_token()}"

    @tenancy.action
    def keep(*, merchant_id):
        GuestPass.objects.create(
            merchant_id=merchant_id,
            token_hash=codes.hash_token(shown),
            email="mei@example.com",
            created_at=at,
            expires_at=at + timedelta(days=1),
        )

    keep(merchant_id=shop.id)

    assert is_problem(caller.get(f"/refunds/{case_id}", secret=shown), 401, "not_authenticated")


def test_only_a_key_that_may_write_gives_tokens_and_only_for_its_companys_cases(shop, caller, case_id):
    reader = Caller(shop, "refunds:read")

    assert is_problem(reader.post(f"/refunds/{case_id}/guest-token"), 403, "ACCESS_DENIED")
    assert is_problem(caller.post(f"/refunds/{ids.uuid7()}/guest-token"), 404, "not_found")
    assert is_problem(caller.send("DELETE", f"/refunds/{ids.uuid7()}/guest-token"), 404, "not_found")


def test_a_gateway_is_told_the_same_of_a_guest(shop, case_id, token):
    gateway = Caller(shop, "gateway:authorize")

    def effect(path, method="GET"):
        told = gateway.post("/authorizer", token_event(f"Bearer {token}", method, path)).json()
        (statement,) = told["policyDocument"]["Statement"]
        assert told["principalId"].startswith("guest:")
        return statement["Effect"]

    assert effect(f"api/v1/refunds/{case_id}") == "Allow"
    assert effect(f"api/v1/refunds/{ids.uuid7()}") == "Deny"
    assert effect("api/v1/refunds") == "Deny"
    assert effect(f"api/v1/refunds/{case_id}/withdraw", "POST") == "Deny"


def test_a_guest_who_asks_all_day_is_slowed_alone(caller, case_id, token):
    from recoup.access import limits_rules

    rule = limits_rules.RULES["api.guest"]
    assert (rule.quota, rule.window_s) == (60, 60)

    answer = caller.get(f"/refunds/{case_id}", secret=token)

    assert '"api.guest"' in answer["RateLimit-Policy"]
    assert '"api.key"' not in answer["RateLimit-Policy"]
