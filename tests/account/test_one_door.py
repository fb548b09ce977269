"""One field, a code, in: with an address or a number, with or without an account before."""

import re
import secrets
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.test import Client, override_settings

from tests.addresses import somewhere
from tests.web.staff_people import PASSWORD, Colleague

LOGIN, CONFIRM = "/account/login/", "/account/login/code/confirm/"


@pytest.fixture(autouse=True)
def _texts_can_be_sent(database):
    with override_settings(SMS_GATEWAY="http", SMS_COUNTRIES=("SG", "MY"), HOME_COUNTRY="SG"):
        yield


@pytest.fixture
def eight_digits():
    return f"9{secrets.choice('123478')}{secrets.randbelow(10**6):06d}"


@pytest.fixture
def address():
    return f"mei-{secrets.token_hex(5)}@home.example"


def a_browser():
    return Client(REMOTE_ADDR=somewhere())


def code_in(text):
    return re.match(r"[0-9]{6}", text)[0]


def known_code(browser, code="271828"):
    """As if that had been the code that was mailed to whoever sits at this browser."""
    from recoup.identity import actions as identity

    session = browser.session
    for slot in [name for name in session.keys() if name.startswith("code:")]:  # noqa: SIM118 - a session is no dict
        session[slot]["hash"] = identity.hash_code(code, salt=session[slot]["name"]).hex()
    session.modified = True
    session.save()
    return code


def wrong(code):
    return f"{(int(code) + 1) % 1_000_000:06d}"


def person_with(**contact):
    from recoup.identity.models import Person

    return Person.objects.filter(**contact).first()


def comes_in(browser, code):
    return browser.post(CONFIRM, {"code": code})


def is_in(browser):
    return "_auth_user_id" in browser.session


@pytest.mark.parametrize("written", ["{}", "{0[0]}{0[1]}{0[2]}{0[3]} {0[4]}{0[5]}{0[6]}{0[7]}", "+65 {}", "(+65) {}"])
def test_a_local_number_is_understood_however_it_is_written(written, eight_digits, texts):
    mei = a_browser()

    answer = mei.post(LOGIN, {"login": written.format(eight_digits)})
    assert (answer.status_code, answer["Location"]) == (302, CONFIRM)
    [text] = texts(f"+65{eight_digits}")
    comes_in(mei, code_in(text))

    assert is_in(mei)
    assert person_with(phone=f"+65{eight_digits}").email is None
    assert len(text) <= 160


def test_the_country_is_chosen_for_a_number_from_elsewhere(texts):
    mei = a_browser()
    digits = f"12{secrets.choice('3456789')}{secrets.randbelow(10**6):06d}"

    mei.post(LOGIN, {"login": f"0{digits}", "country": "MY"})

    assert len(texts(f"+60{digits}")) == 1


def test_the_first_code_makes_the_account_and_the_next_opens_the_same(address):
    for _ in range(2):
        mei = a_browser()
        mei.post(LOGIN, {"login": address.title()})
        comes_in(mei, known_code(mei))
        assert is_in(mei)
        assert mei.get("/account/").status_code == 200
    person = person_with(email=address)
    assert mei.session["_auth_user_id"] == str(person.pk)


def test_the_page_says_the_same_whether_there_is_an_account(address):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    mei = a_browser()
    mei.post(LOGIN, {"login": address})
    comes_in(mei, known_code(mei))

    seen = []
    for who in (address, f"nobody-{secrets.token_hex(5)}@home.example"):
        browser = a_browser()
        with CaptureQueriesContext(
            connection,
        ) as asked:
            answer = browser.post(LOGIN, {"login": who})
        statements = [re.sub(r"'[^']*'|[0-9]+", "?", one["sql"]).split(" VALUES")[0][:60] for one in asked]
        page = browser.get(CONFIRM).content.decode().replace(who, "WHO")
        page = re.sub(r'(csrfmiddlewaretoken" value|nonce)="[^"]*"', "", page)
        seen.append((answer.status_code, answer["Location"], sorted(answer.cookies), statements, page))
        assert not any("identity_person" in one["sql"] or "emailaddress" in one["sql"] for one in asked)
    assert seen[0] == seen[1]


@pytest.mark.parametrize(
    ("written", "says"),
    [
        ("mei@", "not complete"),
        ("1234", "not complete"),
        ("12345678", "does not exist"),
        ("6223 4567", "not a mobile number"),
        ("+44 7400 123456", "cannot send texts to that country"),
        ("+65 1900 123 4567", "does not exist|not a mobile"),
        ("", "enter your e-mail address or your mobile number"),
    ],
)
def test_what_cannot_be_understood_is_said_in_words_and_kept(written, says, texts):
    answer = a_browser().post(LOGIN, {"login": written})

    page = answer.content.decode()
    assert answer.status_code == 422
    assert re.search(says, page)
    assert not written or f'value="{written}"' in page


