"""What a page of the desk offers is what the policies allow; what it does not offer is refused when it is sent."""

from datetime import timedelta

import pytest

from tests.web.conftest import Shopper, photo
from tests.web.staff_people import Colleague, signs_in

ALL = {"approve", "reject", "ask-evidence", "ask-goods"}


@pytest.fixture
def works_here(database, mails, shop):
    """Somebody of the shop's staff in that role, signed in."""
    from django.test import Client

    def sits_down(role):
        return signs_in(Shopper(Client(), mails, shop), Colleague(shop.id, f"Kim-{role}", role), wanted="/account/")

    return sits_down


@pytest.fixture
def case(mei, shop):
    """A case for a person, with a photo."""
    order = shop.order(("lamp", 2, 200_00))
    mei.asks_about(order).enters_the_code().chooses(line1=2)
    mei.says("It is strange and I cannot say why", photos=[photo()]).confirms()
    return mei.case_number


@pytest.mark.parametrize(
    ("role", "offered", "sees_photos"),
    [
        ("auditor", set(), True),
        ("booth", set(), False),
        ("support", {"ask-evidence"}, True),
        ("reviewer", ALL, True),
        ("manager", ALL, True),
    ],
)
def test_a_role_is_offered_what_it_may_and_refused_the_rest(works_here, case, role, offered, sees_photos):
    kim = works_here(role)

    page = kim.opens(f"/review/{case}").page

    assert {verb for verb in ALL | {"grade-goods"} if f'href="/review/{case}/{verb}"' in page} == offered
    assert (f"/review/{case}/photos/" in page) is sees_photos
    assert ("in another role" in page) is not bool(offered)
    for verb in sorted(ALL - offered):
        assert kim.opens(f"/review/{case}/{verb}").response.status_code == 403
        assert kim.sends(f"/review/{case}/{verb}", step="do", words="No.").response.status_code == 403
    for verb in sorted(offered):
        assert kim.opens(f"/review/{case}/{verb}").response.status_code == 200


def test_a_refusal_says_why_and_who_could(works_here, case):
    page = works_here("support").opens(f"/review/{case}/approve").page

    assert "No policy lets support staff do this: approve a case" in page
    assert "a manager of the company gives roles" in page


def test_photos_are_refused_to_who_may_not_see_them(works_here, case):
    address = _photo_of(works_here("reviewer").opens(f"/review/{case}").page, case)

    assert works_here("booth").opens(address).response.status_code == 403
    assert works_here("auditor").opens(address).response.status_code == 200


def test_nobody_decides_about_their_own_refund(works_here, case, mei):
    """The shopper of the case works at the shop, and sits at its desk."""
    from recoup.identity.models import Person

    kim = works_here("reviewer")
    Person.objects.filter(pk=kim.browser.session["_auth_user_id"]).update(email=mei.email)

    page = kim.opens(f"/review/{case}").page
    refused = kim.opens(f"/review/{case}/approve")

    assert f"/review/{case}/approve" not in page
    assert refused.response.status_code == 403
    assert "Nobody decides about their own refund" in refused.page


def test_an_old_proof_reads_but_has_to_be_given_again_before_money_moves(works_here, case):
    kim = works_here("reviewer")
    _proved(kim, ago=timedelta(minutes=16))

    assert kim.opens(f"/review/{case}").response.status_code == 200
    assert f'href="/review/{case}/approve"' in kim.page
    assert kim.opens(f"/review/{case}/approve").path == "/account/2fa/reauthenticate/"
    assert kim.sends(f"/review/{case}/approve", step="do").path == "/account/2fa/reauthenticate/"


def test_a_page_is_opened_with_time_to_spare_for_what_is_typed_on_it(works_here, case):
    kim = works_here("reviewer")
    _proved(kim, ago=timedelta(minutes=12))

    assert kim.opens(f"/review/{case}/approve").path == "/account/2fa/reauthenticate/"
    assert kim.sends(f"/review/{case}/approve", step="look").path == f"/review/{case}/approve"


def test_proving_again_leads_back(works_here, case):
    import pyotp
    from allauth.mfa.models import Authenticator
    from django.core.cache import cache

    kim = works_here("reviewer")
    _proved(kim, ago=timedelta(minutes=16))
    kim.opens(f"/review/{case}/approve")
    asked = kim.response.redirect_chain[-1][0]
    cache.clear()
    secret = _secret_of(Authenticator.objects.get(user_id=kim.browser.session["_auth_user_id"], type="totp"))

    kim.sends(asked, code=pyotp.TOTP(secret).now(), next=f"/review/{case}/approve")

    assert kim.path == f"/review/{case}/approve"


def _photo_of(page, case):
    start = page.index(f"/review/{case}/photos/")
    return page[start : page.index('"', start)]


def _proved(kim, *, ago):
    """Their proofs are that old now."""
    session = kim.browser.session
    for record in session["account_authentication_methods"]:
        record["at"] -= ago.total_seconds()
    session.save()


def _secret_of(authenticator):
    from allauth.mfa.adapter import get_adapter

    return get_adapter().decrypt(authenticator.data["secret"])
