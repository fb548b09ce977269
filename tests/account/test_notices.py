"""People hear what changed about their account, and one link throws out whoever did it."""

import secrets

import pytest
from django.test import Client

from tests.addresses import somewhere
from tests.web.conftest import Shopper
from tests.web.staff_people import PASSWORD, Colleague, signs_in


@pytest.fixture
def tell(database):
    from recoup.web.account import notices

    return notices.tell


@pytest.fixture
def kim(database):
    from allauth.account.models import EmailAddress

    from recoup.identity.models import Person

    person = Person(email=f"kim-{secrets.token_hex(5)}@home.example", name="Kim")
    person.set_password(PASSWORD)
    Person.objects.bulk_create([person])
    EmailAddress.objects.create(user=person, email=person.email, verified=True, primary=True)
    return person


@pytest.fixture
def hana(shop):
    return Colleague(shop.id, "Hana", "reviewer")


@pytest.fixture
def stranger(database):
    """A browser that nobody is signed in with."""
    return Client(REMOTE_ADDR=somewhere())


@pytest.fixture
def by_password(mails, shop):
    def sign_in(person):
        browser = Shopper(Client(REMOTE_ADDR=somewhere()), mails, shop)
        browser.sends("/account/login/", login=person.email, password=PASSWORD)
        return browser

    return sign_in


def fresh(person):
    person.refresh_from_db()
    return person


def test_a_new_device_is_told_and_looking_at_the_link_changes_nothing(kim, tell, letters, by_password, stranger):
    browser = by_password(kim)
    tell(kim, "new_device", device="Chrome on Windows")
    link = letters.link(kim.email, "A new device signed in to your account")

    page = stranger.get(link)

    assert "Chrome on Windows" in letters.to(kim.email)[-1].text
    assert page.status_code == 200
    assert "signed out" in page.content.decode()
    assert fresh(kim).has_usable_password()
    assert browser.opens("/account/").path == "/account/"


def test_the_link_ends_every_session_and_the_password_once(kim, tell, letters, by_password, stranger):
    browsers = [by_password(kim) for _ in range(2)]
    tell(kim, "new_device", device="Chrome")
    link = letters.link(kim.email, "A new device signed in to your account")

    done = stranger.post(link)

    assert done.status_code == 200
    assert [one.opens("/account/").path for one in browsers] == ["/account/login/"] * 2
    assert not fresh(kim).has_usable_password()
    assert by_password(kim).path == "/account/login/"
    assert (stranger.get(link).status_code, stranger.post(link).status_code) == (410, 410)


def test_afterwards_the_owner_is_let_in_by_a_code(kim, tell, letters, mails, shop, stranger):
    tell(kim, "password_changed")
    stranger.post(letters.link(kim.email, "Your password was changed"))
    browser = Shopper(Client(REMOTE_ADDR=somewhere()), mails, shop)

    browser.sends("/account/login/code/", email=kim.email)
    browser.sends("/account/login/code/confirm/", code=letters.code(kim.email))

    assert browser.opens("/account/").path == "/account/"


def test_a_changed_address_is_told_to_both_and_goes_back(kim, tell, letters, mails, shop, stranger):
    from allauth.account.models import EmailAddress

    from recoup.identity.models import Person

    old, new = kim.email, f"thief-{secrets.token_hex(5)}@elsewhere.example"
    EmailAddress.objects.filter(user=kim).update(primary=False)
    EmailAddress.objects.create(user=kim, email=new, verified=True, primary=True)
    Person.objects.filter(id=kim.id).update(email=new)
    tell(fresh(kim), "email_changed", old=old, new=new)
    assert {letter.to for address in (old, new) for letter in letters.to(address)} == {old, new}

    page = stranger.post(letters.link(old, "The address of your account was changed")).content.decode()

    assert fresh(kim).email == old
    assert list(EmailAddress.objects.filter(user=kim).values_list("email", "verified", "primary")) == [
        (old, True, True)
    ]
    assert "was undone" in page
    browser = Shopper(Client(REMOTE_ADDR=somewhere()), mails, shop)
    browser.sends("/account/login/code/", email=old)
    browser.sends("/account/login/code/confirm/", code=letters.code(old))
    assert browser.opens("/account/").path == "/account/"


