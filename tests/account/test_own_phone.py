"""One's phone number: proved before it counts, changed only by whoever just proved to be its owner, told to both."""

import time

import pytest

from tests.account.test_one_door import (
    CONFIRM,
    LOGIN,
    _texts_can_be_sent,
    a_browser,
    address,
    code_in,
    comes_in,
    eight_digits,
    known_code,
    person_with,
    wrong,
)
from tests.web.staff_people import Colleague, signs_in

__all__ = ["_texts_can_be_sent", "address", "eight_digits"]

PHONE, NEW = "/account/phone/", "/account/phone/confirm/"


@pytest.fixture
def mei(address):
    """Signed in by a code to her address."""
    browser = a_browser()
    browser.post(LOGIN, {"login": address})
    comes_in(browser, known_code(browser))
    return browser


@pytest.fixture
def mei_by_number(eight_digits, texts):
    """Signed in by a code to her number; she has no address."""
    browser = a_browser()
    browser.post(LOGIN, {"login": eight_digits})
    comes_in(browser, code_in(texts(f"+65{eight_digits}")[-1]))
    return browser


def some_minutes_later(browser):
    session = browser.session
    for record in session["account_authentication_methods"]:
        record["at"] = time.time() - 600
    session.save()


def another(digits):
    return f"{int(digits) ^ 1}"


def test_a_number_is_added_when_its_code_came_back_and_not_before(mei, address, eight_digits, texts):
    number = f"+65{eight_digits}"
    assert mei.post(PHONE, {"phone": eight_digits})["Location"] == NEW
    code = code_in(texts(number)[-1])
    mei.post(NEW, {"code": wrong(code)})
    assert person_with(email=address).phone is None

    mei.post(NEW, {"code": code})

    assert person_with(email=address).phone == number


def test_both_numbers_open_one_account_only_while_they_are_its(mei_by_number, eight_digits, texts):
    old, new = f"+65{eight_digits}", f"+65{another(eight_digits)}"
    mei_by_number.post(PHONE, {"phone": new})
    mei_by_number.post(NEW, {"code": code_in(texts(new)[-1])})

    assert person_with(phone=new).pk == person_with(pk=mei_by_number.session["_auth_user_id"]).pk
    assert person_with(phone=old) is None
    assert "does not open your Recoup account any more" in texts(old)[-1]


def test_an_old_sign_in_has_to_be_proved_again_first(mei, address, eight_digits, texts):
    some_minutes_later(mei)

    assert mei.post(PHONE, {"phone": eight_digits})["Location"] == "/account/phone/prove/"
    assert texts(f"+65{eight_digits}") == []
    mei.get("/account/phone/prove/")
    mei.post("/account/phone/prove/", {"code": known_code(mei)})
    assert mei.post(PHONE, {"phone": eight_digits})["Location"] == NEW


@pytest.mark.parametrize(
    "page", ["/account/password/set/", "/account/2fa/webauthn/add/", "/account/2fa/totp/activate/"]
)
def test_a_first_password_or_second_proof_is_added_by_whoever_just_proved_to_be_the_owner(page, mei):
    assert mei.get(page).status_code == 200
    some_minutes_later(mei)

    assert mei.get(page)["Location"] == "/account/phone/prove/"
    assert mei.post(page, {"password1": "harbour violet kettle"})["Location"] == "/account/phone/prove/"
    mei.get("/account/phone/prove/")
    assert mei.post("/account/phone/prove/", {"code": known_code(mei)})["Location"] == page
    assert mei.get(page).status_code == 200


def test_another_address_is_added_by_whoever_just_proved_to_be_the_owner(mei, address):
    some_minutes_later(mei)

    answer = mei.post("/account/email/", {"action_add": "", "email": f"other-{address}"})

    assert answer["Location"] == "/account/phone/prove/"
    assert f"other-{address}" not in mei.get("/account/email/").content.decode()


def test_a_waiting_code_is_worth_nothing_when_the_proof_has_grown_old(mei, address, eight_digits, texts):
    mei.post(PHONE, {"phone": eight_digits})
    some_minutes_later(mei)

    answer = mei.post(NEW, {"code": code_in(texts(f"+65{eight_digits}")[-1])})

    assert answer["Location"] == "/account/phone/prove/"
    assert person_with(email=address).phone is None


def test_staff_prove_with_their_second_factor(shop, mails, eight_digits, texts):
    from tests.web.conftest import Shopper

    hana = Colleague(shop.id, "Hana", "reviewer")
    desk = signs_in(Shopper(a_browser(), mails, shop), hana)
    some_minutes_later(desk.browser)

    answer = desk.browser.post(PHONE, {"phone": eight_digits})

    assert "reauthenticate" in answer["Location"]
    assert texts(f"+65{eight_digits}") == []


def test_a_number_of_somebody_else_stays_theirs(mei, mei_by_number, address, eight_digits, texts):
    mei.post(PHONE, {"phone": eight_digits})
    page = mei.post(NEW, {"code": code_in(texts(f"+65{eight_digits}")[-1])}, follow=True).content.decode()

    assert "already opens another account" in page
    assert person_with(email=address).phone is None


def test_the_last_way_in_cannot_be_taken_away(mei_by_number, eight_digits):
    page = mei_by_number.post(PHONE, {"action": "remove"}, follow=True).content.decode()

    assert "Add an e-mail address first" in page
    assert person_with(phone=f"+65{eight_digits}")


def test_somebody_with_a_number_alone_sees_their_pages(mei_by_number):
    pages = ("email/", "2fa/", "sessions/", "apps/", "password/set/")
    for path in ("/account/", PHONE, "/cases", "/", *(f"/account/{page}" for page in pages)):
        assert mei_by_number.get(path, follow=True).status_code == 200, path
    assert mei_by_number.get(CONFIRM)["Location"] == LOGIN


CHANGED = "The phone number of your account was changed"


def test_the_mail_about_another_number_gives_the_old_one_back(mei, address, eight_digits, texts, letters):
    old, new = f"+65{eight_digits}", f"+65{another(eight_digits)}"
    for number in (old, new):
        mei.post(PHONE, {"phone": number})
        mei.post(NEW, {"code": code_in(texts(number)[-1])})
    told = [letter.text for letter in letters.to(address) if letter.subject == CHANGED][-1]
    assert (old in told, new in told) == (False, False)

    a_browser().post(letters.link(address, CHANGED))

    assert person_with(email=address).phone == old
    assert mei.get(PHONE).status_code == 302
