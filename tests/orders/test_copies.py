"""Copies of orders in a real PostgreSQL: stored once, refreshed, and their money facts frozen (DOMAIN 9.25)."""

from datetime import timedelta

import pytest
from django.db import connection

from recoup.access import tenancy
from recoup.orders import freezing
from recoup.orders.documents import PaymentDocument
from recoup.orders.refusals import ChargeTaken, NoRailAccount, OrderUnknown
from recoup.orders.states import CopyOutcome
from tests.orders.builders import a_line, an_order
from tests.orders.counters import actions, queries


def take(shop, document, *, at=None):
    return actions.take_copy(merchant_id=shop.id, document=document, source="test", at=at or shop.now)


def take_all(shop, *documents, at=None, is_bulk=False):
    return actions.take_copies(
        merchant_id=shop.id,
        orders=[freezing.freeze(document) for document in documents],
        source="test",
        at=at or shop.now,
        is_bulk=is_bulk,
    )


def view(shop, number="A-1"):
    return queries.order_with_lines(merchant_id=shop.id, number=number)


def charge(shop, name):
    """Charges are unique in the whole house."""
    return f"{shop.slug}_{name}"


def order(shop, number="A-1", *lines, **changes):
    document = an_order(number, *lines, **changes)
    for payment in document.payments:
        payment.charge_id = charge(shop, payment.charge_id)
    return document


def test_an_order_comes_back_as_it_was_told(shop):
    take(
        shop,
        order(
            shop,
            "A-1",
            a_line("MUG", flags=("final_sale",), title="Mug, \\ tab\there"),
            a_line("CUP", quantity=1, unit_price_minor=333),
            order_discount_minor=-100,
            shipping_minor=400,
            attributes={"gift": True},
        ),
    )

    found = view(shop)

    assert [line.title for line in found.lines] == ["Mug, \\ tab\there", "CUP"]
    assert [line.order_discount_minor for line in found.lines] == [-86, -14]
    assert found.lines[0].flags == ("final_sale",)
    assert (found.paid_minor, found.captures[0].refundable_minor) == (2633, 2633)
    assert sum(line.total_minor for line in found.lines) + found.shipping_minor == found.paid_minor
    assert (found.as_of, found.source, found.attributes) == (shop.now, "test", {"gift": True})


def test_copied_in_bulk_the_same_rows_are_written(shop, as_worker):
    documents = [
        order(shop, f"B-{number}", a_line("X", title='a\\b\nc\t"d"', flags=("final_sale",))) for number in (1, 2)
    ]

    with as_worker():
        answers = take_all(shop, *documents, is_bulk=True)

    assert [answer.outcome for answer in answers] == [CopyOutcome.NEW, CopyOutcome.NEW]
    assert view(shop, "B-1").lines[0].title == 'a\\b\nc\t"d"'
    assert view(shop, "B-1").lines[0].flags == ("final_sale",)


def test_the_same_order_again_changes_nothing(shop):
    first = take(shop, order(shop))

    (again,) = take_all(shop, order(shop))

    assert (again.outcome, again.order_id) == (CopyOutcome.SAME, first)


def test_a_later_copy_brings_status_and_dates_and_freshness(shop):
    take(shop, order(shop))
    later = shop.now + timedelta(hours=1)

    (answer,) = take_all(shop, order(shop, status="delivered", delivered_at=later), at=later)

    found = view(shop)
    assert answer.outcome is CopyOutcome.CHANGED
    assert (found.status, found.delivered_at, found.as_of) == ("delivered", later, later)


def test_an_older_copy_changes_nothing(shop):
    take(shop, order(shop, status="delivered"))

    (answer,) = take_all(shop, order(shop, status="placed"), at=shop.now - timedelta(hours=1))

    assert (answer.outcome, view(shop).status) == (CopyOutcome.OLDER, "delivered")


def test_a_later_price_alters_nothing_and_is_noted_once(shop):
    take(shop, order(shop))
    before = view(shop)
    dearer = order(shop, "A-1", a_line(unit_price_minor=1500), status="shipped")

    outcomes = [take_all(shop, dearer, at=shop.now + timedelta(minutes=minute))[0].outcome for minute in (1, 1, 2)]

    found = view(shop)
    assert outcomes == [CopyOutcome.DIFFERS, CopyOutcome.SAME, CopyOutcome.REFRESHED]
    assert (found.lines, found.captures, found.paid_minor) == (before.lines, before.captures, before.paid_minor)
    assert (found.status, found.has_differences) == ("shipped", True)
    assert _differences(shop) == [3000]


