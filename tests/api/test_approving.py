"""A company's server approves: within its limit at once, above it as the first of two, always with a stable code."""

from datetime import timedelta

import pytest

from tests.api.callers import Caller, is_problem
from tests.refunds.asking import do, hire, rows


@pytest.fixture
def sofa(shop, caller):
    """A case that waits for somebody to decide."""
    return lambda: caller.ask(shop.order(("sofa", 1, 90_000))).json()["id"]


@pytest.fixture
def limits(shop):
    from recoup.merchants import actions, queries

    def say(**told):
        at = shop.now - timedelta(days=3)
        actions.set_approval_limits(merchant_id=shop.id, limits=queries.Limits(**told), by="person:boss", at=at)

    return say


def key(shop, caller, **more):
    made = caller.post("/keys", {"label": "till", "scopes": ["refunds:review"], **more})
    assert made.status_code == 201
    return made.json()["secret"]


def test_a_yes_above_the_limit_is_kept_and_says_what_it_takes(shop, caller, sofa, limits):
    limits(key_limit_minor=50_000)
    case_id = sofa()

    first = caller.post(f"/refunds/{case_id}/approve", {"note": "It arrived broken."})
    again = caller.post(f"/refunds/{case_id}/approve", {"note": "It arrived broken."})

    assert (first.status_code, first.json()["state"], first.json()["is_granted"]) == (202, "in_review", False)
    told = first.json()["approval"]
    assert (told["code"], told["whys"], told["amount_minor"]) == ("second_approver_needed", ["above_limit"], 90_000)
    assert (again.status_code, again.json()) == (202, first.json())
    assert len(rows(shop, "SELECT id FROM refunds_approval")) == 1


def test_a_person_completes_what_a_server_began(shop, caller, sofa, limits):
    from uuid import UUID

    from recoup.refunds import queries

    limits(key_limit_minor=50_000)
    case_id = sofa()
    caller.post(f"/refunds/{case_id}/approve", {})
    case = queries.case_by_id(merchant_id=shop.id, case_id=UUID(case_id))

    do(shop, "approve", case, by=hire(shop, "mara", role="manager"))

    assert caller.get(f"/refunds/{case_id}").json()["state"] == "approved"


def test_a_key_may_have_a_lower_limit_than_the_companys(shop, caller, sofa, limits):
    limits(key_limit_minor=100_000)
    small = key(shop, caller, approve_limit_minor=89_999)
    large = key(shop, caller, approve_limit_minor=90_000)
    case_id = sofa()

    assert caller.post(f"/refunds/{case_id}/approve", {}, secret=small).status_code == 202
    assert caller.post(f"/refunds/{case_id}/approve", {}, secret=large).status_code == 200


def test_the_same_yes_sent_again_is_answered_as_before(shop, caller, sofa):
    case_id = sofa()

    first = caller.post(f"/refunds/{case_id}/approve", {})
    again = caller.post(f"/refunds/{case_id}/approve", {})

    assert (first.status_code, again.status_code) == (200, 200)
    assert again.json() == first.json()
    other = Caller(shop, "refunds:review")
    assert is_problem(other.post(f"/refunds/{case_id}/approve", {}), 409, "move_not_allowed")
    assert is_problem(caller.post(f"/refunds/{case_id}/approve", {"with_delivery": True}), 409, "move_not_allowed")


def test_two_keys_are_not_two_people(shop, caller, sofa, limits):
    limits(four_eyes_from_minor=1)
    case_id = sofa()

    for secret in (caller.secret, key(shop, caller), key(shop, caller)):
        answer = caller.post(f"/refunds/{case_id}/approve", {}, secret=secret)
        assert (answer.status_code, answer.json()["approval"]["people_needed"]) == (202, 2)


def test_a_key_gives_no_higher_limit_than_it_has(shop, caller):
    weak = Caller(shop, "keys:write", "refunds:review")
    made = caller.post(
        "/keys", {"label": "weak", "scopes": ["keys:write", "refunds:review"], "approve_limit_minor": 100}
    )
    secret = made.json()["secret"]
    wanted = {"label": "strong", "scopes": ["refunds:review"]}

    assert is_problem(weak.post("/keys", wanted, secret=secret), 403, "ACCESS_DENIED")
    assert is_problem(weak.post("/keys", wanted | {"approve_limit_minor": 101}, secret=secret), 403, "ACCESS_DENIED")
    assert weak.post("/keys", wanted | {"approve_limit_minor": 100}, secret=secret).status_code == 201
    assert is_problem(caller.post("/keys", wanted | {"approve_limit_minor": -1}), 400)
