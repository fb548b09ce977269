"""Somebody who is signed in has all their refunds in one list, and needs no code for what is theirs."""

import re

import pytest

from tests.addresses import somewhere
from tests.database import open_shop
from tests.refunds.asking import ask, ask_in_review

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


@pytest.fixture
def signed_in(database):
    """`signed_in(email)`: a browser in which the person with that proved address is signed in."""
    from django.test import Client

    from recoup.identity import actions
    from recoup.identity.models import Person
    from recoup.kernel import clock

    def come(email, person_id=None):
        person_id = person_id or actions.enter_by_code(email=email, at=clock.now())
        browser = Client(REMOTE_ADDR=somewhere())
        browser.force_login(Person.objects.get(id=person_id), backend=BACKEND)
        browser.person_id = person_id
        return browser

    return come


def asks_as_guest(mei, shop, article="kettle"):
    """Mei asks with a code, as she always did."""
    mei.asks_about(shop.order((article, 1, 1890))).enters_the_code().chooses(line1=1)
    return mei.says("I changed my mind").confirms().case_number


def listed(page):
    return re.findall(r'href="/cases/(RC-[0-9A-Z-]+)"', page.content.decode())


def events_by(case, kind):
    from recoup.access import tenancy
    from recoup.events.models import Event
    from recoup.refunds import queries

    @tenancy.query
    def read(*, merchant_id, case_id):
        return list(Event.objects.filter(subject_id=case_id, kind=kind).values_list("actor", flat=True))

    merchant_id, case_id = queries.find_by_number(case)
    return read(merchant_id=merchant_id, case_id=case_id)


def test_what_a_guest_asked_for_is_in_the_account_that_they_make_later(mei, shop, signed_in):
    first, second = asks_as_guest(mei, shop), asks_as_guest(mei, shop, "lamp")
    browser = signed_in(mei.email)

    page = browser.get("/cases")

    assert listed(page) == [second, first]
    assert "My refunds" in page.content.decode()
    assert browser.get(f"/cases/{first}").status_code == 200
    assert browser.get(f"/cases/{first}/now").status_code == 200


def test_cases_of_every_company_are_in_one_list(mei, shop, signed_in):
    other = open_shop(shop.now)
    mine = asks_as_guest(mei, shop)
    elsewhere = ask(other, other.order(("sofa", 1, 90_000)), email=mei.email)

    page = signed_in(mei.email).get("/cases")

    assert set(listed(page)) == {mine, elsewhere.number}
    assert f"The {other.slug}" in page.content.decode()


def test_somebody_elses_case_leads_to_the_door(mei, shop, signed_in):
    case = asks_as_guest(mei, shop)
    eve = signed_in(f"eve@{shop.slug}.example")

    assert listed(eve.get("/cases")) == []
    for part in ("", "/now", "/evidence", "/withdraw", "/appeal"):
        answer = eve.get(f"/cases/{case}{part}")
        assert (answer.status_code, answer.headers["Location"]) == (302, f"/cases?number={case}")


def test_an_address_that_was_never_proved_opens_nothing_and_one_that_is_given_up_neither(mei, shop, signed_in):
    from allauth.account.models import EmailAddress

    case = asks_as_guest(mei, shop)
    eve = signed_in(f"eve@{shop.slug}.example")
    row = EmailAddress.objects.create(user_id=eve.person_id, email=mei.email, verified=False, primary=False)
    assert listed(eve.get("/cases")) == []
    assert eve.get(f"/cases/{case}").status_code == 302

    EmailAddress.objects.filter(id=row.id).update(verified=True)
    assert listed(eve.get("/cases")) == [case]
    assert eve.get(f"/cases/{case}").status_code == 200

    row.delete()
    assert listed(eve.get("/cases")) == []
    assert eve.get(f"/cases/{case}").status_code == 302


def test_a_case_without_an_address_is_nobodys(shop, signed_in):
    from recoup.refunds import queries

    case = ask_in_review(shop, email="")
    nobody = signed_in(f"nobody@{shop.slug}.example")

    assert queries.cases_of([""], before=None, limit=5) == []
    assert nobody.get(f"/cases/{case.number}").status_code == 302


def test_staff_have_their_own_refunds_too_and_there_are_no_others(mei, shop, sits_down):
    case = asks_as_guest(mei, shop)
    ines = sits_down("Ines", "reviewer").opens("/cases")

    assert case not in ines.page
    assert ines.opens(f"/cases/{case}").path == "/cases"


