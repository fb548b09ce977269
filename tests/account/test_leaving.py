"""Somebody leaves: one command, and nothing that let them in does so any more."""

import time
from argparse import Namespace

import pytest
from django.test import Client

from tests.web.conftest import Shopper
from tests.web.staff_people import PASSWORD, Colleague, signs_in

AT_MOST_S = 60


@pytest.fixture
def hana(shop):
    return Colleague(shop.id, "Hana", "reviewer")


@pytest.fixture
def key_of_hana(shop, hana):
    from recoup.access import actions as access

    return access.create_key(
        merchant_id=shop.id, label="till", scopes=["refunds:read"], by=f"person:{hana.person_id}", at=shop.now
    )[1]


@pytest.fixture
def off_boards(as_worker, capsys):
    def do(email, *, company="", yes=True):
        from recoup.config.commands import people

        with as_worker():
            assert people.run(Namespace(email=email, company=company, yes=yes, last_manager=False), None) == 0
        return capsys.readouterr().out

    return do


@pytest.fixture
def two_browsers(mails, shop, hana):
    browsers = [Shopper(Client(), mails, shop) for _ in range(2)]
    signs_in(browsers[0], hana)
    browsers[1].browser.cookies = browsers[0].browser.cookies.copy()
    for one in browsers:
        assert one.opens("/review").path == "/review"
    return browsers


def asks_with(key):
    return Client().get("/api/v1/refunds", headers={"Authorization": f"Bearer {key}"}).status_code


def test_within_seconds_no_browser_and_no_key_of_theirs_opens_anything(
    shop, hana, key_of_hana, two_browsers, off_boards
):
    assert asks_with(key_of_hana) == 200
    began = time.monotonic()

    told = off_boards(hana.email, company=shop.slug)
    while asks_with(key_of_hana) == 200:
        assert time.monotonic() - began < AT_MOST_S
    paths = [one.opens("/review").path for one in two_browsers]

    assert paths == ["/account/login/"] * 2
    assert asks_with(key_of_hana) == 401
    assert "1 second factors, 1 keys" in told
    assert time.monotonic() - began < AT_MOST_S


def test_the_old_password_is_worth_nothing(mei, shop, hana, off_boards):
    off_boards(hana.email, company=shop.slug)

    mei.sends("/account/login/", login=hana.email, password=PASSWORD, next="/review")

    assert mei.path == "/account/login/"


def test_without_yes_it_is_only_said_what_would_end(hana, key_of_hana, two_browsers, off_boards):
    told = off_boards(hana.email, yes=False)

    assert "reviewer, 1 API keys made by them" in told
    assert "Nothing was done" in told
    assert [one.opens("/review").path for one in two_browsers] == ["/review"] * 2
    assert asks_with(key_of_hana) == 200


def test_whoever_works_elsewhere_too_keeps_that_and_their_proofs(mei, shop, hana, off_boards):
    from recoup.identity import actions as identity
    from recoup.kernel import ids
    from recoup.merchants import actions as merchants

    other, slug = ids.uuid7(), f"other-{hana.secret[:8].lower()}"
    merchants.register(merchant_id=other, slug=slug, name="Other", country="SG", currency="SGD", by="test", at=shop.now)
    identity.add_member(merchant_id=other, email=hana.email, name="Hana", password="", role="reviewer")

    off_boards(hana.email, company=shop.slug)
    signs_in(mei, hana)

    assert mei.path == "/review"
    assert "Other" in mei.page


def test_an_account_that_was_closed_opens_for_nobody(mei, hana, off_boards):
    off_boards(hana.email)

    mei.sends("/account/login/", login=hana.email, password=PASSWORD)
    assert mei.path == "/account/login/"

    from recoup.identity.models import Person

    assert not Person.objects.get(id=hana.person_id).is_active


def test_a_changed_role_counts_from_the_next_page_on(mei, shop, hana):
    from recoup.identity import actions as identity

    signs_in(mei, hana)
    assert mei.opens("/review").response.status_code == 200

    identity.add_member(merchant_id=shop.id, email=hana.email, name="Hana", password="", role="booth")
    before = mei.opens("/review").page
    identity.add_member(merchant_id=shop.id, email=hana.email, name="Hana", password="", role="reviewer")

    assert mei.opens("/review").page != before


@pytest.mark.parametrize("company", ["", "shop-of-nobody"])
def test_nobody_and_nowhere_are_refused_in_words(hana, off_boards, company):
    from recoup.kernel.errors import NotFound

    with pytest.raises(NotFound):
        off_boards(hana.email if company else "nobody@nowhere.example", company=company)
