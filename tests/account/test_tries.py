"""Guessing a password stops early, from wherever it comes, and never keeps the owner out."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.test import Client

from tests.addresses import somewhere
from tests.web.conftest import Shopper
from tests.web.staff_people import PASSWORD, Colleague

LIMIT = 10
TOO_MANY = "Too many tries"


@pytest.fixture
def hana(shop):
    return Colleague(shop.id, "Hana", "reviewer")


def tries(browser, email, password, *, at):
    answer = browser.post("/account/login/", {"login": email, "password": password}, REMOTE_ADDR=at)
    is_held = answer.status_code == 429 or TOO_MANY in answer.content.decode()
    return "in" if answer.status_code == 302 else "held" if is_held else "wrong"


def guesses(email, *, at, many=LIMIT):
    return [tries(Client(), email, f"guess number {n}", at=at) for n in range(many)]


def test_after_ten_wrong_passwords_the_right_one_is_held_too(hana):
    here = somewhere()

    assert guesses(hana.email, at=here) == ["wrong"] * LIMIT
    assert tries(Client(), hana.email, PASSWORD, at=here) == "held"


def test_an_account_is_one_however_it_is_written_and_a_network_of_ipv6_is_one(hana):
    network = somewhere().removesuffix("::1")
    name = hana.email
    written = [name, name.upper(), name.title(), f" {name} ", name.replace("s", "\N{FULLWIDTH LATIN SMALL LETTER S}")]

    told = [tries(Client(), written[n % 5], "a guess", at=f"{network}::{n + 1:x}") for n in range(LIMIT)]

    assert "held" not in told
    assert tries(Client(), name, PASSWORD, at=f"{network}:ffff::9") == "held"


def test_a_header_that_anybody_can_write_does_not_make_somebody_new(hana):
    here = somewhere()
    guesses(hana.email, at=here)

    for name in ("HTTP_X_FORWARDED_FOR", "HTTP_FORWARDED", "HTTP_X_REAL_IP"):
        answer = Client().post(
            "/account/login/", {"login": hana.email, "password": PASSWORD}, REMOTE_ADDR=here, **{name: "203.0.113.9"}
        )
        assert TOO_MANY in answer.content.decode()


def test_strangers_do_not_lock_out_a_browser_that_was_there_before(hana):
    here, at_home = somewhere(), Client()
    assert tries(at_home, hana.email, PASSWORD, at=here) == "in"
    at_home.post("/account/2fa/authenticate/", {"code": hana.code}, REMOTE_ADDR=here)
    at_home.post("/account/logout/", REMOTE_ADDR=here)

    guesses(hana.email, at=here)

    assert tries(Client(), hana.email, PASSWORD, at=here) == "held"
    assert tries(at_home, hana.email, PASSWORD, at=here) == "in"


def test_a_known_browser_may_not_guess_for_ever_either(hana):
    here, at_home = somewhere(), Client()
    tries(at_home, hana.email, PASSWORD, at=here)
    at_home.post("/account/2fa/authenticate/", {"code": hana.code}, REMOTE_ADDR=here)
    at_home.post("/account/logout/", REMOTE_ADDR=here)

    told = [tries(at_home, hana.email, f"guess {n}", at=here) for n in range(LIMIT + 1)]

    assert told == ["wrong"] * LIMIT + ["held"]


def test_the_owner_still_gets_in_by_a_mailed_code(mails, shop, hana, letters):
    here, owner = somewhere(), Shopper(Client(REMOTE_ADDR=somewhere()), mails, shop)
    guesses(hana.email, at=here)

    owner.sends("/account/login/code/", email=hana.email)

    owner.sends("/account/login/code/confirm/", code=letters.code(hana.email))
    assert owner.path == "/account/2fa/authenticate/"


def test_right_passwords_are_never_counted(hana):
    here = somewhere()

    assert [tries(Client(), hana.email, PASSWORD, at=here) for _ in range(LIMIT + 2)] == ["in"] * (LIMIT + 2)


def test_a_burst_at_one_moment_does_not_pass_together(hana):
    from django.db import connection

    here = somewhere()

    def one(n):
        try:
            return tries(Client(), hana.email, f"guess {n}", at=here)
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        told = list(pool.map(one, range(2 * LIMIT)))

    assert told.count("wrong") <= LIMIT + 1
    assert told.count("wrong") + told.count("held") == 2 * LIMIT
