"""Whoever moves money, rights, secrets or data proves again who they are: read from the list of actions and addresses,
so that a new one is held to it too.
"""

import re
import secrets
import uuid

import pyotp
import pytest
from django.test import Client

from recoup.access import authorizer, policies
from recoup.access.principals import Kind, Principal
from recoup.access.resources import PLATFORM, Company
from tests.addresses import somewhere
from tests.web.conftest import Shopper
from tests.web.staff_people import PASSWORD, Colleague, signs_in

#: More than a look at one of these asks for a fresh proof, and so does whatever is never answered from memory.
GRAVE = ("exports", "keys", "members", "payouts", "platform", "settings", "webhooks")
LOOKS = ("read", "look-up")
HARMLESS = {
    "cases:reject": "keeps money where it is, and can be appealed",
    "cases:share": "for keys alone: people never do it",
}
#: Addresses at which several things can be done: how each of those that need a proof is asked for.
SEVERAL = {
    ("/review/{number}/{verb}", "cases:approve"): "/review/{case}/approve",
    ("/review/{number}/{verb}/{payout_id}", "payouts:retry"): "/review/{case}/retry/{leg}",
    ("/review/{number}/{verb}/{payout_id}", "payouts:call-off"): "/review/{case}/call-off/{leg}",
    ("/staff/limits", "settings:write"): "/staff/limits",
    ("/staff/look", "settings:write"): "/staff/look",
}
#: Verbs of one of these are none of the other (test_reviewing).
NOT_THERE = {
    ("/review/{number}/{verb}", "payouts:retry"),
    ("/review/{number}/{verb}", "payouts:call-off"),
    ("/review/{number}/{verb}/{payout_id}", "cases:approve"),
}


def is_grave(action):
    thing, _, verb = action.name.partition(":")
    return verb not in LOOKS and action.name not in HARMLESS and (action.is_fresh or thing in GRAVE)


def needs_proof(route):
    return [name for name in route.actions if policies.action(name).needs_recent_proof]


@pytest.fixture
def routes(database):
    from recoup.api import routes

    return routes.table()


def test_whatever_is_grave_needs_a_fresh_proof():
    grave = [action for action in policies.rules().actions.values() if is_grave(action)]

    assert len(grave) >= 9
    for action in grave:
        assert action.needs_recent_proof, action.name


def test_no_role_does_it_with_an_old_proof_in_person_or_by_an_app():
    company = uuid.uuid4()
    tried = 0
    for name, action in policies.rules().actions.items():
        if not action.needs_recent_proof:
            continue
        thing = PLATFORM if "Platform" in action.resources else Company(company)
        for role in ("manager", "reviewer", "operator"):
            for by_token in (False, True):
                who = Principal(
                    kind=Kind.PERSON,
                    id=uuid.uuid4(),
                    merchant_id=None if role == "operator" else company,
                    role=role,
                    scopes=frozenset({action.scope}),
                    has_second_factor=True,
                    is_recent=False,
                    by_token=by_token,
                )
                told = authorizer.decide(principal=who, action=name, resource=thing)
                assert not told.is_allowed, (name, role)
                tried += 1
    assert tried >= 6 * 9


@pytest.fixture
def hana(shop, mails):
    return signs_in(Shopper(Client(REMOTE_ADDR=somewhere()), mails, shop), Colleague(shop.id, "Hana", "manager"))


@pytest.fixture
def olga(shop, mails):
    """She runs the platform."""
    from recoup.identity import actions as identity

    secret, email = pyotp.random_base32(), f"olga-{secrets.token_hex(4)}@recoup.example"
    person_id = identity.add_operator(email=email, name="Olga", password=PASSWORD)
    identity.give_authenticator(person_id=person_id, secret=secret)
    at_pages = Shopper(Client(REMOTE_ADDR=somewhere()), mails, shop)
    at_pages.sends("/account/login/", login=email, password=PASSWORD, next="/account/")
    return at_pages.sends("/account/2fa/authenticate/", code=pyotp.TOTP(secret).now())


def grown_old(desk):
    """What they proved is an hour ago."""
    session = desk.browser.session
    for record in session["account_authentication_methods"]:
        record["at"] -= 3600
    session.save()
    return desk


def asks_for_a_proof(desk, address):
    answer = desk.browser.post(address, {"step": "do", "words": "Yes."})
    if answer.status_code == 405:
        answer = desk.browser.get(address)
    return answer.status_code == 302 and answer["Location"].startswith("/account/2fa/reauthenticate/")


def filled(address):
    """An address of nothing that is there: the proof is asked for before anything is looked for."""
    return re.sub(r"\{(\w+)\}", lambda found: str(uuid.uuid4()) if found[1].endswith("_id") else "some", address)


def test_every_page_that_does_one_such_thing_asks_for_the_proof_first(routes, hana, olga):
    grown_old(hana)
    grown_old(olga)
    pages = [route for route in routes if route.method == "ANY" and needs_proof(route) and len(route.actions) == 1]
    assert len(pages) >= 9

    for route in pages:
        who = olga if route.path.startswith("/operator") else hana
        assert asks_for_a_proof(who, filled(route.path)), route


def test_pages_of_several_that_are_not_tried_below_do_nothing_without_it(routes, hana, olga):
    found = {(route.path, name) for route in routes if len(route.actions) > 1 for name in needs_proof(route)}
    assert set(SEVERAL) | NOT_THERE <= found
    grown_old(hana)
    grown_old(olga)

    for path in {path for path, _ in found - set(SEVERAL) - NOT_THERE if not path.startswith("/api/")}:
        who = olga if path.startswith("/operator") else hana
        answer = who.browser.post(filled(path), {"step": "do", "words": "Yes."})
        done = answer.status_code == 302 and not answer["Location"].startswith("/account/2fa/reauthenticate/")
        assert answer.status_code >= 400 or not done, path


def test_pages_of_several_ask_for_the_proof_of_the_one_at_hand(hana, mei, shop):
    from recoup.access import tenancy
    from recoup.payments.models import Payout

    order = shop.order(("lamp", 2, 200_00))
    mei.asks_about(order).enters_the_code().chooses(line1=2)
    mei.says("It is strange and I cannot say why").confirms()
    line = re.search(r'name="line" value="([^"]+)"', hana.opens(f"/review/{mei.case_number}/approve").page)[1]
    hana.sends(f"/review/{mei.case_number}/approve", step="do", line=[line], **{f"many-{line}": "2"})

    @tenancy.query
    def leg(*, merchant_id):
        return Payout.objects.get(merchant_id=merchant_id).id

    names = {"case": mei.case_number, "leg": leg(merchant_id=shop.id)}
    grown_old(hana)
    for (_, name), address in SEVERAL.items():
        assert asks_for_a_proof(hana, address.format(**names)), name


def test_with_the_proof_given_again_the_page_opens(hana):
    grown_old(hana)
    assert asks_for_a_proof(hana, "/staff/cases/export")

    hana.sends("/account/reauthenticate/", password=PASSWORD)

    assert not asks_for_a_proof(hana, "/staff/cases/export")
