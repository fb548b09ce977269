"""The operator's console: programs, queues, companies, the run of any case as a picture, and who did what."""

import re
import secrets
from datetime import timedelta

import pyotp
import pytest
from django.db import connection

from tests.operations.test_operations import put_aside
from tests.refunds.asking import ask, ask_in_review, payouts_of
from tests.refunds.rail import Rail
from tests.web.conftest import Shopper
from tests.web.staff_people import PASSWORD, Colleague, signs_in


@pytest.fixture
def omar(database, mails, shop):
    """Somebody who runs the platform and works for no company, signed in with a second factor."""
    from django.test import Client

    from recoup.identity import actions as identity

    email, secret = f"ops-{secrets.token_hex(4)}@recoup.example", pyotp.random_base32()
    person_id = identity.add_operator(email=email, name="Omar", password=PASSWORD)
    identity.give_authenticator(person_id=person_id, secret=secret)
    omar = Shopper(Client(), mails, shop).sends("/account/login/", login=email, password=PASSWORD, next="/account/")
    return omar.sends("/account/2fa/authenticate/", code=pyotp.TOTP(secret).now())


def text(page):
    """The page as one reads it."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))


def opened(omar, path):
    page = omar.opens(path).page
    assert omar.response.status_code == 200, (path, omar.response.status_code)
    return page


def long_ago(omar):
    """The last proof of who they are is an hour old."""
    session = omar.browser.session
    for record in session["account_authentication_methods"]:
        record["at"] -= timedelta(hours=1).total_seconds()
    session.save()


def test_the_first_page_says_what_runs_and_what_waits(omar):
    page = opened(omar, "/operator")

    assert "What waits to be done" in page
    assert "vault" in page
    assert '<a href="/operator" aria-current="page">' in page
    assert "How the platform runs" in opened(omar, "/account/")


def test_nobody_else_comes_in(database, mails, shop, browser):
    from django.test import Client

    pages = ("/operator", "/operator/companies", "/operator/cases", "/operator/parked", "/operator/audit")
    manager = signs_in(Shopper(Client(), mails, shop), Colleague(shop.id, "Mara", "manager"), wanted="/account/")
    for path in pages:
        assert manager.opens(path).response.status_code == 403, path
        assert Shopper(browser, mails, shop).opens(path).path == "/account/login/"


def test_a_run_is_drawn_with_its_way_and_said_in_words(omar, shop, database):
    case = ask(shop, shop.order(("mug", 1, 512)))
    (payout,) = payouts_of(shop, case)
    Rail(database, shop).pays(payout.id)

    omar.opens(f"/operator/cases?number={case.number.lower()}")
    page = omar.page

    assert omar.path == f"/operator/cases/{case.number}"
    assert page.count('class="run-state is-now"') == 2
    assert "judged at once" in page
    assert "The case was in" in page
    assert "then succeeded." in page
    assert re.search(r'class="run-way" d="M[\d. ]+Q[\d. ]+"', page)
    told = text(page)
    assert "Payment 1" in told
    assert "What the provider said" in told
    assert "5.12" not in told, "a sum is shown"
    assert "mug" not in told.lower(), "goods are shown"
    assert f"@{shop.slug}.example" not in page, "a shopper's address is shown"
    assert omar.opens("/operator/cases/RC-0000-0000-0").response.status_code == 404
    assert "no case with that number" in omar.opens("/operator/cases?number=RC-1").page


def test_parked_work_is_run_again_after_a_question_and_is_written_down(omar, shop, database):
    from recoup.kernel.clock import now
    from recoup.operations import actions
    from recoup.operations.models import Gauge
    from tests.database import as_role

    case = ask_in_review(shop)
    put_aside(shop, case)
    with as_role(database, "recoup_worker"):
        Gauge.objects.all().delete()
        actions.measure_queues(at=now())

    assert "Put aside" in opened(omar, f"/operator/cases/{case.number}")
    listed = opened(omar, f"/operator/companies/{shop.slug}")
    address = re.search(r'href="(/operator/parked/cases/[^"]+)"', listed)[1]
    assert "looked at again" in opened(omar, f"{address}?from={case.number}")
    omar.sends(f"{address}?from={case.number}")

    assert omar.path == f"/operator/cases/{case.number}"
    assert "It runs again." in omar.page
    assert omar.sends(address).response.status_code == 409, "it runs already"
    assert "Omar ran a case again" in text(opened(omar, f"/operator/companies/{shop.slug}"))
    assert "Omar ran a case again (" in text(opened(omar, "/operator/audit"))


def test_payments_are_stopped_for_a_reason_and_go_on(omar, shop):
    address = f"/operator/companies/{shop.slug}/rails/{shop.rail_account_id}"
    assert "No refund is sent by this account" in opened(omar, address)

    assert omar.sends(address).response.status_code == 422
    assert "Please say why" in omar.page
    assert omar.sends(address, why="mended").response.status_code == 422, "a reason for the other way"
    omar.sends(address, why="provider_down")
    assert "Payments by this account are stopped." in omar.page
    assert "Stopped" in omar.page
    omar.sends(address, why="mended")

    told = text(omar.page)
    assert "Omar let payments go on" in told
    assert "The provider has trouble" in told


def test_the_badge_is_given_and_taken(omar, shop):
    address, was = (
        f"/operator/companies/{shop.slug}/badge",
        "Take it away" in opened(omar, f"/operator/companies/{shop.slug}"),
    )
    for is_on in (was, not was):
        opened(omar, address)
        omar.sends(address, why="papers_missing" if is_on else "papers_checked")
        assert ("gone from" if is_on else "see the verified badge from now on") in omar.page


def test_an_old_proof_is_enough_to_look_and_not_to_act(omar, shop):
    long_ago(omar)

    opened(omar, f"/operator/companies/{shop.slug}")
    address = f"/operator/companies/{shop.slug}/rails/{shop.rail_account_id}"
    assert omar.opens(address).path == "/account/2fa/reauthenticate/"
    assert omar.sends(address, why="drill").path == "/account/2fa/reauthenticate/"
    assert "Stop payments" in opened(omar, f"/operator/companies/{shop.slug}"), "it was stopped all the same"


def test_the_history_is_searched_without_names_and_sums(omar, shop):
    case = ask(shop, shop.order(("mug", 1, 512)))

    page = opened(omar, f"/operator/audit?company={shop.slug}&noun=case&days=30")
    assert "case: submitted" in page
    assert "payout: reserved" not in page
    told = text(page[page.index("<tbody") : page.index("</tbody>")])
    assert case.number in told
    assert "5.12" not in told, "a sum is shown"
    assert "512" not in told.replace(case.number, ""), "a sum in cents is shown"
    found = opened(omar, f"/operator/audit?number={case.number}&actor=shopper")
    assert "case: submitted" in found
    assert "case: approved" not in found
    assert "There is no case with that number." in omar.opens("/operator/audit?number=RC-1").page
    assert omar.response.status_code == 422
    assert omar.opens("/operator/audit?company=nobody-at-all").response.status_code == 404


@pytest.mark.parametrize(
    ("page", "most"),
    [
        ("/operator", 12),
        ("/operator/companies", 12),
        ("/operator/companies/{slug}", 22),
        ("/operator/cases/{number}", 20),
        ("/operator/audit?company={slug}", 16),
    ],
)
def test_a_page_asks_the_database_little(omar, shop, page, most):
    from django.test.utils import CaptureQueriesContext

    case = ask(shop, shop.order(("mug", 1, 500)))
    path = page.format(slug=shop.slug, number=case.number)
    opened(omar, path)

    with CaptureQueriesContext(connection) as asked:
        opened(omar, path)

    assert len(asked) <= most, [query["sql"][:120] for query in asked]
