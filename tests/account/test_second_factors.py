"""A second factor is given once, tried seldom, and asked for before it is changed."""

import re

import pyotp
import pytest
from django.core.cache import cache
from django.test import Client

from tests.addresses import somewhere
from tests.web.staff_people import PASSWORD, Colleague

PROOF = "/account/2fa/authenticate/"


@pytest.fixture
def hana(shop):
    return Colleague(shop.id, "Hana", "reviewer")


def before_the_code(person):
    """A browser that has given the password and is asked for the code."""
    browser = Client(REMOTE_ADDR=somewhere())
    browser.post("/account/login/", {"login": person.email, "password": PASSWORD})
    return browser


def is_in(answer):
    return answer.status_code == 302 and "login" not in answer["Location"]


def test_a_code_is_not_taken_twice_while_the_clocks_of_phones_may_differ(hana):
    code = hana.code
    assert is_in(before_the_code(hana).post(PROOF, {"code": code}))

    # What django-allauth itself remembers lasts for one half minute, and the code is right for three.
    cache.delete(f"allauth.mfa.totp.used?user={hana.person_id}&code={code}")

    for written in (code, f"{code[:3]} {code[3:]}", f"{code[:3]}-{code[3:]}"):
        assert not is_in(before_the_code(hana).post(PROOF, {"code": written}))


def test_digits_of_other_scripts_are_no_digits(hana):
    code = hana.code
    for zero in ("\N{ARABIC-INDIC DIGIT ZERO}", "\N{FULLWIDTH DIGIT ZERO}", "\N{MATHEMATICAL BOLD DIGIT ZERO}"):
        written = "".join(chr(ord(zero) + int(digit)) for digit in code)
        assert not is_in(before_the_code(hana).post(PROOF, {"code": written}))


def test_ten_wrong_codes_and_the_right_one_is_held_too_from_wherever_it_comes(hana):
    for _ in range(10):
        assert b"Too many" not in before_the_code(hana).post(PROOF, {"code": "000000x"}).content

    answer = before_the_code(hana).post(PROOF, {"code": hana.code})

    assert not is_in(answer)
    assert b"Too many wrong codes. Use a passkey, or wait 15 minutes." in answer.content


def test_somebody_elses_wrong_codes_do_not_count_for_a_browser_that_was_there_before(hana):
    at_home = before_the_code(hana)
    at_home.post(PROOF, {"code": hana.code})
    at_home.post("/account/logout/")
    for _ in range(11):
        before_the_code(hana).post(PROOF, {"code": "000000x"})

    at_home.post("/account/login/", {"login": hana.email, "password": PASSWORD})
    answer = at_home.post(PROOF, {"code": "000000x"})

    assert b"Too many" not in answer.content
    assert b"That did not work" in answer.content


def test_the_picture_for_an_app_says_what_the_key_says_and_its_code_is_used_up(shop):
    lena = Colleague(shop.id, "Lena", "reviewer")
    _without_a_factor(lena)
    browser = before_the_code(lena)
    browser.post("/account/reauthenticate/", {"password": PASSWORD})

    page = browser.get("/account/2fa/totp/activate/").content.decode()
    key = re.search(r'id="authenticator-key"[^>]*>([A-Z2-7]+)<', page)[1]
    assert "data:image/svg+xml;base64," in page
    code = pyotp.TOTP(key).now()
    assert browser.post("/account/2fa/totp/activate/", {"code": code}).status_code == 302

    assert not is_in(before_the_code(lena).post(PROOF, {"code": code}))


@pytest.mark.parametrize("path", ["totp/deactivate/", "recovery-codes/generate/", "webauthn/add/", "totp/activate/"])
def test_nothing_about_second_factors_is_changed_without_a_new_proof(hana, path):
    browser = before_the_code(hana)
    browser.post(PROOF, {"code": hana.code})

    for answer in (browser.get(f"/account/2fa/{path}"), browser.post(f"/account/2fa/{path}", {"code": "1"})):
        assert answer.status_code == 302
        assert "reauthenticate" in answer["Location"] or path == "totp/activate/"


def _own_pages():
    """Every address that is about one's own account, by its name in the routes or by ours."""
    from django.urls import get_resolver

    from recoup.access.routes_of_others import OWN, asked_at

    def below(resolver, ahead=""):
        for one in resolver.url_patterns:
            path = ahead + str(one.pattern)
            if hasattr(one, "url_patterns"):
                yield from below(one, path)
            elif asked_at(one.callback, one.name) == (OWN,):
                yield one.name, "/" + re.sub(r"<int:\w+>", "1", path)

    return sorted(set(below(get_resolver())), key=str)


def test_of_their_account_staff_without_a_second_factor_see_where_to_set_one_up_and_nothing_else(shop):
    from recoup.web.account.enrolling import ENROLMENT

    lena = Colleague(shop.id, "Lena", "reviewer")
    _without_a_factor(lena)
    browser = before_the_code(lena)
    pages = _own_pages()
    assert len(pages) >= 20

    others = {}
    for name, path in pages:
        if name not in ENROLMENT:
            for answer in (browser.get(path), browser.post(path)):
                others[path] = (answer.status_code, answer.headers.get("Location", "").partition("?")[0])
    assert {path: seen for path, seen in others.items() if seen != (302, "/account/2fa/")} == {}

    browser.post("/account/reauthenticate/", {"password": PASSWORD})
    for path in ("", "totp/activate/", "webauthn/add/"):
        assert browser.get(f"/account/2fa/{path}").status_code == 200


@pytest.mark.parametrize("path", ["/review", "/staff/webhooks", "/staff/apps", "/review/RC-0000-0000-0"])
def test_staff_without_a_second_factor_are_sent_to_set_one_up(shop, path):
    lena = Colleague(shop.id, "Lena", "reviewer")
    _without_a_factor(lena)

    answer = before_the_code(lena).get(path)

    assert (answer.status_code, answer["Location"].partition("?")[0]) == (302, "/account/2fa/")


def _without_a_factor(person):
    from allauth.mfa.models import Authenticator

    Authenticator.objects.filter(user_id=person.person_id).delete()
