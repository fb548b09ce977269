"""How much is paid: racing partial refunds, what was previewed, several lines of one article."""

import threading

import pytest
from django.db import connection

from recoup.kernel.errors import Refusal
from tests.refunds.asking import ask, balances, claimed_units, payouts_of, rows


def _item(sku, quantity=1, **named):
    from recoup.refunds.requests import WantedItem

    return WantedItem(quantity=quantity, **({"sku": sku} if sku else {}), **named)


@pytest.mark.parametrize("workers", [8, 16])
def test_partial_refunds_racing_past_what_was_captured_stop_at_it(shop, workers):
    """F-21 in small: more units are asked for at once than there are."""
    number = shop.order(("cup", 10, 9999))
    paid, refused, barrier = [], [], threading.Barrier(workers)

    def race(turn):
        barrier.wait()
        for _ in range(2):
            try:
                case = ask(shop, number, items=[_item("cup", 1 + turn % 3)], email=f"{turn}@x.example")
                paid.append(case.amount_minor)
            except Refusal as refusal:
                refused.append(refusal)
        connection.close()

    threads = [threading.Thread(target=race, args=(turn,)) for turn in range(workers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sum(paid) <= 9999
    assert refused == []
    assert balances(shop).get("reserved_refunds", 0) == -sum(paid)
    ((captured, reserved),) = rows(shop, "SELECT captured_minor, reserved_minor FROM payments_capture")
    assert reserved == sum(paid) <= captured


@pytest.mark.parametrize("reason", ["changed_mind", "damaged", "not_arrived", "other", "late", "defective"])
@pytest.mark.parametrize("price", [700, 20_000, 90_000])
def test_what_is_shown_before_confirming_is_what_is_decided(shop, reason, price):
    from recoup.refunds import queries
    from recoup.refunds.requests import RefundRequest

    number = shop.order(("mug", 2, price), shipping_minor=499)
    request = RefundRequest(order_number=number, reason=reason, channel="web", words="It did not work at all")

    verdict, claims = queries.preview(request, merchant_id=shop.id, at=shop.now)
    case = ask(shop, number, reason=reason, goods_received=False, words=request.words, channel="web")

    assert (verdict.total_minor, verdict.reason_code) == (case.amount_minor, case.reason_code)
    assert sum(claim.quantity for claim in claims) == 2
    assert sum(leg.amount_minor for leg in payouts_of(shop, case)) == case.amount_minor


def test_looking_changes_nothing(shop):
    from recoup.refunds import queries
    from recoup.refunds.requests import RefundRequest

    number = shop.order(("mug", 1, 700))
    for _ in range(3):
        queries.preview(
            RefundRequest(order_number=number, reason="changed_mind", channel="web"), merchant_id=shop.id, at=shop.now
        )

    assert rows(shop, "SELECT count(*) FROM refunds_case") == [(0,)]
    assert balances(shop) == {}


def test_one_article_on_two_lines_is_taken_from_both(shop):
    number = shop.order(("cup", 1, 300), ("cup", 2, 800))

    case = ask(shop, number, items=[_item("cup", 3)])

    assert case.amount_minor == 1100


def test_two_items_of_one_request_share_the_lines_of_an_article(shop):
    number = shop.order(("cup", 1, 300), ("cup", 1, 400))

    case = ask(shop, number, items=[_item("cup"), _item("cup")])

    assert (case.state, case.amount_minor) == ("approved", 700)


def test_the_price_tells_which_line_is_meant(shop):
    number = shop.order(("cup", 1, 300), ("cup", 1, 400))

    assert ask(shop, number, items=[_item("cup", unit_price_minor=400)]).amount_minor == 400


def test_a_line_is_named_by_its_place_too(shop):
    number = shop.order(("cup", 1, 300), ("jar", 1, 400))

    assert ask(shop, number, items=[_item(None, position=2)]).amount_minor == 400


def test_an_item_the_order_never_had_is_refused_and_nothing_is_kept(shop):
    from recoup.refunds.actions import NoSuchLine

    with pytest.raises(NoSuchLine):
        ask(shop, shop.order(("cup", 1, 300)), items=[_item("lamp")])
    assert rows(shop, "SELECT count(*) FROM refunds_case") == [(0,)]


def test_more_than_was_bought_is_never_paid(shop):
    number = shop.order(("cup", 2, 600))

    case = ask(shop, number, items=[_item("cup", 5)])

    assert case.amount_minor <= 600
    assert claimed_units(shop, number)["cup"] in ("{}", "{[0,2)}")


def test_every_unit_paid_alone_adds_up_to_the_line_whatever_the_order(shop):
    number = shop.order(("cup", 7, 1000), ("jar", 3, 100))

    paid = [
        ask(shop, number, items=[_item(sku)]).amount_minor for sku in "cup jar cup jar cup cup cup jar cup cup".split()
    ]

    assert sum(paid) == 1100
    assert ask(shop, number, items=[_item("jar")]).state == "rejected"
