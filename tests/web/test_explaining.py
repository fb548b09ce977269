"""`bin/recoup access explain`: may they, which policy says so, and why, in words and for programs."""

import argparse
import json
import secrets

import pytest

from tests.api.callers import Caller
from tests.web.staff_people import Colleague


@pytest.fixture
def case(mei, shop):
    order = shop.order(("lamp", 2, 200_00))
    mei.asks_about(order).enters_the_code().chooses(line1=2)
    mei.says("It is strange and I cannot say why").confirms()
    return mei.case_number


@pytest.fixture
def asks(as_worker, capsys):
    """The operator types the command; gives what it prints."""
    from recoup.config.commands import access

    def types(*words):
        parser = argparse.ArgumentParser()
        access.add_arguments(parser)
        with as_worker():
            assert access.run(parser.parse_args(words), None) == 0
        return capsys.readouterr().out

    return types


@pytest.fixture
def told(asks):
    return lambda *words: json.loads(asks(*words, "--json"))


def test_a_reviewer_may_and_the_policy_is_named_with_its_line(asks, shop, case):
    ines = Colleague(shop.id, "Ines", "reviewer")

    said = asks("explain", f"person:{ines.email}", "cases:approve", f"case:{case}")

    assert said.startswith("ALLOWED: Ines, reviewer; approve a case; case RC-")
    assert "Why: Reviewers decide cases." in said
    line = int(said.split("Decided by: reviewer-decides (permit), policies/staff.cedar line ")[1].split()[0])
    assert _text("staff.cedar").splitlines()[line - 1] == '@id("reviewer-decides")'
    assert "Assumed: they have given a second factor, they have proved themselves just now." in said


def test_a_denial_says_why_and_what_would_help(asks, shop, case):
    kim = Colleague(shop.id, "Kim", "support")

    said = asks("explain", f"person:{kim.person_id}", "cases:approve", f"case:{case}")

    assert said.startswith("DENIED: Kim, support;")
    assert "Why: No policy lets support staff do this: approve a case." in said
    assert "Decided by: no policy. What no policy allows is denied." in said
    assert "What would help: Another role is needed" in said


def test_somebody_of_another_company_is_told_apart_from_a_role_that_is_missing(told, shop, case, noon):
    other = _other_company(noon)
    jonas = Colleague(other, "Jonas", "manager")

    answer = told("explain", f"person:{jonas.email}", "cases:read", f"case:{case}")

    assert answer["allowed"] is False
    assert [one["id"] for one in answer["policies"]] == ["never-another-company"]
    assert answer["principal"]["company"] == str(other)
    assert answer["resource"]["company"] == str(shop.id)


def test_whose_refund_it_is_counts(told, shop, case, mei):
    from recoup.identity.models import Person

    ines = Colleague(shop.id, "Ines", "reviewer")
    Person.objects.filter(id=ines.person_id).update(email=mei.email)

    answer = told("explain", f"person:{ines.person_id}", "cases:approve", f"case:{case}")

    assert answer["policies"][0]["id"] == "never-ones-own-refund"
    assert answer["policies"][0]["file"] == "policies/never.cedar"
    assert answer["instead"] == "A colleague has to decide."


def test_a_key_is_found_by_the_beginning_of_its_id(told, shop, case):
    caller = Caller(shop, "refunds:read")

    read = told("explain", f"key:{caller.key_id}", "cases:read", f"case:{case}")
    decide = told("explain", f"key:{str(caller.key_id)[:23]}", "cases:approve", f"case:{case}")

    assert read["allowed"] is True
    assert read["principal"]["scopes"] == ["refunds:read"]
    assert decide["allowed"] is False
    assert decide["action"]["scope"] == "refunds:review"
    assert decide["instead"] == "It needs the scope refunds:review."


def test_a_revoked_key_is_nobody_whatever_the_policies_say(asks, told, shop, case):
    from recoup.access import actions

    caller = Caller(shop, "refunds:read")
    actions.revoke_key(merchant_id=shop.id, key_id=caller.key_id, by="test", at=shop.now)

    assert told("explain", f"key:{caller.key_id}", "cases:read", f"case:{case}")["allowed"] is False
    said = asks("explain", f"key:{caller.key_id}", "cases:read", f"case:{case}")
    assert said.startswith("DENIED")
    assert "The key was revoked, or has ended" in said


def test_a_guest_is_explained_by_their_pass(told, case, shop):
    from recoup.access import tenancy
    from recoup.identity.models import GuestPass

    @tenancy.query
    def newest(*, merchant_id):
        return GuestPass.objects.filter(merchant_id=merchant_id).latest("created_at").id

    guest = f"guest:{newest(merchant_id=shop.id)}"

    assert told("explain", guest, "cases:withdraw", f"case:{case}")["allowed"] is True
    assert told("explain", guest, "cases:approve", f"case:{case}")["allowed"] is False