def _differences(shop):
    @tenancy.query
    def read(*, merchant_id):
        with connection.cursor() as cursor:
            cursor.execute("SELECT jsonb_path_query_array(differences, '$[*].paid_minor')::text FROM orders_order")
            return cursor.fetchone()[0]

    return [int(amount) for amount in read(merchant_id=shop.id).strip("[]").split(",")]


def test_an_order_nobody_paid_may_still_change(shop):
    take(shop, order(shop, payments=[]))

    (answer,) = take_all(shop, order(shop, "A-1", a_line(quantity=3)), at=shop.now + timedelta(minutes=1))

    found = view(shop)
    assert answer.outcome is CopyOutcome.REPLACED
    assert ([line.quantity for line in found.lines], found.paid_minor, len(found.captures)) == ([3], 3000, 1)


def test_split_tenders_keep_their_order(shop):
    tenders = [
        PaymentDocument(charge_id=charge(shop, "gift"), amount_minor=500, method="gift_card"),
        PaymentDocument(charge_id=charge(shop, "card"), amount_minor=1500, rail_account="Main"),
    ]
    take(shop, an_order(payments=tenders))

    assert [(one.method, one.captured_minor) for one in view(shop).captures] == [("gift_card", 500), ("card", 1500)]


def test_a_charge_belongs_to_one_order(shop):
    take(shop, order(shop))
    thief = an_order("A-2", payments=[PaymentDocument(charge_id=charge(shop, "ch_A-1"), amount_minor=2000)])

    with pytest.raises(ChargeTaken):
        take(shop, thief)
    with pytest.raises(OrderUnknown):
        view(shop, "A-2")


def test_an_unknown_payment_account_is_refused(shop):
    with pytest.raises(NoRailAccount):
        take(shop, an_order(payments=[PaymentDocument(charge_id="x", amount_minor=2000, rail_account="Other")]))


def test_of_many_orders_each_is_answered_by_itself(shop):
    take(shop, order(shop, "A-1"))

    answers = take_all(shop, order(shop, "A-1"), order(shop, "A-2"), order(shop, "A-2"), order(shop, "A-3"))

    assert [answer.outcome for answer in answers] == [
        CopyOutcome.SAME,
        CopyOutcome.NEW,
        CopyOutcome.REFUSED,
        CopyOutcome.NEW,
    ]


def test_a_dry_run_answers_the_same_and_writes_nothing(shop):
    answers = actions.take_copies(
        merchant_id=shop.id, orders=[freezing.freeze(order(shop))], source="test", at=shop.now, is_dry=True
    )

    assert answers[0].outcome is CopyOutcome.NEW
    with pytest.raises(OrderUnknown):
        view(shop)


@pytest.mark.parametrize("contact", ["mei@example.com", " MEI@example.com", "+6591234567"])
def test_a_guest_finds_the_order_by_number_and_contact(shop, contact):
    take(shop, order(shop, "#W12"))

    found = queries.find_for_guest(merchant_id=shop.id, number="w12", contact=contact)

    assert found is not None
    assert found.number == "#W12"


@pytest.mark.parametrize(
    "contact", ["", "4567", "91234567", "+6091234567", "+659123456", "ines@example.com", "mei@example.co", "@", "0"]
)
def test_another_contact_finds_nothing(shop, contact):
    take(shop, order(shop, "#W12"))

    assert queries.find_for_guest(merchant_id=shop.id, number="#W12", contact=contact) is None


def test_freshness_is_a_matter_of_the_connector(shop):
    take(shop, order(shop))
    asked = queries.ConnectorView(url="", key_sealed=b"", mapping={}, fresh_for_s=60, timeout_s=5)

    assert queries.is_fresh(view(shop), connector=asked, at=shop.now + timedelta(seconds=60))
    assert not queries.is_fresh(view(shop), connector=asked, at=shop.now + timedelta(seconds=61))
    assert queries.is_fresh(view(shop), connector=None, at=shop.now + timedelta(days=900))
    actions.confirm_copy(merchant_id=shop.id, number="A-1", at=shop.now + timedelta(seconds=61))
    assert queries.is_fresh(view(shop), connector=asked, at=shop.now + timedelta(seconds=61))
