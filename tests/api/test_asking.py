"""Asking for a refund through the API: strict bodies, one answer per key, the same bytes again."""

import json

import pytest
from django.db import connection

from tests.api.callers import Caller, is_problem
from tests.refunds.asking import rows


def test_a_request_is_answered_with_the_case(shop, caller):
    response = caller.ask(shop.order(("mug", 1, 500)))

    assert response.status_code == 201
    told = response.json()
    assert (told["state"], told["amount_minor"], told["currency"]) == ("approved", 500, "SGD")
    assert told["number"].startswith("RC-")
    assert caller.get(f"/refunds/{told['id']}").json()["payouts"][0]["state"] == "queued"


def test_what_is_shown_is_what_may_be_shown(shop, caller):
    told = caller.ask(shop.order(("mug", 1, 500))).json()

    assert set(told) == {
        "id", "number", "order_number", "state", "goods_state", "reason", "currency", "amount_requested_minor",
        "amount_minor", "reason_code", "rule", "explanation", "asks", "is_granted", "is_decided", "requested_at",
        "decided_at", "initiated_at", "credited_at", "closed_at",
    }  # fmt: skip
    assert set(caller.get(f"/refunds/{told['id']}").json()) == set(told) | {"lines", "payouts", "timeline"}


def test_the_same_key_and_body_give_the_same_bytes_and_one_case(shop, caller):
    number = shop.order(("mug", 1, 500))

    first = caller.ask(number, key="one")
    again = caller.ask(number, key="one")

    assert again.status_code == first.status_code == 201
    assert again.content == first.content
    assert again["Idempotent-Replayed"] == "true"
    assert "Idempotent-Replayed" not in first
    assert rows(shop, "SELECT count(*) FROM refunds_case") == [(1,)]


def test_the_same_key_with_another_body_is_refused(shop, caller):
    number = shop.order(("mug", 2, 500))
    caller.ask(number, key="one")

    assert is_problem(caller.ask(number, key="one", words="Now with words"), 422, "idempotency_key_reused")
    assert rows(shop, "SELECT count(*) FROM refunds_case") == [(1,)]


def test_a_request_without_a_key_is_refused(shop, caller):
    body = {"order_number": shop.order(("mug", 1, 500)), "reason": "changed_mind"}

    assert is_problem(caller.post("/refunds", body), 400, "invalid_request")
    assert is_problem(caller.post("/refunds", body, key=""), 400)
    assert is_problem(caller.post("/refunds", body, key="k" * 256), 400)


def test_a_key_in_use_at_this_moment_is_told_so(database, shop, caller):
    number = shop.order(("mug", 1, 500))
    with database.superuser() as other:
        other.autocommit = False
        other.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"{shop.id} one"])

        assert is_problem(caller.ask(number, key="one"), 409, "idempotency_key_in_use")
        other.rollback()

    assert caller.ask(number, key="one").status_code == 201


def test_nothing_is_kept_of_a_request_that_was_refused(shop, caller):
    number = shop.order(("mug", 1, 500))
    wrong = caller.ask(number, key="one", items=[{"quantity": 1, "sku": "no-such"}])

    assert is_problem(wrong, 400, "no_such_line")
    assert caller.ask(number, key="one").status_code == 201


def test_two_companies_may_use_the_same_key(shop, caller, noon):
    from recoup.kernel import ids
    from recoup.merchants import actions as merchants
    from tests.database import Shop

    other = ids.uuid7()
    merchants.register(
        merchant_id=other, slug=f"o-{other.hex[-10:]}", name="Other", country="SG", currency="SGD", by="test", at=noon
    )
    stranger = Caller(Shop(other, "other", ids.uuid7(), noon))

    assert caller.ask(shop.order(("mug", 1, 500)), key="one").json()["state"] == "approved"
    assert stranger.ask("unknown", key="one").json()["state"] == "rejected"


