"""Shoppers sign in at a provider that the settings name: a program of its own, spoken to over HTTP."""

import html
import re
import secrets

import pyotp
import pytest

from tests.web.staff_people import PASSWORD, Colleague


@pytest.fixture
def kopi_id(town, database):
    """A provider for everybody."""
    from django.test import override_settings

    app = {
        "provider_id": "kopi-id",
        "name": "Kopi ID",
        "client_id": "recoup",
        "secret": "between us",
        "settings": {"server_url": f"{town.url}/door"},
    }
    told = {"openid_connect": {"APPS": [app], "OAUTH_PKCE_ENABLED": True}}
    mails = "django.core.mail.backends.locmem.EmailBackend"
    with override_settings(SOCIALACCOUNT_PROVIDERS=told, EMAIL_BACKEND=mails):
        yield town


@pytest.fixture
def lena(kopi_id):
    return _known_there(kopi_id, f"lena-{secrets.token_hex(4)}@example.com")


def test_who_is_new_has_an_account_afterwards(kopi_id, walker, lena):
    _comes_by_kopi_id(walker, lena)

    person = _person(lena)
    assert walker.browser.session["_auth_user_id"] == str(person.pk)
    assert not person.has_usable_password()


def test_the_button_may_lead_there_and_nowhere_else(kopi_id, walker):
    answer = walker.browser.get("/account/login/")

    targets = re.search(r"form-action ([^;]+);", answer.headers["Content-Security-Policy"])[1]
    assert targets.split() == ["'self'", kopi_id.url]
    assert "Sign in with Kopi ID" in answer.content.decode()


def test_an_account_that_was_there_before_is_not_opened_by_its_address(kopi_id, walker, shop):
    hana = Colleague(shop.id, "Hana", "reviewer")
    _known_there(kopi_id, hana.email)

    _comes_by_kopi_id(walker, hana.email)

    assert walker.response.status_code == 409
    assert "You have an account already" in walker.page
    assert "_auth_user_id" not in walker.browser.session
    assert _connections(hana.email) == 0


def test_its_owner_connects_it_and_is_still_asked_for_the_second_factor(kopi_id, walker, shop):
    hana = Colleague(shop.id, "Hana", "reviewer")
    _known_there(kopi_id, hana.email)
    walker.browser.post("/account/login/", {"login": hana.email, "password": PASSWORD})
    walker.browser.post("/account/2fa/authenticate/", {"code": hana.code})
    walker.browser.post("/account/reauthenticate/", {"password": PASSWORD})
    page = walker.browser.get("/account/3rdparty/").content.decode()
    _goes(walker, page, "Connect Kopi ID").says_who(hana.email)
    assert _connections(hana.email) == 1
    walker.browser.post("/account/logout/")

    _comes_by_kopi_id(walker, hana.email)

    assert walker.response.request["PATH_INFO"] == "/account/2fa/authenticate/"
    assert "_auth_user_id" not in walker.browser.session
    later = pyotp.TOTP(hana.secret).at(int(_now().timestamp()) + 30)
    walker.follows(walker.browser.post("/account/2fa/authenticate/", {"code": later}))
    assert "_auth_user_id" in walker.browser.session


def test_somebody_at_work_without_a_second_factor_sets_one_up_first(kopi_id, walker, shop, lena):
    from recoup.identity import actions as identity

    _comes_by_kopi_id(walker, lena)
    identity.add_member(merchant_id=shop.id, email=lena, name="Lena", password=PASSWORD, role="reviewer")
    walker.browser.post("/account/logout/")
    _comes_by_kopi_id(walker, lena)

    assert walker.opens("/review").response.request["PATH_INFO"] == "/account/2fa/"


def _known_there(town, email):
    town.post("/_practice/phones", {"email": email, "name": "Lena", "secret": "JBSWY3DPEHPK3PXP"})
    return email


def _comes_by_kopi_id(walker, email):
    _goes(walker, walker.browser.get("/account/login/").content.decode(), "Sign in with Kopi ID").says_who(email)


def _goes(walker, page, words):
    action = re.search(rf'<form method="post" action="([^"]+)">(?:(?!</form>).)*{words}', page, re.DOTALL)[1]
    return walker.follows(walker.browser.post(html.unescape(action)))


def _connections(email):
    from allauth.socialaccount.models import SocialAccount

    return SocialAccount.objects.filter(user=_person(email)).count()


def _person(email):
    from recoup.identity.models import Person

    return Person.objects.filter(email=email).first()


def _now():
    from recoup.kernel import clock

    return clock.now()