def test_a_wrong_code_opens_nothing_and_five_of_them_end_the_right_one(eight_digits, texts):
    mei = a_browser()
    mei.post(LOGIN, {"login": eight_digits})
    code = code_in(texts(f"+65{eight_digits}")[0])

    told = [comes_in(mei, wrong(code)).status_code for _ in range(5)]

    assert told == [422] * 5
    assert "tried too often" in comes_in(mei, code).content.decode()
    assert not is_in(mei)


def test_many_guesses_at_one_moment_are_counted_one_by_one(eight_digits, texts):
    from django.db import connection

    mei = a_browser()
    mei.post(LOGIN, {"login": eight_digits})
    code, cookie = code_in(texts(f"+65{eight_digits}")[0]), mei.cookies["recoup"].value

    def guess(_):
        try:
            thief = a_browser()
            thief.cookies["recoup"] = cookie
            return "does not work" in comes_in(thief, wrong(code)).content.decode()
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as pool:
        assert sum(pool.map(guess, range(12))) == 5


def test_a_code_works_once_and_only_where_it_was_asked_for(address):
    mei, thief = a_browser(), a_browser()
    mei.post(LOGIN, {"login": address})
    thief.post(LOGIN, {"login": address})
    first = known_code(mei)
    known_code(thief, wrong(first))

    assert comes_in(thief, first).status_code == 422
    comes_in(mei, first)
    assert is_in(mei)
    mei.post("/account/logout/")
    assert comes_in(mei, first)["Location"] == LOGIN


def test_only_the_newest_code_works_after_another_was_asked_for(eight_digits, texts):
    mei = a_browser()
    mei.post(LOGIN, {"login": eight_digits})
    mei.post(CONFIRM, {"action": "resend"})

    old, new = map(code_in, texts(f"+65{eight_digits}"))

    assert old == new or comes_in(mei, old).status_code == 422
    comes_in(mei, new)
    assert is_in(mei)


def test_a_number_is_sent_five_texts_an_hour_and_the_page_says_what_to_do(eight_digits, texts):
    told = [a_browser().post(LOGIN, {"login": eight_digits}).status_code for _ in range(6)]

    assert told == [302] * 5 + [422]
    assert len(texts(f"+65{eight_digits}")) == 5
    assert "sign in another way" in a_browser().post(LOGIN, {"login": eight_digits}).content.decode()


def test_strangers_cannot_use_up_the_texts_of_a_browser_that_was_there_before(eight_digits, texts):
    mei = a_browser()
    mei.post(LOGIN, {"login": eight_digits})
    comes_in(mei, code_in(texts(f"+65{eight_digits}")[-1]))
    mei.post("/account/logout/")
    for _ in range(6):
        a_browser().post(LOGIN, {"login": eight_digits})

    assert mei.post(LOGIN, {"login": eight_digits}).status_code == 302


def test_one_network_cannot_pump_texts_to_many_numbers(texts):
    here = somewhere()
    told = [
        Client(REMOTE_ADDR=here).post(LOGIN, {"login": f"91{secrets.randbelow(10**6):06d}"}).status_code
        for _ in range(21)
    ]

    assert told == [302] * 20 + [422]


def test_staff_are_asked_for_their_second_factor_after_the_code(shop):
    hana = Colleague(shop.id, "Hana", "reviewer")
    browser = a_browser()
    browser.post(LOGIN, {"login": hana.email, "next": "/review"})

    answer = comes_in(browser, known_code(browser))

    assert answer["Location"].startswith("/account/2fa/authenticate/")
    assert not is_in(browser)


def test_a_password_still_opens_and_a_next_page_is_not_lost(shop, address):
    hana = Colleague(shop.id, "Hana", "reviewer")
    answer = a_browser().post(LOGIN, {"login": hana.email, "password": PASSWORD})
    assert answer["Location"].startswith("/account/2fa/authenticate/")

    mei = a_browser()
    mei.post(LOGIN, {"login": address, "next": "/cases"})
    assert comes_in(mei, known_code(mei))["Location"] == "/cases"
    mei = a_browser()
    mei.post(LOGIN, {"login": address, "next": "https://evil.example/"})
    assert comes_in(mei, known_code(mei))["Location"] == "/account/"


def test_without_a_gateway_the_page_offers_no_number(eight_digits):
    with override_settings(SMS_GATEWAY=""):
        page = a_browser().get(LOGIN).content.decode()
        answer = a_browser().post(LOGIN, {"login": eight_digits})

    assert "mobile number" not in page
    assert "cannot send texts at the moment" in answer.content.decode()


def test_no_two_things_on_the_page_have_one_name(browser):
    import re

    for page in (browser.get("/account/login/"), browser.post("/account/login/", {"login": ""})):
        names = re.findall(r'\bid="([^"]+)"', page.content.decode())
        assert len(names) == len(set(names)), sorted(names)


def test_where_others_have_a_sign_up_there_is_the_one_door(address):
    browser = a_browser()

    answer = browser.post("/account/signup/", {"email": address, "password1": "harbour violet kettle nineteen"})

    assert browser.get("/account/signup/?next=/account/")["Location"] == "/account/login/?next=%2Faccount%2F"
    assert answer["Location"] == CONFIRM
    assert person_with(email=address) is None