@pytest.mark.parametrize(
    "changes",
    [
        {"amount_minor": 1},
        {"state": "approved"},
        {"merchant_id": "5d0e6bd0-0000-7000-8000-000000000000"},
        {"by": "policy"},
        {"reason": "because"},
        {"reason": 7},
        {"order_number": 12},
        {"order_number": ""},
        {"order_number": None},
        {"order_number": "a\0b"},
        {"words": "\0"},
        {"words": "x" * 4001},
        {"goods_received": "yes"},
        {"goods_received": 1},
        {"items": {}},
        {"items": [{"quantity": 0, "sku": "mug"}]},
        {"items": [{"quantity": "1", "sku": "mug"}]},
        {"items": [{"quantity": 1.5, "sku": "mug"}]},
        {"items": [{"quantity": True, "sku": "mug"}]},
        {"items": [{"quantity": 10**30, "sku": "mug"}]},
        {"items": [{"quantity": 1}]},
        {"items": [{"quantity": 1, "sku": "mug", "position": 1}]},
        {"items": [{"quantity": 1, "sku": "mug", "price": 1}]},
        {"items": [{"quantity": 1, "sku": "\0"}]},
        {"items": [{"quantity": 1, "line_id": "mug"}]},
        {"judged_as_of": "2011-01-01"},
        {"judged_as_of": "2011-01-01T12:00:00"},
        {"judged_as_of": "2999-01-01T12:00:00Z"},
        {"judged_as_of": "0001-01-01T00:00:00+14:00"},
        {"judged_as_of": "0326-08-12T08:59:32.21-21:52"},
        {"locale": "Klingon!"},
    ],
)
def test_a_body_that_is_not_exactly_right_is_refused_and_changes_nothing(shop, caller, changes):
    response = caller.ask(shop.order(("mug", 1, 500)), **changes)

    assert is_problem(response, 400)
    assert rows(shop, "SELECT count(*) FROM refunds_case") == [(0,)]


@pytest.mark.parametrize("raw", [b"", b"{", b"[]", b"null", b"\xff\xfe", b'"text"', b"[" * 5000, b'{"a":' * 2000])
def test_a_body_that_is_not_json_is_refused(caller, raw):
    assert is_problem(caller.send("POST", "/refunds", raw=raw, key="k"), 400, "invalid_request")


def test_a_date_is_a_moment_wherever_it_was_written(shop, caller):
    """No country is that far from Greenwich, and PostgreSQL says so; ISO 8601 allows it."""
    response = caller.ask(shop.order(("mug", 1, 500)), judged_as_of="2026-11-02T08:59:32.21-21:52")

    assert response.status_code == 201, response.content
    found = rows(shop, "SELECT judged_as_of FROM refunds_case WHERE id = %s", response.json()["id"])
    assert found[0][0].isoformat() == "2026-11-03T06:51:32.210000+00:00"


def test_a_live_company_may_not_choose_the_date_of_judging(shop, caller):
    rows(shop, "UPDATE merchants_merchant SET mode = 'live' WHERE id = %s RETURNING 1", shop.id)

    response = caller.ask(shop.order(("mug", 1, 500)), judged_as_of="2026-11-01T12:00:00Z")

    assert is_problem(response, 400, "only_in_practice")


def test_a_reviewer_decides_through_the_api_once(shop, caller):
    case_id = caller.ask(shop.order(("sofa", 1, 90_000))).json()["id"]

    assert caller.post(f"/refunds/{case_id}/approve", {"lines": None}).json()["state"] == "approved"
    late = caller.post(f"/refunds/{case_id}/reject", {"words": "It was worn for a year."})
    assert is_problem(late, 409, "move_not_allowed")
    assert late.json()["state"] == "approved"


