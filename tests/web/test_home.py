"""A company's people see how it goes, what waits, and what comes back and why."""

import re

import pytest

from tests.insights.listener import Listener
from tests.refunds.asking import ask, ask_in_review, payouts_of
from tests.refunds.rail import Rail
from tests.web.conftest import Shopper, photo
from tests.web.staff_people import Colleague, signs_in


@pytest.fixture
def at_desk(database, mails, shop):
    """Somebody new of the shop's staff, signed in."""
    from django.test import Client

    def sits_down(role="manager"):
        return signs_in(Shopper(Client(), mails, shop), Colleague(shop.id, "Mara", role), wanted="/account/")

    return sits_down


def text(page):
    """The page as one reads it."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))


def test_the_first_day_teaches_instead_of_showing_nothing(at_desk):
    mara = at_desk().opens("/staff")

    assert "No refund was granted today yet" in mara.page
    assert "Nothing. Well done." in mara.page
    assert "Nothing was asked back in the last 30 days." in mara.page
    assert mara.page.count("<svg viewBox") == 1, "an empty picture is drawn"


def test_the_promise_what_waits_and_the_money_on_its_way(at_desk, database, shop):
    rail = Rail(database, shop)
    rail.pays(payouts_of(shop, ask(shop, shop.order(("mug", 1, 300))))[0].id)
    failed = payouts_of(shop, ask(shop, shop.order(("mug", 1, 700))))[0]
    rail.pays(failed.id, "failed", code="expired_or_canceled_card")
    ask_in_review(shop)
    Listener(database, shop)()

    mara = at_desk().opens("/staff")
    told = text(mara.page)

    assert "50 %" in told
    assert "1 of 2 granted refunds were sent within five minutes" in told
    assert "A person decides : 2" in told, "the failed payment's case is a person's too"
    assert "S$7.00" in told
    assert "Needs you" in told
    assert "The mug" in told
    assert 'href="/review?show=in_review"' in mara.page


def test_items_are_listed_with_their_share_of_what_was_sold(at_desk, database, shop):
    shop.order(("mug", 20, 6000))
    ask(shop, shop.order(("mug", 5, 1500)), reason="damaged", photos=[])
    ask(shop, shop.order(("bowl/blue 1", 1, 500)))
    Listener(database, shop)()

    mara = at_desk().opens("/staff/items?days=7")
    assert "20.0 %" in mara.page
    assert mara.page.index("The mug") < mara.page.index("The bowl/blue 1")

    mara.opens("/staff/items?days=7&reason=damaged")
    assert "The bowl" not in mara.page
    assert "It arrived damaged" in mara.page

    mara.opens("/staff/items?days=nonsense&reason=%00")
    assert mara.response.status_code == 200


def test_one_item_with_its_days_reasons_and_photos(at_desk, database, shop, mei):
    mei.asks_about(shop.order(("bowl/blue 1", 2, 200_00))).enters_the_code().chooses(line1=1)
    mei.says("It is strange and I cannot say why", photos=[photo()]).confirms()
    Listener(database, shop)()

    mara = at_desk()
    address = re.search(r'href="(/staff/items/bowl[^"]+)"', mara.opens("/staff/items").page)[1]
    mara.opens(address.replace("&amp;", "&"))

    assert "The bowl/blue 1" in mara.page
    assert "1 unit asked back" in mara.page
    assert f"/review/{mei.case_number}/photos/" in mara.page
    assert "Something else" in mara.page
    assert mara.opens("/staff/items/never-sold").response.status_code == 404


@pytest.mark.parametrize(("role", "may"), [("auditor", True), ("reviewer", True), ("support", False), ("booth", False)])
def test_who_may_read_reports(at_desk, role, may):
    somebody = at_desk(role)

    for address in ("/staff", "/staff/items", "/staff/items/mug"):
        assert (somebody.opens(address).response.status_code != 403) is may
    assert ('href="/staff/items"' in somebody.opens("/review").page) is may


def test_reports_ask_the_database_as_often_for_many_items_as_for_one(at_desk, database, shop):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    mara, listener = at_desk(), Listener(database, shop)

    def statements():
        listener()
        counts = []
        for address in ("/staff", "/staff/items", "/staff/items/mug1"):
            mara.opens(address)
            with CaptureQueriesContext(connection) as asked:
                assert mara.opens(address).response.status_code == 200
            counts.append(len(asked))
        return counts

    ask(shop, shop.order(("mug1", 1, 300)))
    one = statements()
    ask(shop, shop.order(*[(f"mug{place}", 1, 300) for place in range(1, 9)]))
    assert statements() == one
    assert max(one) <= 25
