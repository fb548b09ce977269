"""The people of a company, at the page of its managers: invited, let in, given another role, let go."""

import re
from threading import Thread

import pytest
from django.test import Client

from tests.web.conftest import Shopper
from tests.web.staff_people import Colleague, signs_in

SUBJECT = "invites you to work with them"


@pytest.fixture
def newcomer(mails, shop):
    """A browser that nobody has signed in with."""
    return lambda: Shopper(Client(), mails, shop)


@pytest.fixture
def at_desk(newcomer, shop):
    """Somebody new of the shop's staff, signed in; `.person_id` and `.email` name them."""

    def sits_down(name, role):
        colleague = Colleague(shop.id, name, role)
        who = signs_in(newcomer(), colleague, wanted="/account/")
        who.email, who.person_id = colleague.email, colleague.person_id
        return who

    return sits_down


@pytest.fixture
def mara(at_desk):
    return at_desk("Mara", "manager")


@pytest.fixture
def link_of(letters):
    """The path of the newest invitation that was mailed to an address."""

    def read(address):
        texts = [letter.text for letter in letters.to(address) if letter.subject.endswith(SUBJECT)]
        return re.findall(r"https?://[^/\s]+(/account/join/\S+)", texts[-1])[-1]

    return read


def invites(manager, email, role="reviewer"):
    return manager.sends("/staff/members/invite", email=email, role=role)


def comes_by(browser, link, email, letters):
    """The link, a code to the address, and back to the invitation."""
    browser.opens(link)
    browser.sends("/account/login/", login=email, next=link)
    return browser.sends("/account/login/code/confirm/", code=letters.code(email))


def roles(shop):
    from recoup.identity import roster

    return {one.email: one.role for one in roster.people(merchant_id=shop.id)}


def address_of(shop, name="ines"):
    return f"{name}@{shop.slug}.example"


def test_an_invited_colleague_proves_the_address_and_sets_up_a_second_proof_before_work(
    mara, newcomer, shop, letters, link_of
):
    ines, email = newcomer(), address_of(shop)
    invites(mara, f" {email.upper()} ")
    assert "The invitation is on its way" in mara.page
    assert email in mara.page
    assert roles(shop).get(email) is None

    link = link_of(email)
    assert "invites you" in ines.opens(link).page
    comes_by(ines, link, email, letters)
    assert "Work for" in ines.page
    assert roles(shop).get(email) is None
    ines.sends(link, name="Ines Tan")

    assert roles(shop)[email] == "reviewer"
    assert ines.path == "/account/2fa/"
    assert "Ines Tan" in mara.opens("/staff/members").page
    assert ines.opens(link).response.status_code == 410


def test_the_link_is_nobody_elses(mara, newcomer, shop, letters, link_of, at_desk):
    email = address_of(shop)
    invites(mara, email, "manager")
    thief = newcomer()

    comes_by(thief, link_of(email), "thief@elsewhere.example", letters)
    thief.sends(link_of(email), name="Thief")

    assert thief.response.status_code == 403
    assert "for another address" in thief.page
    assert set(roles(shop)) == {mara.email}
    assert "invites you" in newcomer().opens(link_of(email)).page


@pytest.mark.parametrize("ended", ["taken back", "invited anew", "a week later", "inviter left"])
def test_a_link_that_is_over_opens_nothing(mara, at_desk, newcomer, shop, link_of, ended, letters):
    from recoup.identity.models import Invitation

    email, other = address_of(shop), at_desk("Olga", "manager")
    invites(mara, email)
    old = link_of(email)
    ines = newcomer()
    comes_by(ines, old, email, letters)

    match ended:
        case "taken back":
            path = re.search(r"/staff/members/invitations/[^/]+/withdraw", mara.page)[0]
            assert "Take the invitation back?" in mara.opens(path).page
            assert "Its link opens nothing" in mara.sends(path).page
            assert mara.sends(path).response.status_code == 404
        case "invited anew":
            invites(mara, email)
            assert link_of(email) != old
        case "a week later":
            from recoup.access import tenancy

            @tenancy.action
            def ages(*, merchant_id):
                Invitation.objects.filter(merchant_id=merchant_id).update(expires_at=shop.now)

            ages(merchant_id=shop.id)
        case "inviter left":
            assert other.sends(f"/staff/members/{mara.person_id}/remove").response.status_code == 200

    assert ines.opens(old).response.status_code == 410
    assert ines.sends(old, name="Ines").response.status_code == 410
    assert email not in roles(shop)


def test_who_works_here_is_not_invited_and_words_say_what_to_do(mara, at_desk, shop):
    ines = at_desk("Ines", "reviewer")

    invites(mara, ines.email)
    assert mara.response.status_code == 422
    assert "They work here already" in mara.page
    assert invites(mara, "no address").response.status_code == 422
    assert invites(mara, address_of(shop), "owner").response.status_code == 422
    assert "Invited" not in mara.opens("/staff/members").page


def test_the_list_says_role_last_visit_and_second_proof(mara, shop):
    from recoup.identity import actions as identity

    bare = address_of(shop, "bare")
    identity.add_member(merchant_id=shop.id, email=bare, name="Bare", password="", role="booth")

    page = mara.opens("/staff/members").page
    row = {name: re.search(rf"<th scope=\"row\">{name}.*?</tr>", page, re.DOTALL)[0] for name in ("Bare", "Mara")}

    assert "Never" in row["Bare"]
    assert "Not here" in row["Bare"]
    assert "Booth" in row["Bare"]
    assert "authenticator app" in row["Mara"]
    assert "<time" in row["Mara"]
    assert f"/staff/members/{mara.person_id}/" not in page


