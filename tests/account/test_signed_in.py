"""People see where they are signed in, sign browsers out from afar, and hear of new ones."""

import re
import secrets

import pytest
from django.conf import settings
from django.test import Client

from tests.addresses import somewhere
from tests.web.conftest import Shopper
from tests.web.staff_people import PASSWORD, Colleague, signs_in

CHROME_ON_WINDOWS = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36"
)
SAFARI_ON_IPHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko)"
    " Version/18.6 Mobile/15E148 Safari/604.1"
)
PAGE, NEW_DEVICE = "/account/sessions/", "A new device signed in to your account"


@pytest.fixture
def email(database):
    return f"mei-{secrets.token_hex(5)}@home.example"


@pytest.fixture
def signs_in_with(mails, shop, letters, email):
    """Mei signs in by a code, with a browser of that kind; `known` is one that she has used before."""

    def sign_in(user_agent, known=None):
        desk = known or Shopper(Client(REMOTE_ADDR=somewhere(), headers={"user-agent": user_agent}), mails, shop)
        desk.sends("/account/login/", login=email)
        return desk.sends("/account/login/code/confirm/", code=letters.code(email))

    return sign_in


def subjects(letters, address):
    return [letter.subject for letter in letters.to(address)]


def in_the_form(desk, field, button):
    """What the form with that button sends as the field."""
    forms = [form.partition("</form>")[0] for form in desk.page.split("<form")[1:]]
    (form,) = [form for form in forms if f">{button}<" in re.sub(r'<span class="[^"]+">', "", form)]
    return re.search(f'name="{field}" value="([^"]+)"', form)[1]


def is_in(desk):
    return desk.opens("/account/").path == "/account/"


def grown_old(desk):
    """The proof of the sign-in is an hour old."""
    session = desk.browser.session
    for record in session["account_authentication_methods"]:
        record["at"] -= 3600
    session.save()
    return desk


@pytest.mark.parametrize(
    ("user_agent", "name"),
    [
        (CHROME_ON_WINDOWS, "Chrome on Windows"),
        (SAFARI_ON_IPHONE, "Safari on iPhone"),
        ("Mozilla/5.0 (Android 15; Mobile; rv:145.0) Gecko/145.0 Firefox/145.0", "Firefox on Android"),
        (CHROME_ON_WINDOWS + " Edg/142.0.0.0", "Edge on Windows"),
        ("Mozilla/5.0 (X11; CrOS x86_64) AppleWebKit/537.36 Chrome/142.0 Safari/537.36", "Chrome on a Chromebook"),
        ("<script>alert(1)</script> Linux", "A browser on Linux"),
        ("", "An unknown browser"),
    ],
)  # fmt: skip
def test_browsers_have_names_that_people_know(user_agent, name, database):
    from recoup.web.account.device_names import name_of

    assert name_of(user_agent) == name


def test_every_browser_is_listed_by_its_name_and_nothing_of_its_own(signs_in_with):
    signs_in_with(SAFARI_ON_IPHONE)
    here = signs_in_with(CHROME_ON_WINDOWS)

    page = here.opens(PAGE).page

    assert page.index("Chrome on Windows") < page.index("This browser.") < page.index("Safari on iPhone")
    assert "Mozilla" not in page
    assert "AppleWebKit" not in page
    assert here.browser.defaults["REMOTE_ADDR"] not in page


def test_no_address_and_no_words_of_the_browser_are_kept(signs_in_with, email):
    from allauth.usersessions.models import UserSession

    signs_in_with(CHROME_ON_WINDOWS)

    kept = UserSession.objects.get(user__email=email)
    assert (kept.ip, kept.user_agent) == ("0.0.0.0", "Chrome on Windows")  # noqa: S104 - nothing listens


def test_one_browser_is_signed_out_and_the_others_stay(signs_in_with):
    phone, tablet, here = (signs_in_with(agent) for agent in (SAFARI_ON_IPHONE, "Android Firefox/1", CHROME_ON_WINDOWS))
    its_id = in_the_form(here.opens(PAGE), "session", "Sign out this browser: Safari on iPhone")

    here.sends(PAGE, action="end", session=its_id)

    assert "That browser is signed out." in here.page
    assert (is_in(phone), is_in(tablet), is_in(here)) == (False, True, True)


def test_all_others_are_signed_out_at_once(signs_in_with):
    phone, tablet, here = (signs_in_with(agent) for agent in (SAFARI_ON_IPHONE, "Android Firefox/1", CHROME_ON_WINDOWS))

    here.sends(PAGE, action="others")

    assert "You are signed out everywhere else." in here.page
    assert "You are signed in nowhere else." in here.page
    assert (is_in(phone), is_in(tablet), is_in(here)) == (False, False, True)