def test_whoever_changed_it_cannot_answer_with_a_later_notice(kim, tell, letters, stranger):
    old, new, newer = kim.email, "a@elsewhere.example", f"b-{secrets.token_hex(5)}@elsewhere.example"
    tell(kim, "email_changed", old=old, new=new)
    tell(kim, "email_changed", old=new, new=newer)
    theirs = letters.link(newer, "The address of your account was changed")
    mine = next(part for part in letters.to(old)[0].text.split() if "/account/not-me/" in part)

    stranger.post("/" + mine.split("/", 3)[3])

    assert stranger.post(theirs).status_code == 410
    assert fresh(kim).email == old


def test_an_address_that_is_somebody_elses_by_now_is_not_taken_from_them(kim, tell, letters, stranger):
    from recoup.identity.models import Person

    taken = f"taken-{secrets.token_hex(5)}@home.example"
    other = Person.objects.create(email=taken)
    tell(kim, "email_changed", old=taken, new=kim.email)

    page = stranger.post(letters.link(kim.email, "The address of your account was changed")).content.decode()

    assert "could not be undone" in page
    assert fresh(other).email == taken


def test_of_staff_no_second_factor_goes_by_a_link_and_the_managers_are_told(hana, shop, tell, letters, mails, stranger):
    from allauth.mfa.models import Authenticator

    from recoup.identity.models import Person

    boss = Colleague(shop.id, "Boss", "manager")
    browser = signs_in(Shopper(Client(REMOTE_ADDR=somewhere()), mails, shop), hana)
    assert browser.opens("/review").path == "/review"
    person = Person.objects.get(email=hana.email)
    factor = Authenticator.objects.get(user=person)
    tell(person, "factor_added", factor="an authenticator app", factor_id=factor.pk)

    stranger.post(letters.link(hana.email, "A second proof was added to your account"))

    assert Authenticator.objects.filter(pk=factor.pk).exists()
    assert browser.opens("/review").path == "/account/login/"
    told = letters.to(boss.email)[-1]
    assert told.subject == "Hana says: this was not me"
    assert "A second proof was added" in told.text


def test_a_shoppers_added_factor_is_taken_off(kim, tell, letters, stranger):
    from allauth.mfa.models import Authenticator

    factor = Authenticator.objects.create(user=kim, type=Authenticator.Type.TOTP, data={})
    tell(kim, "factor_added", factor="an authenticator app", factor_id=factor.pk)

    stranger.post(letters.link(kim.email, "A second proof was added to your account"))

    assert not Authenticator.objects.filter(user=kim).exists()


@pytest.mark.parametrize("broken", ["x", "00000000-0000-0000-0000-000000000000.x", "a.b.c", "%00"])
def test_a_link_that_we_did_not_make_opens_nothing(stranger, broken):
    assert stranger.get(f"/account/not-me/{broken}/").status_code == 410


def test_a_signature_is_for_one_notice_only(kim, tell, letters, stranger):
    tell(kim, "password_changed")
    link = letters.link(kim.email, "Your password was changed")
    number, _, signature = link.rstrip("/").rpartition(".")
    other = number[:-1] + ("0" if number[-1] != "0" else "1")

    assert stranger.post(f"{other}.{signature}/").status_code == 410
    assert fresh(kim).has_usable_password()


def test_after_seven_days_the_link_is_dead(kim, letters, stranger, noon):
    from datetime import timedelta

    from recoup.notifications import actions
    from recoup.notifications.states import Change
    from recoup.web.account import notices

    notice = actions.tell_of_change(
        person_id=kim.id, kind=Change.PASSWORD_CHANGED, to=[], facts={}, url=str, at=noon - timedelta(days=7, minutes=1)
    )

    assert stranger.post(f"/account/not-me/{notices.token(notice)}/").status_code == 410
    assert fresh(kim).has_usable_password()


def test_the_account_pages_tell_by_themselves(kim, letters, by_password):
    browser = by_password(kim)
    new = "other words that nobody knows"

    browser.sends("/account/password/change/", oldpassword=PASSWORD, password1=new, password2=new)

    assert [letter.subject for letter in letters.to(kim.email)][-1] == "Your password was changed"