@pytest.mark.parametrize(
    "body",
    [
        {"lines": [{"line_id": "mug", "quantity": 1}]},
        {"lines": [{"line_id": "LINE"}]},
        {"lines": [{"line_id": "LINE", "quantity": 0}]},
        {"lines": [{"line_id": "LINE", "quantity": 2}]},
        {"lines": [{"line_id": "LINE", "quantity": 1.0}]},
        {"lines": [{"line_id": "LINE", "quantity": "1"}]},
        {"lines": [{"line_id": "LINE", "quantity": 1, "amount_minor": -1}]},
        {"lines": [{"line_id": "LINE", "quantity": 1, "amount_minor": 0}]},
        {"lines": [{"line_id": "LINE", "quantity": 1, "amount_minor": 90_001}]},
        {"lines": [{"line_id": "LINE", "quantity": 1, "amount": 5}]},
        {"lines": [{"line_id": "LINE", "quantity": 1}, {"line_id": "LINE", "quantity": 1}]},
        {"lines": [{"line_id": "5d0e6bd0-0000-7000-8000-000000000000", "quantity": 1}]},
        {"lines": {"LINE": 1}},
        {"lines": []},
        {"amounts": {"LINE": 1}},
        {"amount_minor": 5},
    ],
)
def test_an_approval_is_read_strictly(shop, caller, body):
    case_id = caller.ask(shop.order(("sofa", 1, 90_000))).json()["id"]
    line_id = caller.get(f"/refunds/{case_id}").json()["lines"][0]["line_id"]
    body = json.loads(json.dumps(body).replace("LINE", line_id))

    assert is_problem(caller.post(f"/refunds/{case_id}/approve", body), 400)
    assert caller.get(f"/refunds/{case_id}").json()["state"] == "in_review"


def test_a_part_is_approved_by_units_and_the_answer_says_which(shop, caller):
    case_id = caller.ask(shop.order(("chair", 3, 90_000))).json()["id"]
    line_id = caller.get(f"/refunds/{case_id}").json()["lines"][0]["line_id"]

    answer = caller.post(f"/refunds/{case_id}/approve", {"lines": [{"line_id": line_id, "quantity": 2}]})

    assert (answer.json()["state"], answer.json()["amount_minor"]) == ("partly_approved", 60_000)
    (line,) = caller.get(f"/refunds/{case_id}").json()["lines"]
    assert (line["quantity"], line["quantity_granted"], line["amount_minor"]) == (3, 2, 60_000)


def test_pages_go_through_all_cases_without_gap_or_repetition(shop, caller):
    asked = [caller.ask(shop.order(("mug", 1, 500)), email=f"m{turn}@x.example").json()["id"] for turn in range(7)]

    seen, cursor, pages = [], "", 0
    while pages == 0 or cursor:
        told = caller.get(f"/refunds?limit=3{cursor}").json()
        seen += [case["id"] for case in told["data"]]
        cursor = f"&cursor={told['next_cursor']}" if told["next_cursor"] else ""
        pages += 1

    assert pages == 3
    assert sorted(seen) == sorted(asked)
    assert len(set(seen)) == 7


def test_cases_are_found_by_state_and_order(shop, caller):
    number = shop.order(("mug", 1, 500))
    caller.ask(number)
    caller.ask("unknown-order")

    assert [case["order_number"] for case in caller.get("/refunds?state=approved").json()["data"]] == [number]
    assert len(caller.get("/refunds?order_number=unknown-order").json()["data"]) == 1


def test_a_request_takes_no_more_statements_than_it_needs(shop, caller):
    from django.test.utils import CaptureQueriesContext

    number, many = shop.order(("mug", 1, 500)), shop.order(*((f"sku-{n}", 3, 900) for n in range(30)))
    caller.ask(shop.order(("mug", 1, 500)))

    with CaptureQueriesContext(connection) as few:
        assert caller.ask(number).json()["state"] == "approved"
    with CaptureQueriesContext(connection) as lots:
        assert caller.ask(many).json()["amount_minor"] == 27_000

    assert len(few) <= STATEMENTS_MAX, [query["sql"][:80] for query in few]
    assert len(lots) == len(few)


#: The key, the tenant, the idempotency key and its answer, the order (lock, dossier, counters), case, lines, decision,
#: units, money, books, events, and the bells.
STATEMENTS_MAX = 18
