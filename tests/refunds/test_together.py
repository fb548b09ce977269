"""Requests that share a transaction: each has the answer it would have had alone."""

import importlib

import pytest

from tests.refunds.asking import balances, claimed_units, events_of, payouts_of, rows


@pytest.fixture
def submitting(shop):
    from recoup.refunds import submitting

    return submitting


@pytest.fixture
def together(shop, submitting):
    from recoup.refunds.requests import RefundRequest

    #: The package offers the action under the module's name.
    action = importlib.import_module("recoup.refunds.actions.submit")

    def submit(*asked):
        submissions = [
            submitting.Submission(
                request=RefundRequest(
                    **({"reason": "changed_mind", "channel": "api", "goods_received": True} | dict(values))
                ),
                by="key:1",
                at=shop.now,
                remember=remember,
            )
            for values, remember in (one if isinstance(one, tuple) else (one, None) for one in asked)
        ]
        return action._submit_together(shop.id, submissions)

    return submit


def remember(key, digest=b"1" * 32):
    from recoup.refunds.requests import Remember

    return Remember(key=key, request_hash=digest, render=lambda view: view.number.encode())


def test_many_orders_are_each_judged_reserved_and_told(shop, together):
    numbers = [shop.order(("mug", 1, 1000 + n), email=f"s{n}@example.com") for n in range(12)]

    cases = together(*({"order_number": number} for number in numbers))

    assert [case.state for case in cases] == ["approved"] * 12
    assert [case.order_number for case in cases] == numbers
    assert [case.amount_minor for case in cases] == [1000 + n for n in range(12)]
    for case in cases:
        assert [payout.amount_minor for payout in payouts_of(shop, case)] == [case.amount_minor]
        assert events_of(shop, case.id) == ["case.submitted", "case.approved"]
    total = sum(1000 + n for n in range(12))
    assert balances(shop) == {"refunds_granted": total, "reserved_refunds": -total}


def test_two_requests_for_one_order_are_judged_one_after_the_other(shop, together):
    number = shop.order(("mug", 1, 1000))

    first, second = together({"order_number": number}, {"order_number": number})

    assert (first.state, second.state) == ("approved", "rejected")
    assert claimed_units(shop, number) == {"mug": "{[0,1)}"}
    assert balances(shop) == {"refunds_granted": 1000, "reserved_refunds": -1000}


def test_the_third_request_of_a_shopper_knows_of_the_two_before_it(shop, together):
    numbers = [shop.order(("mug", 1, 1000), email="one@example.com") for _ in range(3)]

    cases = together(*({"order_number": number} for number in numbers))

    facts = [
        rows(shop, "SELECT facts -> 'shopper' ->> 'cases_last_day' FROM refunds_decision WHERE case_id = %s", case.id)
        for case in cases
    ]
    assert [row[0][0] for row in facts] == ["0", "1", "2"]


def test_a_key_said_twice_gets_the_first_answer_and_another_body_is_refused(shop, together):
    one, two = (shop.order(("mug", 1, 1000), email=f"s{n}@example.com") for n in range(2))

    first, same, other = together(
        ({"order_number": one}, remember("k")),
        ({"order_number": one}, remember("k")),
        ({"order_number": two}, remember("k", b"2" * 32)),
    )

    assert (same.status, same.body) == (201, first.number.encode())
    assert other.code == "idempotency_key_reused"
    assert len(rows(shop, "SELECT id FROM refunds_case")) == 1


def test_a_request_that_cannot_be_granted_takes_nobody_with_it(shop, together):
    from recoup.refunds.requests import WantedItem

    good, bad, late = (shop.order(("mug", 1, 1000), email=f"s{n}@example.com") for n in range(3))

    answers = together(
        {"order_number": good},
        {"order_number": bad, "items": [WantedItem(sku="tent", quantity=1)]},
        {"order_number": late},
    )

    assert answers[0].state == answers[2].state == "approved"
    assert answers[1].code == "no_such_line"


def test_when_the_database_refuses_one_the_others_are_written_alone(shop, together, submitting, database, monkeypatch):
    """The order's units were taken behind our back: the guard refuses the whole transaction, then that one alone."""
    good, gone = (shop.order(("mug", 1, 1000), email=f"s{n}@example.com") for n in range(2))
    plain = submitting.dossiers.read_all

    def take(spans):
        with database.superuser() as hand:
            hand.execute(
                "UPDATE orders_orderline l SET claimed_units = %s::int4multirange FROM orders_order o"
                " WHERE o.id = l.order_id AND o.number = %s",
                [spans, gone],
            )

    def stale(order_numbers, **values):
        take("{}")
        found = plain(order_numbers, **values)
        take("{[0,1)}")
        return found

    monkeypatch.setattr(submitting.dossiers, "read_all", stale)
    answers = together({"order_number": good}, {"order_number": gone})

    assert answers[0].state == "approved"
    assert answers[1].code == "already_refunded"
    assert len(rows(shop, "SELECT id FROM refunds_case")) == 1


def test_a_case_number_that_stands_already_is_drawn_again(shop, together, monkeypatch):
    from recoup.kernel import ids

    one, two = (shop.order(("mug", 1, 1000), email=f"s{n}@example.com") for n in range(2))
    (first,) = together({"order_number": one})
    drawn = iter([first.number, ids.case_number()])
    monkeypatch.setattr(ids, "case_number", lambda: next(drawn))

    (second,) = together({"order_number": two})

    assert second.state == "approved"
    assert second.number != first.number


def test_only_practice_chooses_its_date(shop, together, database):
    with database.superuser() as hand:
        hand.execute("UPDATE merchants_merchant SET mode = 'live' WHERE id = %s", [shop.id])
    one, two = (shop.order(("mug", 1, 1000), email=f"s{n}@example.com") for n in range(2))

    answers = together({"order_number": one, "as_of": shop.now}, {"order_number": two})

    assert answers[0].code == "only_in_practice"
    assert answers[1].state == "approved"


def test_twenty_requests_take_the_statements_of_one(shop, together):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    def statements(count, start):
        orders = [shop.order(("mug", 1, 1000), email=f"s{start + n}@example.com") for n in range(count)]
        asked = [({"order_number": number}, remember(f"k{start + n}")) for n, number in enumerate(orders)]
        with CaptureQueriesContext(connection) as said:
            together(*asked)
        return len(said)

    statements(1, 0)

    assert statements(1, 100) == statements(20, 200) <= 16
