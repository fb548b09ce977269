"""PROOFS A-04: a connection that served one company tells the next one nothing, whatever happened in between."""

import random
import threading

import pytest
from django.db import connection

from recoup.kernel import ids


class Mishap(Exception):
    """Something went wrong in the middle of a request."""


def test_a_tenant_ends_with_its_transaction_even_when_that_failed(shop):
    from recoup.access import tenancy

    @tenancy.action
    def fail(*, merchant_id):
        raise Mishap

    @tenancy.action
    def break_the_transaction(*, merchant_id):
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 / 0")

    for call in (fail, break_the_transaction):
        with pytest.raises(Exception, match=r"division|^$"):
            call(merchant_id=shop.id)
        assert _tenant_now() == ""


def test_many_threads_two_companies_and_random_mishaps_never_show_a_foreign_row(shop, noon):
    from recoup.access import tenancy
    from recoup.merchants import actions as merchants
    from recoup.orders.models import Order

    other = ids.uuid7()
    merchants.register(
        merchant_id=other,
        slug=f"other-{other.hex[-10:]}",
        name="Other",
        country="SG",
        currency="SGD",
        by="test",
        at=noon,
    )
    shop.order(("mug", 1, 500))
    leaks, failures = [], []

    @tenancy.query
    def look(*, merchant_id):
        return list(Order.objects.values_list("merchant_id", flat=True))

    @tenancy.action
    def look_and_stumble(*, merchant_id):
        found = list(Order.objects.values_list("merchant_id", flat=True))
        leaks.extend(one for one in found if one != merchant_id)
        raise Mishap

    def work(seed):
        chance = random.Random(seed)
        try:
            for _ in range(30):
                merchant_id = chance.choice((shop.id, other))
                if chance.random() < 0.3:
                    with pytest.raises(Mishap):
                        look_and_stumble(merchant_id=merchant_id)
                else:
                    leaks.extend(one for one in look(merchant_id=merchant_id) if one != merchant_id)
                if _tenant_now() or Order.objects.exists():
                    leaks.append("visible without a tenant")
        except Exception as error:  # noqa: BLE001 - a thread hands its failure over
            failures.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=work, args=(seed,)) for seed in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert failures == []
    assert leaks == []


def test_an_action_is_never_part_of_another_transaction(shop):
    from recoup.access import tenancy

    @tenancy.action
    def inner(*, merchant_id):
        pass

    @tenancy.action
    def outer(*, merchant_id):
        inner(merchant_id=merchant_id)

    with pytest.raises(RuntimeError, match="durable"):
        outer(merchant_id=shop.id)


def _tenant_now():
    with connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(current_setting('recoup.merchant_id', true), '')")
        return cursor.fetchone()[0]
