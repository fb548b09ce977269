"""What a company reads about what comes back: counted from its cases, as they stand when events were heard."""

from datetime import timedelta

import pytest

from tests.insights.listener import Listener
from tests.refunds.asking import ask, ask_in_review, do, grants, line_ids, payouts_of
from tests.refunds.rail import Rail


@pytest.fixture
def hears(database, shop):
    return Listener(database, shop)


@pytest.fixture
def span(shop):
    return {"merchant_id": shop.id, "since": shop.now - timedelta(days=7), "until": shop.now + timedelta(days=1)}


def test_items_are_counted_by_units_the_most_frequent_first(shop, hears, span):
    from recoup.insights import queries

    ask(shop, shop.order(("mug", 3, 900), ("bowl", 1, 500)))
    ask(shop, shop.order(("mug", 1, 300)), reason="not_as_described")
    hears()

    mug, bowl = queries.by_item(**span)
    assert (mug.key, mug.label, mug.cases, mug.units) == ("mug", "The mug", 2, 4)
    assert (bowl.key, bowl.units, bowl.amounts) == ("bowl", 1, (("SGD", 500),))
    assert (mug.units_granted, mug.amounts) == (4, (("SGD", 1200),))
    assert [one.units for one in queries.by_item(**span, reason="not_as_described")] == [1]


def test_reasons_of_one_item_and_of_all(shop, hears, span):
    from recoup.insights import queries

    ask(shop, shop.order(("mug", 2, 600)))
    ask(shop, shop.order(("bowl", 1, 300)), reason="not_as_described")
    hears()

    assert [(one.key, one.units) for one in queries.by_reason(**span)] == [("changed_mind", 2), ("not_as_described", 1)]
    assert [one.key for one in queries.by_reason(**span, sku="bowl")] == ["not_as_described"]


def test_a_decision_made_later_changes_the_report_and_hearing_twice_does_not(shop, hears, span):
    from recoup.insights import queries

    case = ask_in_review(shop, quantity=2)
    hears()
    assert queries.by_item(**span)[0].amounts == ()

    do(shop, "approve", case, lines=grants((line_ids(shop, case.order_number)["sofa"], 1)))
    hears()
    hears(again=True)

    (sofa,) = queries.by_item(**span)
    assert (sofa.cases, sofa.units, sofa.units_granted, sofa.amounts) == (1, 2, 1, (("SGD", 45_000),))


def test_days_begin_where_the_company_is(shop, hears, span):
    from recoup.insights import queries

    late = shop.now.replace(hour=17, minute=30)  # Half past one in Singapore, the day after.
    if late > shop.now:
        late -= timedelta(days=1)
    ask(shop, shop.order(("mug", 1, 300)), at=late)
    hears()

    assert [one.key for one in queries.by_day(**span, zone="UTC")] == [f"{late:%Y-%m-%d}"]
    assert [one.key for one in queries.by_day(**span, zone="Asia/Singapore")] == [
        f"{late + timedelta(days=1):%Y-%m-%d}"
    ]


def test_nothing_of_another_company_is_counted(shop, hears, span):
    from recoup.insights import queries
    from recoup.kernel import ids

    ask(shop, shop.order(("mug", 1, 300)))
    hears()

    assert queries.by_item(**span | {"merchant_id": ids.uuid7()}) == []


def test_how_many_were_sold_in_the_same_time(shop, span):
    from recoup.insights import queries

    shop.order(("mug", 3, 900))
    shop.order(("mug", 2, 600), placed_at=shop.now - timedelta(days=60))

    assert queries.sold(**span, skus=["mug", "never"]) == {"mug": 3}


def test_the_promise_hour_by_hour(shop, database, span):
    from recoup.insights import queries

    rail = Rail(database, shop)
    at_once = ask(shop, shop.order(("mug", 1, 300)))
    rail.pays(payouts_of(shop, at_once)[0].id)
    ask(shop, shop.order(("bowl", 1, 300)))
    ask_in_review(shop)

    (hour,) = queries.promise_by_hour(**span, zone="Asia/Singapore")
    assert (hour.in_time, hour.late, hour.under_way, hour.others) == (1, 0, 1, 1)
    assert hour.granted == 2
    assert hour.p50_s is not None


def test_what_waits_and_the_money_under_way(shop):
    from recoup.insights import queries

    ask(shop, shop.order(("mug", 1, 300)))
    ask_in_review(shop)

    waiting = queries.waiting(merchant_id=shop.id, states=["in_review", "needs_evidence"])
    assert {state: one.count for state, one in waiting.items()} == {"in_review": 1}
    assert [(one.state, one.currency, one.amount_minor) for one in queries.in_flight(merchant_id=shop.id)] == [
        ("queued", "SGD", 300)
    ]