def test_an_amount_above_their_limit_is_looked_at(asks, shop, case):
    asked = ("explain", "role:reviewer", "cases:approve", f"case:{case}")

    assert asks(*asked, "--limit-minor", "40000").startswith("ALLOWED")
    said = asks(*asked, "--limit-minor", "100")
    assert said.startswith("DENIED")
    assert "never-above-ones-limit" in said
    assert "Looked at: limit minor 100" in said


def test_an_old_proof_and_a_missing_second_factor_can_be_tried(told, shop):
    asked = ("explain", "role:manager", "keys:write", f"company:{shop.slug}")

    assert told(*asked)["allowed"] is True
    assert told(*asked, "--stale")["policies"][0]["id"] == "never-without-recent-proof"
    assert told(*asked, "--no-second-factor")["policies"][0]["id"] == "never-staff-without-second-factor"


def test_roles_scopes_and_nobody_can_be_asked_about(told, shop):
    company = f"company:{shop.slug}"

    assert told("explain", "scopes:orders:read,orders:write", "orders:write", company)["allowed"] is True
    assert told("explain", "scopes:orders:read", "orders:write", company)["allowed"] is False
    assert told("explain", "nobody", "orders:read", company)["allowed"] is False
    assert told("explain", "nobody", "pages:open", "page:")["allowed"] is True
    assert told("explain", "role:operator", "platform:run", "platform:")["allowed"] is True


def test_a_key_that_would_give_what_it_lacks(told, shop):
    asked = ("explain", "scopes:keys:write,orders:read", "keys:write", f"company:{shop.slug}")

    assert told(*asked, "--given", "orders:read")["allowed"] is True
    assert told(*asked, "--given", "orders:write")["policies"][0]["id"] == "never-give-what-one-lacks"


def test_members_accounts_keys_and_orders_are_things_too(told, shop):
    ines = Colleague(shop.id, "Ines", "manager")
    who = f"person:{ines.email}"

    own = told("explain", who, "members:write", f"member:{shop.slug}/{ines.email}")
    assert own["policies"][0]["id"] == "never-ones-own-role"
    assert told("explain", who, "account:own", f"account:{ines.email}")["allowed"] is True
    assert told("explain", who, "keys:write", f"key:{Caller(shop, 'orders:read').key_id}")["allowed"] is True
    assert told("explain", who, "orders:read", f"order:{shop.slug}/1")["allowed"] is True


@pytest.mark.parametrize(
    ("who", "action", "what", "said"),
    [
        ("mei", "cases:read", "page:", "names nobody"),
        ("role:janitor", "cases:read", "page:", "There is no role"),
        ("scopes:gold", "cases:read", "page:", "There is no scope gold"),
        ("key:1", "cases:read", "page:", "first eight characters"),
        ("key:ffffffff-ffff", "cases:read", "page:", "There is no key"),
        ("person:nobody@nowhere.example", "cases:read", "page:", "Nobody here is called"),
        ("guest:ffffffff-ffff", "cases:read", "page:", "no one guest's pass"),
        ("nobody", "cases:steal", "page:", "There is no action 'cases:steal'"),
        ("nobody", "cases:read", "page:", "never asked about a page, but about: company, case"),
        ("nobody", "cases:read", "case:RC-0000-0000-0", "There is no case"),
        ("nobody", "cases:read", "company:nowhere-at-all", "No company called"),
        ("nobody", "cases:read", "order:nowhere", "order:SLUG/NUMBER"),
        ("nobody", "cases:read", "something", "names nothing"),
    ],
)
def test_what_cannot_be_understood_is_said(asks, database, who, action, what, said):
    from recoup.kernel.errors import Refusal

    with pytest.raises(Refusal) as refused:
        asks("explain", who, action, what)
    assert said in f"{refused.value}"


def test_every_action_is_listed_with_the_scope_that_opens_it(asks, told):
    from recoup.access import policies

    listed = {one["name"]: one["scope"] for one in told("actions")}

    assert listed == {name: known.scope or None for name, known in policies.rules().actions.items()}
    assert "cases:approve          Approve a case (scope refunds:review)" in asks("actions")


def _other_company(noon):
    from recoup.kernel import ids
    from recoup.merchants import actions as merchants

    other = ids.uuid7()
    slug = f"other-{secrets.token_hex(4)}"
    merchants.register(merchant_id=other, slug=slug, name="Other", country="SG", currency="SGD", by="test", at=noon)
    return other


def _text(file):
    from recoup.access import policies

    return policies.texts()[file]
