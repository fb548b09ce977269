"""How long money takes, said in one way everywhere, and never faster than it is."""

from datetime import date

import pytest

from recoup.kernel import arrival


@pytest.mark.parametrize("method", ["card", "wallet", "paypal", "Wallet", "a means nobody has heard of", ""])
def test_cards_wallets_and_what_is_unknown_take_what_a_card_takes(method):
    assert arrival.speed(method) == "5 to 10 business days"


@pytest.mark.parametrize("method", ["paynow", "fast", "gift_card", "store_credit"])
def test_what_is_near_instant_is_said_so(method):
    assert arrival.speed(method) == "within minutes"
    assert arrival.expected([method], sent_on=date(2026, 11, 20)) == "within minutes"


def test_of_several_destinations_the_slowest_counts():
    assert arrival.expected(["gift_card", "card"], sent_on=None) == "5 to 10 business days after it is sent"
    assert arrival.expected(["gift_card", "card"], sent_on=date(2026, 11, 20)) == "between 27 Nov and 4 Dec"


def test_weekends_do_not_count():
    assert arrival.business_days_after(date(2026, 11, 20), 1) == date(2026, 11, 23)


def test_pages_and_the_api_say_the_same(shop):
    from recoup.payments import queries as payments
    from recoup.web.shopper import routes

    shop.order(("mug", 1, 500), tenders=[400, 100])
    (order_id,) = shop.orders.values()
    for found in payments.destinations(merchant_id=shop.id, order_id=order_id):
        shown = routes.route(method=found.method, label=found.label, amount_minor=1, currency="SGD")
        assert shown.speed == f"Arrives {found.speed} after it is sent"
