"""The page of who may what: out of the policies, for those in charge; and "may they, and why?"."""

import re

import pytest

from recoup.access import policies
from tests.api.callers import Caller
from tests.web.conftest import Shopper
from tests.web.staff_people import PASSWORD, Colleague, signs_in


@pytest.fixture
def works_here(database, mails, shop):
    from django.test import Client

    def sits_down(role):
        colleague = Colleague(shop.id, f"Kim-{role}", role)
        kim = signs_in(Shopper(Client(), mails, shop), colleague, wanted="/account/")
        kim.person_id = colleague.person_id
        return kim

    return sits_down


@pytest.fixture
def operator(database, mails, shop):
    """Somebody who runs the platform and works for no company."""
    import secrets

    import pyotp
    from django.test import Client

    from recoup.identity import actions as identity

    email, secret = f"ops-{secrets.token_hex(4)}@recoup.example", pyotp.random_base32()
    person_id = identity.add_operator(email=email, name="Omar", password=PASSWORD)
    identity.give_authenticator(person_id=person_id, secret=secret)
    omar = Shopper(Client(), mails, shop).sends("/account/login/", login=email, password=PASSWORD, next="/account/")
    return omar.sends("/account/2fa/authenticate/", code=pyotp.TOTP(secret).now())


def cells(page, action):
    """Role -> Yes or No of that action's row."""
    (row,) = re.findall(
        rf"<tr>\s*<th scope=\"row\">(?:(?!<tr>).)*<code class=\"small\">{action}</code>.*?</tr>", page, re.DOTALL
    )
    return dict(re.findall(r'data-name="([^"]+)"[^>]*>(Yes|No)<', row))


@pytest.mark.parametrize(("role", "status"), [("manager", 200), ("auditor", 200), ("reviewer", 403), ("support", 403)])
def test_managers_and_auditors_read_it(works_here, role, status):
    assert works_here(role).opens("/staff/access").response.status_code == status


def test_strangers_sign_in_first(browser, mails, shop):
    assert Shopper(browser, mails, shop).opens("/staff/access").path == "/account/login/"


def test_operators_read_it_and_see_no_company(operator, shop):
    page = operator.opens("/staff/access").page

    assert operator.response.status_code == 200
    assert cells(page, "cases:approve")["Operator"] == "No"
    assert "The platform" in page
    assert shop.slug not in page
    assert "Limits</h2>" not in page


def test_every_action_has_a_row_and_every_role_a_cell(works_here):
    page = works_here("auditor").opens("/staff/access").page

    for action in policies.rules().actions:
        assert len(cells(page, action)) == 9, action
    assert cells(page, "cases:approve") == {
        "Auditor": "No", "Booth": "No", "Support": "No", "Reviewer": "Yes", "Manager": "Yes", "Operator": "No",
        "Shopper, own cases": "No", "Guest with a code, own cases": "No", "Guest with a link, that case": "No",
    }  # fmt: skip
    assert "This page may be read by: auditor, manager, operator." in page
    assert "up to one&#x27;s limit" in page


def test_a_cell_changes_with_the_policies_and_with_nothing_else(works_here):
    texts = policies.texts()
    texts["staff.cedar"] = texts["staff.cedar"].replace('Action::"cases:reject", ', "", 1)
    changed = policies.read(texts, (policies.FOLDER / policies.SCHEMA).read_text(encoding="utf-8"))
    kim = works_here("auditor")
    assert cells(kim.opens("/staff/access").page, "cases:reject")["Reviewer"] == "Yes"

    with policies.trying(changed):
        page = kim.opens("/staff/access").page

    assert cells(page, "cases:reject")["Reviewer"] == "No"
    assert cells(page, "cases:reject")["Manager"] == "Yes"


def test_a_decision_about_a_colleague_and_a_case_is_explained(works_here, mei, shop):
    order = shop.order(("lamp", 2, 200_00))
    mei.asks_about(order).enters_the_code().chooses(line1=2)
    mei.says("It is strange and I cannot say why").confirms()
    kim, support = works_here("auditor"), Colleague(shop.id, "Sam", "support")

    asked = f"/staff/access?who=person:{support.person_id}&action=cases:approve&about={mei.case_number}"
    page = kim.opens(asked).page

    assert "Denied" in page
    assert "No policy lets support staff do this: approve a case." in page
    assert mei.case_number in page
    allowed = kim.opens(asked.replace("cases:approve", "cases:read")).page
    assert "Allowed" in allowed
    assert "support-helps-callers" in allowed
    assert "policies/staff.cedar" in allowed


def test_a_key_of_ours_is_explained_and_none_of_others(works_here, shop, noon):
    from tests.web.test_explaining import _other_company

    kim = works_here("manager")
    ours = Caller(shop, "orders:read")
    theirs = Caller(type("Other", (), {"id": _other_company(noon), "now": noon}), "orders:read")

    page = kim.opens(f"/staff/access?who=key:{ours.key_id}&action=orders:write").page
    assert "It needs the scope orders:write." in page
    assert f'value="key:{ours.key_id}" selected' in page
    assert str(theirs.key_id) not in page
    stranger = kim.opens(f"/staff/access?who=key:{theirs.key_id}&action=orders:read")
    assert stranger.response.status_code == 422
    assert f"There is no key {theirs.key_id}" in stranger.page


def test_people_and_cases_of_others_are_not_there(works_here, mei, shop, noon):
    from tests.web.test_explaining import _other_company

    other = _other_company(noon)
    jonas = Colleague(other, "Jonas", "manager")
    order = shop.order(("lamp", 2, 200_00))
    mei.asks_about(order).enters_the_code().chooses(line1=2)
    mei.says("It is strange and I cannot say why").confirms()
    kim = works_here("auditor")
    away = signs_in(Shopper(type(mei.browser)(), None, shop), jonas, wanted="/account/")

    assert kim.opens(f"/staff/access?who=person:{jonas.person_id}&action=cases:read").response.status_code == 422
    hidden = away.opens(f"/staff/access?who=role:manager&action=cases:read&about={mei.case_number}")
    assert hidden.response.status_code == 422
    page = hidden.page
    absent = away.opens("/staff/access?who=role:manager&action=cases:read&about=RC-0000-0000-0").page
    assert f"There is no case {mei.case_number}" in page
    assert "There is no case RC-0000-0000-0" in absent


def test_an_operator_asks_about_roles_only(operator):
    page = operator.opens("/staff/access?who=role:operator&action=access:read").page
    assert "operator-runs-the-platform" in page

    refused = operator.opens("/staff/access?who=role:manager&action=access:read&about=RC-1")
    assert refused.response.status_code == 422
    assert "Operators see nothing" in refused.page


@pytest.mark.parametrize(
    "asked", ["who=mei&action=cases:read", "who=role:manager&action=cases:steal", "who=key:1&action=cases:read"]
)
def test_a_question_that_cannot_be_understood_is_said(works_here, asked):
    assert works_here("auditor").opens(f"/staff/access?{asked}").response.status_code == 422