def test_nobody_signs_out_somebody_elses_browser(signs_in_with, mails, shop):
    from allauth.usersessions.models import UserSession

    from recoup.identity.models import Device

    kim = signs_in(
        Shopper(Client(REMOTE_ADDR=somewhere()), mails, shop), Colleague(shop.id, "Kim", "support"), wanted="/account/"
    )
    number = kim.browser.cookies[settings.SESSION_COOKIE_NAME].value
    session = UserSession.objects.get(session_key=number)
    mei = signs_in_with(CHROME_ON_WINDOWS)

    for told in (
        {"action": "end", "session": session.pk},
        {"action": "forget", "device": Device.objects.get(person_id=session.user_id).pk},
        {"action": "end", "session": "nothing"},
        {"action": "forget", "device": "nothing"},
        {"action": "everything"},
    ):
        assert mei.sends(PAGE, **told).response.status_code == 404
    assert is_in(kim)


def test_an_old_proof_is_asked_for_again_before_anything_ends(signs_in_with, letters, email):
    phone = signs_in_with(SAFARI_ON_IPHONE)
    here = grown_old(signs_in_with(CHROME_ON_WINDOWS))

    here.sends(PAGE, action="others")

    assert here.path == "/account/phone/prove/"
    assert is_in(phone)
    assert here.sends("/account/phone/prove/", code=letters.code(email)).path == PAGE
    here.sends(PAGE, action="others")
    assert not is_in(phone)


def test_staff_give_their_password_again_and_then_it_is_done(shop, mails):
    hana = Colleague(shop.id, "Hana", "reviewer")
    here = signs_in(Shopper(Client(REMOTE_ADDR=somewhere()), mails, shop), hana)
    other = Shopper(Client(REMOTE_ADDR=somewhere()), mails, shop)
    other.sends("/account/login/", login=hana.email, password=PASSWORD)
    grown_old(here)

    here.sends(PAGE, action="others")
    assert here.path == "/account/reauthenticate/"
    here.sends(f"/account/reauthenticate/?next={PAGE}", password=PASSWORD, next=PAGE)

    assert "You are signed out everywhere else." in here.page


def test_a_session_whose_time_is_over_is_not_listed(shop, mails):
    hana = Colleague(shop.id, "Hana", "reviewer")
    left = signs_in(Shopper(Client(REMOTE_ADDR=somewhere()), mails, shop), hana)
    session = left.browser.session
    session["seen"] -= 3600
    session.save()

    from django.contrib.auth import get_user_model

    here = Client(REMOTE_ADDR=somewhere())
    here.force_login(get_user_model().objects.get(pk=hana.person_id))

    assert "You are signed in nowhere else." in here.get(PAGE).content.decode()


def test_somebody_is_told_of_a_browser_that_is_new_but_not_of_their_first(signs_in_with, letters, email):
    first = signs_in_with(CHROME_ON_WINDOWS)
    assert NEW_DEVICE not in subjects(letters, email)

    first.sends("/account/logout/")
    signs_in_with(CHROME_ON_WINDOWS, known=first)
    assert NEW_DEVICE not in subjects(letters, email)

    signs_in_with(SAFARI_ON_IPHONE)
    assert subjects(letters, email).count(NEW_DEVICE) == 1
    assert "Safari on iPhone" in letters.to(email)[-1].text


def test_this_was_not_me_ends_what_the_new_browser_began(signs_in_with, letters, email):
    mine = signs_in_with(CHROME_ON_WINDOWS)
    thief = signs_in_with(SAFARI_ON_IPHONE)

    Client(REMOTE_ADDR=somewhere()).post(letters.link(email, NEW_DEVICE))

    assert (is_in(mine), is_in(thief)) == (False, False)


def test_a_forgotten_browser_is_a_new_one_again(signs_in_with, letters, email):
    old = signs_in_with(SAFARI_ON_IPHONE)
    old.sends("/account/logout/")
    here = signs_in_with(CHROME_ON_WINDOWS)
    device_id = in_the_form(here.opens(PAGE), "device", "Forget this browser: Safari on iPhone")
    told = subjects(letters, email).count(NEW_DEVICE)

    here.sends(PAGE, action="forget", device=device_id)
    signs_in_with(SAFARI_ON_IPHONE, known=old)

    assert subjects(letters, email).count(NEW_DEVICE) == told + 1


def test_what_a_cookie_carries_is_kept_as_its_hash(signs_in_with, email):
    from django.core import signing

    from recoup.identity.models import Device
    from recoup.web.account import tries

    browser = signs_in_with(CHROME_ON_WINDOWS).browser
    token, _ = signing.loads(browser.cookies[tries.COOKIE].value, salt="recoup.device")

    kept = bytes(Device.objects.get(person__email=email).token_hash)
    assert len(kept) == 32
    assert token.encode() not in kept


def test_the_page_asks_the_database_little_however_many_browsers_there_are(signs_in_with):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    here = signs_in_with(CHROME_ON_WINDOWS)
    asked = []
    for _ in range(2):
        with CaptureQueriesContext(connection) as one:
            here.opens(PAGE)
        asked.append(len(one))
        signs_in_with(SAFARI_ON_IPHONE)
    assert asked[0] == asked[1]
