"""Nobody stays signed in for ever, and nobody's session keeps its number when they prove themselves."""

import pytest
from django.conf import settings
from django.contrib.auth import SESSION_KEY

from tests.web.conftest import Shopper
from tests.web.staff_people import PASSWORD, Colleague, signs_in

HALF_AN_HOUR, TWELVE_HOURS = 30 * 60, 12 * 3600


@pytest.fixture
def hana(shop):
    return Colleague(shop.id, "Hana", "reviewer")


@pytest.fixture
def desk(browser, mails, shop):
    return Shopper(browser, mails, shop)


def number(desk):
    return desk.browser.cookies[settings.SESSION_COOKIE_NAME].value


def aged(desk, **seconds):
    """What the session keeps was so many seconds longer ago."""
    session = desk.browser.session
    for name, by in seconds.items():
        session[name] -= by
    session.save()
    return desk


def opens_the_account(browser, session_number):
    browser.cookies[settings.SESSION_COOKIE_NAME] = session_number
    return browser.get("/account/").status_code == 200


def test_staff_who_did_nothing_for_half_an_hour_are_signed_out_and_told_why(desk, hana):
    signs_in(desk, hana)

    assert aged(desk, seen=HALF_AN_HOUR - 60).opens("/review").path == "/review"
    assert aged(desk, seen=HALF_AN_HOUR).opens("/review").path == "/account/login/"
    assert "nothing was done here for 30 minutes" in desk.page


def test_each_step_begins_the_half_hour_anew(desk, hana):
    signs_in(desk, hana)

    for _ in range(3):
        assert aged(desk, seen=HALF_AN_HOUR - 60).opens("/review").path == "/review"


def test_steps_close_together_write_nothing(desk, hana):
    signs_in(desk, hana).opens("/review")
    seen = desk.browser.session["seen"]

    aged(desk, seen=5).opens("/review")

    assert desk.browser.session["seen"] == seen - 5


def test_a_shopper_may_think_for_longer(desk, letters):
    email = f"thinker-{id(desk)}@home.example"
    desk.sends("/account/login/", login=email)
    desk.sends("/account/login/code/confirm/", code=letters.code(email))

    assert aged(desk, seen=3 * 3600).opens("/account/").path == "/account/"


def test_after_twelve_hours_everybody_signs_in_anew_however_busy_they_are(desk, hana):
    from django.contrib.sessions.models import Session

    signs_in(desk, hana)
    aged(desk, began=TWELVE_HOURS - 600)
    desk.opens("/review")
    row = Session.objects.get(session_key=number(desk))

    assert desk.path == "/review"
    assert (row.expire_date.timestamp() - desk.browser.session["began"]) == pytest.approx(TWELVE_HOURS, abs=1)
    assert aged(desk, began=600).opens("/review").path == "/account/login/"


def test_a_number_that_somebody_planted_is_nobodys_after_the_sign_in(desk, hana, stranger_with_a_session):
    planted = stranger_with_a_session
    desk.browser.cookies[settings.SESSION_COOKIE_NAME] = planted

    desk.sends("/account/login/", login=hana.email, password=PASSWORD)
    after_password = number(desk)
    desk.sends("/account/2fa/authenticate/", code=hana.code)
    after_code = number(desk)

    assert len({planted, after_password, after_code}) == 3
    assert opens_the_account(desk.browser, after_code)
    assert not opens_the_account(desk.browser, planted)
    assert not opens_the_account(desk.browser, after_password)


@pytest.fixture
def stranger_with_a_session(database):
    """The number of a session that the product gave to somebody who is not signed in."""
    from django.test import Client

    from tests.addresses import somewhere

    stranger = Client(REMOTE_ADDR=somewhere())
    stranger.post("/account/login/", {"login": "attacker@elsewhere.example"})
    return stranger.cookies[settings.SESSION_COOKIE_NAME].value


def test_a_proof_given_again_changes_the_number_and_what_is_listed_under_it(desk, hana):
    from allauth.usersessions.models import UserSession

    signs_in(desk, hana)
    before = number(desk)
    listed = UserSession.objects.get(session_key=before).pk

    desk.sends("/account/reauthenticate/", password=PASSWORD)

    after = number(desk)
    assert after != before
    assert UserSession.objects.get(session_key=after).pk == listed
    assert not opens_the_account(desk.browser, before)
    assert opens_the_account(desk.browser, after)


def test_another_role_changes_the_number(desk, hana, shop):
    from recoup.access import tenancy
    from recoup.identity.models import Membership

    @tenancy.action
    def promote(*, merchant_id):
        return Membership.objects.filter(merchant_id=merchant_id, person_id=hana.person_id).update(role="manager")

    signs_in(desk, hana).opens("/review")
    before = number(desk)
    assert promote(merchant_id=shop.id) == 1

    desk.opens("/review")

    assert desk.path == "/review"
    assert number(desk) != before
    assert not opens_the_account(desk.browser, before)


def test_a_wrong_proof_changes_nothing(desk, hana):
    signs_in(desk, hana)
    before = number(desk)

    desk.sends("/account/reauthenticate/", password="not the password at all")

    assert number(desk) == before
    assert desk.browser.session[SESSION_KEY] == str(hana.person_id)


def test_a_session_that_nobody_signed_in_with_is_not_ended(desk, stranger_with_a_session):
    desk.browser.cookies[settings.SESSION_COOKIE_NAME] = stranger_with_a_session
    session = desk.browser.session
    session["seen"] = session["began"] = 0
    session["rights"] = "operator"

    from recoup.kernel import clock
    from recoup.web import session_life

    assert not session_life.has_ended(session, at=clock.now())
