"""Shoppers wait for orders we do not know: a worker asks the merchant's system, and no page is held up by it."""

import json
import threading
import time

import pytest
from django.db import connection

from tests.database import as_role
from tests.orders.counters import actions, queries
from tests.orders.town import MAPPING, connect, tell_town
from tests.refunds.asking import rows
from tests.web.conftest import Mails, Shopper

pytestmark = pytest.mark.slow


def look(database, shop):
    """Workers look until nothing of this shop is waiting."""
    from recoup.kernel.clock import now
    from recoup.orders import looking

    ends_at = time.monotonic() + 20
    with as_role(database, "recoup_worker"):
        while time.monotonic() < ends_at:
            looking.look(at=now())
            time.sleep(0.1)
            if not _waiting(database, shop):
                return
    raise AssertionError("it is still waiting")


def _waiting(database, shop):
    with database.superuser() as db:
        return db.execute(
            "SELECT count(*) FROM orders_lookup WHERE merchant_id = %s AND outcome = 'waiting'", [shop.id]
        ).fetchone()[0]


def outcome(shop, number):
    return rows(shop, "SELECT outcome, tries FROM orders_lookup WHERE number = %s", number)[0]


def want(shop, *numbers):
    actions.want_order(merchant_id=shop.id, numbers=numbers)


def take(database, shop, **limits):
    from recoup.orders import actions

    with as_role(database, "recoup_worker"):
        return [one for one in actions.take_look_ups(**limits) if one.merchant_id == shop.id]


def test_a_wanted_order_is_asked_for_and_stored(database, town, town_shop):
    tell_town(town, town_shop, "A-7")
    want(town_shop, "a-7", "A-7")
    assert queries.is_looked_up(merchant_id=town_shop.id, numbers=["a-7", "A-7"])

    look(database, town_shop)

    assert outcome(town_shop, "A-7")[0] == "found"
    assert outcome(town_shop, "a-7")[0] == "not_found"
    assert queries.order_with_lines(merchant_id=town_shop.id, number="A-7").source == "connector"
    assert not queries.is_looked_up(merchant_id=town_shop.id, numbers=["a-7", "A-7"])


def test_a_system_that_stays_silent_is_asked_again_and_then_given_up(database, town, town_shop):
    town.post("/_practice/order-faults", {"shop": town_shop.slug, "status": 503, "times": 99})
    want(town_shop, "A-8")

    look(database, town_shop)

    assert outcome(town_shop, "A-8") == ("silent", 4)


def test_pressing_again_and_again_asks_once(town_shop):
    for _ in range(5):
        want(town_shop, "A-9")
    assert rows(town_shop, "SELECT count(*), max(tries) FROM orders_lookup") == [(1, 0)]

    rows(town_shop, "UPDATE orders_lookup SET outcome = 'silent', answered_at = now(), next_at = NULL RETURNING 1")
    want(town_shop, "A-9")
    assert not queries.is_looked_up(merchant_id=town_shop.id, numbers=["A-9"])

    rows(town_shop, "UPDATE orders_lookup SET answered_at = now() - interval '21 s' RETURNING 1")
    want(town_shop, "A-9")
    assert queries.is_looked_up(merchant_id=town_shop.id, numbers=["A-9"])


def test_one_merchant_takes_only_its_share_of_the_workers_time(database, town_shop):
    want(town_shop, *(f"B-{number}" for number in range(6)))

    first = take(database, town_shop, limit=500, each=2)
    second = take(database, town_shop, limit=500, each=2)

    assert (len(first), len(second)) == (2, 2)
    assert not {one.number for one in first} & {one.number for one in second}


def test_each_order_is_leased_to_one_worker(database, town_shop):
    want(town_shop, *(f"C-{number}" for number in range(8)))
    taken, barrier = [], threading.Barrier(4)

    def work():
        from recoup.orders import actions

        barrier.wait()
        taken.extend(one for one in actions.take_look_ups(limit=500, each=50) if one.merchant_id == town_shop.id)
        connection.close()

    with as_role(database, "recoup_worker"):
        threads = [threading.Thread(target=work) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    assert sorted(one.number for one in taken) == [f"C-{number}" for number in range(8)]


def test_a_worker_that_came_too_late_says_nothing(database, town_shop):
    from recoup.orders.states import LookUpOutcome

    want(town_shop, "D-1")
    (late,) = take(database, town_shop, limit=500, each=2)
    rows(town_shop, "UPDATE orders_lookup SET lease_until = now() - interval '1 s' RETURNING 1")
    (fresh,) = take(database, town_shop, limit=500, each=2)
    told = {"merchant_id": town_shop.id, "look_up_id": late.id, "at": town_shop.now}

    actions.answer_look_up(fence=late.fence, outcome=LookUpOutcome.SILENT, **told)
    assert outcome(town_shop, "D-1")[0] == "waiting"
    actions.answer_look_up(fence=fresh.fence, outcome=LookUpOutcome.FOUND, **told)
    assert outcome(town_shop, "D-1")[0] == "found"


def test_what_nobody_waits_for_any_more_is_cleared_away(database, town_shop):
    want(town_shop, "E-1")
    rows(town_shop, "UPDATE orders_lookup SET wanted_at = now() - interval '25 h' RETURNING 1")

    take(database, town_shop, limit=1, each=1)

    assert rows(town_shop, "SELECT count(*) FROM orders_lookup") == [(0,)]


def test_a_page_answers_at_once_however_slow_the_merchant_is(database, town, town_shop, browser):
    """The web has few threads: if a page waited for a merchant, a handful of shoppers would stop everybody's pages."""
    mapping = json.loads(MAPPING.read_text())
    connect(town_shop, f"{town.url}/orders/{{number}}", mapping, key=f"key-{town_shop.slug}", timeout_s=9)
    tell_town(town, town_shop, "F-1")
    town.post("/_practice/order-faults", {"shop": town_shop.slug, "sleep_s": 4, "times": 99})
    mei = Shopper(browser, Mails(town_shop), town_shop)
    mei.asks_about("F-1", "mei@example.com").enters_the_code()

    began = time.monotonic()
    for _ in range(3):
        mei.opens(f"/ask/{town_shop.slug}/looking")
        assert "We are asking" in mei.page
    assert time.monotonic() - began < 4
    look(database, town_shop)

    mei.opens(f"/ask/{town_shop.slug}/looking")
    assert "What is it about?" in mei.page
    assert "Desk lamp" in mei.page


def test_without_a_system_to_ask_nobody_waits(shop, browser):
    mei = Shopper(browser, Mails(shop), shop)
    mei.asks_about("NO-SUCH-1").enters_the_code()
    mei.opens(f"/ask/{shop.slug}/looking")

    assert "We could not find that order yet" in mei.page
    assert rows(shop, "SELECT count(*) FROM orders_lookup") == [(0,)]


@pytest.fixture
def browser(database):
    from django.test import Client

    return Client()