def test_a_manager_gives_another_role_and_nobody_their_own(mara, at_desk, shop):
    ines = at_desk("Ines", "reviewer")
    path = f"/staff/members/{ines.person_id}/role"
    assert "now reviewer" in mara.opens(path).page

    mara.sends(path, role="manager")

    assert roles(shop)[ines.email] == "manager"
    assert ines.opens("/staff/members").response.status_code == 200
    assert mara.sends(f"/staff/members/{mara.person_id}/role", role="booth").response.status_code == 403
    assert mara.sends(f"/staff/members/{mara.person_id}/remove").response.status_code == 403
    assert roles(shop)[mara.email] == "manager"


@pytest.mark.parametrize(("role", "reads"), [("auditor", True), ("reviewer", False), ("support", False)])
def test_others_invite_and_change_nobody(at_desk, shop, role, reads):
    ines, kim = at_desk("Ines", "booth"), at_desk("Kim", role)

    assert (kim.opens("/staff/members").response.status_code == 200) is reads
    assert "Invite somebody" not in kim.page
    for path in ("invite", f"{ines.person_id}/role", f"{ines.person_id}/remove"):
        told = {"email": address_of(shop, "x"), "role": "manager"}
        assert kim.sends(f"/staff/members/{path}", **told).response.status_code == 403
    assert roles(shop)[ines.email] == "booth"


def test_a_change_of_people_asks_for_a_fresh_proof(mara, at_desk, shop):
    ines = at_desk("Ines", "reviewer")
    session = mara.browser.session
    for record in session["account_authentication_methods"]:
        record["at"] -= 3600
    session.save()

    assert mara.opens("/staff/members").path == "/staff/members"
    for path in ("invite", f"{ines.person_id}/role", f"{ines.person_id}/remove"):
        mara.sends(f"/staff/members/{path}", email=address_of(shop), role="manager")
        assert mara.path == "/account/2fa/reauthenticate/"

    assert roles(shop) == {mara.email: "manager", ines.email: "reviewer"}


def test_removing_somebody_says_first_what_ends_and_then_ends_it(mara, at_desk, shop):
    from recoup.access import actions as access
    from recoup.identity import actions as identity

    ines = at_desk("Ines", "manager")
    who = f"person:{ines.person_id}"
    told = {"merchant_id": shop.id, "by": who, "at": shop.now}
    made, key = access.create_key(label="till", scopes=["refunds:read"], **told)
    _, newer = access.rotate_key(key_id=made, **told)
    identity.create_app(name="Till of Ines", kind="server", redirect_uris=[], scopes=["refunds:read"], **told)
    invites(ines, address_of(shop, "friend"))
    path = f"/staff/members/{ines.person_id}/remove"

    page = mara.opens(path).page

    told = dict(re.findall(r"<dt>([^<]*)</dt><dd>([^<]*)</dd>", page))
    assert told["Browsers signed in as them"] == told["Open invitations that they sent"] == "1"
    assert told["API keys whose secret they have seen"].startswith("2;")
    assert "Their password and 1 second proof;" in told["Password and second proofs"]
    assert "Till of Ines" in page
    assert ines.opens("/review").path == "/review"
    assert "They do not work here any more" in mara.sends(path).page
    assert ines.opens("/review").path == "/account/login/"
    for secret in (key, newer):
        assert Client().get("/api/v1/refunds", headers={"Authorization": f"Bearer {secret}"}).status_code == 401
    assert set(roles(shop)) == {mara.email}
    assert address_of(shop, "friend") not in mara.page
    assert mara.opens(path).response.status_code == 404


def test_another_companys_people_are_not_there(mara, shop):
    from recoup.kernel import ids

    for path in ("role", "remove"):
        assert mara.opens(f"/staff/members/{ids.uuid7()}/{path}").response.status_code == 404


def test_the_last_manager_stays(mara, shop, as_worker, capsys):
    from argparse import Namespace

    from recoup.config.commands import people
    from recoup.identity import actions as identity

    told = {"merchant_id": shop.id, "person_id": mara.person_id, "at": shop.now}

    with pytest.raises(identity.LastManager):
        identity.change_role(role="auditor", by="test", **told)
    with pytest.raises(identity.LastManager):
        identity.off_board(works_elsewhere=False, by="test", **told)
    asked = {"email": mara.email, "company": shop.slug, "yes": True}
    with as_worker(), pytest.raises(identity.LastManager):
        people.run(Namespace(last_manager=False, **asked), None)
    assert roles(shop) == {mara.email: "manager"}

    with as_worker():
        assert people.run(Namespace(last_manager=True, **asked), None) == 0
    assert roles(shop) == {}


def test_of_two_managers_who_take_each_others_role_at_once_one_stays(at_desk, shop):
    from django.db import connection

    from recoup.identity import actions as identity

    one, two = at_desk("One", "manager"), at_desk("Two", "manager")

    def takes(whose, by):
        try:
            identity.change_role(
                merchant_id=shop.id, person_id=whose.person_id, role="booth", by=f"person:{by.person_id}", at=shop.now
            )
        except identity.LastManager:
            pass
        finally:
            connection.close()

    both = [Thread(target=takes, args=pair) for pair in ((one, two), (two, one))]
    for thread in both:
        thread.start()
    for thread in both:
        thread.join()

    assert sorted(roles(shop).values()) == ["booth", "manager"]


def test_a_company_sends_only_so_many_invitations(mara, shop, as_worker):
    from recoup.access import actions as access

    told = {"bucket": "invitations", "quota": 1, "window_s": 3600, "by": "test", "at": shop.now}
    with as_worker():
        access.set_limit(merchant_id=shop.id, **told)

    invites(mara, address_of(shop, "one"))
    assert mara.path == "/staff/members"
    invites(mara, address_of(shop, "two"))

    assert mara.response.status_code == 422
    assert "has to wait" in mara.page
