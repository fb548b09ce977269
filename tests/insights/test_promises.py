"""Shoppers are shown how a company really kept the five minutes: measured, and only when it says something."""

from datetime import timedelta

import pytest
from django.test import Client

from tests.addresses import somewhere
from tests.database import as_role
from tests.refunds.asking import ask, ask_in_review


@pytest.fixture
def measure(database, shop):
    """What the worker does now and then, until this company had its turn."""
    from recoup.insights import actions, promises

    def run(*, at=None):
        moment = at or shop.now
        with as_role(database, "recoup_worker"):
            while actions.measure_promises(at=moment):
                pass
        return promises.kept_by([shop.id])[shop.id]

    return run


def refunds(database, shop, count, *, took_s, asked=timedelta(hours=1)):
    """So many were granted and sent so long after they had been asked for."""
    order = shop.order(*[(f"mug{place}", 1, 300) for place in range(count)])
    from recoup.refunds.requests import WantedItem

    for place in range(count):
        ask(shop, order, items=[WantedItem(sku=f"mug{place}", quantity=1)])
    with database.superuser() as db:
        values = [asked, timedelta(seconds=took_s), shop.orders[order]]
        db.execute(
            "UPDATE refunds_case SET requested_at = now() - %s, initiated_at = now() - %s + %s WHERE order_id = %s",
            [asked, *values],
        )
        db.execute(
            "UPDATE payments_payout SET accepted_at = now() - %s + %s"
            " WHERE case_id IN (SELECT id FROM refunds_case WHERE order_id = %s)",
            values,
        )


def test_the_share_the_median_and_each_way_are_measured(database, shop, measure):
    refunds(database, shop, 15, took_s=4)
    refunds(database, shop, 5, took_s=1200)
    ask_in_review(shop)

    kept = measure()
    assert (kept.granted, kept.in_time, round(kept.p50_s)) == (20, 15, 4)
    assert kept.by_method == (("card", 20, pytest.approx(4, abs=1.0)),)


def test_what_could_still_be_in_time_and_what_is_long_ago_is_not_counted(database, shop, measure):
    refunds(database, shop, 2, took_s=4, asked=timedelta(minutes=4))
    refunds(database, shop, 2, took_s=4, asked=timedelta(days=31))

    assert measure().granted == 0


def test_a_measure_is_renewed_when_it_is_old(database, shop, measure):
    assert measure().granted == 0
    refunds(database, shop, 3, took_s=4)

    assert measure().granted == 0
    assert measure(at=shop.now + timedelta(minutes=31)).granted == 3


def test_shoppers_read_it_before_they_ask_and_nothing_of_it_is_made_up(database, shop, measure):
    pages = Client(REMOTE_ADDR=somewhere())
    refunds(database, shop, 19, took_s=4)
    measure()
    assert "sent within five minutes" not in pages.get("/", {"q": shop.slug}).content.decode()

    refunds(database, shop, 1, took_s=4)
    measure(at=shop.now + timedelta(minutes=31))
    front = pages.get("/", {"q": shop.slug}).content.decode()
    assert "100 %" in front
    assert "of 20 refunds in the last 30 days were sent within five minutes" in front
    page = pages.get(f"/ask/{shop.slug}").content.decode()
    assert "To a card" in page
    assert "half within 4 seconds" in page


def test_the_first_page_asks_no_more_often_for_many_companies(shop):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    pages = Client(REMOTE_ADDR=somewhere())
    pages.get("/")
    with CaptureQueriesContext(connection) as asked:
        pages.get("/")
    assert len(asked) <= 2
