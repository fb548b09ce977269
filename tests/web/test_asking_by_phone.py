"""Whoever bought with a mobile number proves it by a text, and follows the refund with it."""

import itertools
import secrets

import pytest
from django.test import Client, override_settings

from tests.addresses import somewhere
from tests.web.conftest import Shopper

_numbers = itertools.count(secrets.randbelow(900_000))


@pytest.fixture(autouse=True)
def _texts_can_be_sent(database):
    with override_settings(SMS_GATEWAY="http", SMS_COUNTRIES=("SG", "MY"), HOME_COUNTRY="SG"):
        yield


@pytest.fixture
def digits():
    """A number that no test had before: eight digits, as people in Singapore write them."""
    return f"91{next(_numbers) % 1_000_000:06d}"


@pytest.fixture
def order(shop, digits):
    """Bought with a number and no address, as at a booth."""
    return shop.order(("kettle", 1, 1890), email="", phone=f"{digits[:4]} {digits[4:]}", country="SG")


def enters(shopper, texts, digits, where):
    """The code of the newest text."""
    return shopper.sends(where, code=texts(f"+65{digits}")[-1][:6])


def asks(mei, texts, order, digits):
    mei.asks_about(order, email=f"{digits[:4]} {digits[4:]}")
    enters(mei, texts, digits, f"/ask/{mei.shop.slug}/code")
    return mei.chooses(line1=1).says("I changed my mind").confirms().case_number


def test_an_order_bought_with_a_number_is_found_proved_asked_about_and_followed(mei, texts, order, digits):
    mei.asks_about(order, email=digits)
    assert f"+65 {digits[:4]} {digits[4:]}" in mei.page
    assert "No text?" in mei.page
    assert enters(mei, texts, digits, f"/ask/{mei.shop.slug}/code").path == f"/ask/{mei.shop.slug}/items"
    mei.chooses(line1=1).says("I changed my mind")
    assert "Mobile number" in mei.page

    case = mei.confirms().case_number

    assert mei.path == f"/cases/{case}"
    assert mei.opens(f"/cases/{case}/now").response.status_code == 200


def test_the_case_opens_on_another_device_with_its_number_and_a_text(mei, mails, shop, texts, order, digits):
    case = asks(mei, texts, order, digits)
    elsewhere = Shopper(Client(REMOTE_ADDR=somewhere()), mails, shop)

    elsewhere.sends("/cases", number=case, contact=f"+65{digits}")
    assert len(texts(f"+65{digits}")) == 2
    enters(elsewhere, texts, digits, "/cases/code")

    assert elsewhere.path == f"/cases/{case}"


def test_another_number_gets_the_same_page_and_no_text(mei, mails, shop, texts, order, digits):
    case = asks(mei, texts, order, digits)
    other = f"{int(digits) + 5_000_000}"
    stranger = Shopper(Client(REMOTE_ADDR=somewhere()), mails, shop)

    stranger.sends("/cases", number=case, contact=other)

    assert "Enter the code we sent you" in stranger.page
    assert texts(f"+65{other}") == []
    assert len(texts(f"+65{digits}")) == 1


def test_a_number_of_somebody_else_proves_nothing_about_the_order(mei, texts, order, digits):
    other = f"{int(digits) + 5_000_000}"
    mei.asks_about(order, email=other)
    enters(mei, texts, other, f"/ask/{mei.shop.slug}/code")

    assert mei.path == f"/ask/{mei.shop.slug}/looking", "as for an order that nobody knows"
    mei.opens(f"/ask/{mei.shop.slug}/items")
    assert "The kettle" not in mei.page
    assert "Try the e-mail you ordered with" in mei.page, "a case without an address could not be opened again"


def test_an_order_with_both_is_one_shoppers(mei, mails, shop, texts, digits):
    """The case has the order's address, so its mails go on; the number opens it too."""
    order = shop.order(("kettle", 1, 1890), phone=digits, country="SG")
    case = asks(mei, texts, order, digits)
    by_mail = Shopper(Client(REMOTE_ADDR=somewhere()), mails, shop)

    by_mail.sends("/cases", number=case, contact=by_mail.email).enters_the_code("/cases/code")

    assert by_mail.path == f"/cases/{case}"


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("6223 4567", "not a mobile number"),
        ("12345", "does not exist"),
        ("+1 202 555 0123", "cannot send texts to that country"),
        ("mei at home", "Write it like"),
    ],
)
def test_a_mistyped_contact_is_said_and_kept(mei, order, typed, told):
    mei.asks_about(order, email=typed)

    assert mei.response.status_code == 422
    assert told in mei.page
    assert f'value="{typed}"' in mei.page


def test_texts_cost_money_so_they_are_counted_at_this_door_too(mei, shop, order, digits):
    answers = [mei.browser.post(f"/ask/{shop.slug}", {"order_number": order, "contact": digits}) for _ in range(7)]

    assert [answer.status_code for answer in answers] == [302] * 5 + [422] * 2
    assert "Too many codes" in answers[-1].content.decode()


def test_without_a_gateway_only_addresses_are_asked_for(mei, shop, order, digits):
    with override_settings(SMS_GATEWAY=""):
        assert "mobile number" not in mei.opens(f"/ask/{shop.slug}").page
        mei.asks_about(order, email=digits)

    assert mei.response.status_code == 422
    assert "We cannot send texts at the moment" in mei.page