def test_whoever_is_signed_in_withdraws_by_name(mei, shop, signed_in):
    mei.asks_about(shop.order(("sofa", 1, 90_000))).enters_the_code().chooses(line1=1).says("It wobbles").confirms()
    case = mei.case_number
    browser = signed_in(mei.email)

    browser.post(f"/cases/{case}/withdraw")

    assert events_by(case, "case.withdrawn") == [f"person:{browser.person_id}"]


def test_a_list_has_pages(shop, signed_in):
    from recoup.web.shopper import my_cases

    email = f"often@{shop.slug}.example"
    numbers = [ask_in_review(shop, email=email).number for _ in range(my_cases.PAGE + 1)]
    browser = signed_in(email)

    first = browser.get("/cases")
    assert listed(first) == numbers[:0:-1]
    onward = re.search(r'href="(/cases\?before=[^"]+)"', first.content.decode())[1]
    assert listed(browser.get(onward)) == numbers[:1]
    assert listed(browser.get("/cases?before=nonsense")) == listed(first)


def test_the_list_costs_the_same_however_long_it_is(shop, signed_in):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    email = f"counts@{shop.slug}.example"
    browser = signed_in(email)
    browser.get("/cases")  # the session is written once
    counts = []
    for many in (1, 5):
        for _ in range(many):
            ask_in_review(shop, email=email)
        with CaptureQueriesContext(connection) as asked:
            browser.get("/cases")
        counts.append(len(asked))

    assert counts[0] == counts[1] <= 12


def test_an_order_is_picked_and_asked_about_without_a_code(mei, shop, mails, signed_in):
    order, other = shop.order(("kettle", 1, 1890)), shop.order(("lamp", 1, 2000), email="kim@elsewhere.example")
    browser = signed_in(mei.email)
    mei.browser = browser
    mei.opens(f"/ask/{shop.slug}")
    assert f'value="{order}"' in mei.page
    assert other not in mei.page

    mei.sends(f"/ask/{shop.slug}", own_order=order).chooses(line1=1).says("I changed my mind").confirms()

    assert mails.codes() == []
    assert events_by(mei.case_number, "case.submitted") == [f"person:{browser.person_id}"]
    assert listed(browser.get("/cases")) == [mei.case_number]


def test_an_order_that_is_not_ones_own_cannot_be_picked(mei, shop, signed_in):
    theirs = shop.order(("lamp", 1, 2000), email="kim@elsewhere.example")
    mei.browser = signed_in(mei.email)

    mei.sends(f"/ask/{shop.slug}", own_order=theirs)

    assert mei.response.status_code == 422
    assert "That order is not in your list any more" in mei.page
    assert mei.opens(f"/ask/{shop.slug}/items").path == f"/ask/{shop.slug}"


def test_a_number_with_a_proved_address_needs_no_code_and_another_address_does(mei, shop, mails, signed_in):
    order = shop.order(("kettle", 1, 1890))
    theirs = shop.order(("lamp", 1, 2000), email=f"kim@{shop.slug}.example")
    mei.browser = signed_in(mei.email)

    assert mei.asks_about(order).path == f"/ask/{shop.slug}/items"
    assert mails.codes() == []

    assert mei.asks_about(theirs, email=f"kim@{shop.slug}.example").path == f"/ask/{shop.slug}/code"
    assert len(mails.codes()) == 1


def test_signing_out_ends_it_in_the_middle_of_asking(mei, shop, signed_in):
    order = shop.order(("kettle", 1, 1890))
    mei.browser = signed_in(mei.email)
    mei.sends(f"/ask/{shop.slug}", own_order=order)
    assert mei.path == f"/ask/{shop.slug}/items"

    mei.browser.logout()

    assert mei.opens(f"/ask/{shop.slug}/items").path == f"/ask/{shop.slug}"


def test_whoever_signs_in_with_the_orders_number_sees_its_case(shop, signed_in):
    from recoup.identity import actions
    from recoup.kernel import clock

    case = ask_in_review(shop, email="", phone="9123 4567", country="SG")
    person_id = actions.enter_by_code(phone="+6591234567", at=clock.now())
    browser = signed_in("", person_id)

    assert browser.get(f"/cases/{case.number}").status_code == 200
    assert "Add it to your account" in browser.get("/cases").content.decode()


def test_the_same_digits_in_another_country_are_another_number(shop, signed_in):
    from recoup.identity import actions
    from recoup.kernel import clock

    case = ask_in_review(shop, email="", phone="9123 4567", country="SG")
    elsewhere = actions.enter_by_code(phone="+8591234567", at=clock.now())

    assert signed_in("", elsewhere).get(f"/cases/{case.number}").status_code == 302
