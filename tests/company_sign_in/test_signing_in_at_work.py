"""Staff sign in at their own company, by OpenID Connect or SAML; the company speaks for its own addresses only."""

import pytest

from tests.web.staff_people import Colleague


def test_who_is_in_the_right_group_comes_to_the_desk(company, walker):
    ines = company.connects().person("Ines")

    walker.goes_to_sign_in(ines).says_who(ines)

    assert "Cases that need a person" in walker.page


def test_the_role_there_is_the_role_here(company, walker):
    from recoup.identity import queries

    ravi = company.connects().person("Ravi")
    walker.goes_to_sign_in(ravi).says_who(ravi)

    person = _person(ravi)
    assert [(one.merchant_id, one.role) for one in queries.memberships(person.id)] == [(company.shop.id, "manager")]


def test_who_has_no_role_there_is_not_let_in(company, walker):
    mallory = company.connects().person("Mallory")

    walker.goes_to_sign_in(mallory).says_who(mallory)

    assert walker.response.status_code == 403
    assert "no role for you here" in walker.page
    assert _person(mallory) is None


def test_who_lost_the_role_there_loses_it_here(company, walker):
    from recoup.identity import queries

    ines = company.connects().person("Ines")
    walker.goes_to_sign_in(ines).says_who(ines)
    company.connects(roles={"recoup-somebody": "reviewer"})
    walker.browser.post("/account/logout/")

    walker.goes_to_sign_in(ines).says_who(ines)

    assert walker.response.status_code == 403
    assert queries.memberships(_person(ines).id) == []


def test_an_address_of_another_domain_is_refused(company, walker):
    ines = company.connects().person("Ines")
    walker.goes_to_sign_in(ines)
    company.forges("foreign_address")

    walker.says_who(ines)

    assert walker.response.status_code == 403
    assert _person("stranger@elsewhere.example") is None


def test_the_staff_of_another_company_is_not_taken_over(company, walker):
    from recoup.identity.models import Person
    from recoup.kernel import ids

    company.connects()
    jonas = Colleague(ids.uuid7(), "Jonas", "manager")
    address = company.person("Ines")
    Person.objects.filter(id=jonas.person_id).update(email=address)

    walker.goes_to_sign_in(address).says_who(address)

    assert walker.response.status_code == 403


@pytest.mark.parametrize("forgery", ["wrong_audience", "expired", "wrong_issuer"])
def test_an_answer_that_is_not_for_us_or_too_old_signs_nobody_in(company, walker, forgery):
    ines = company.connects().person("Ines")
    walker.goes_to_sign_in(ines)
    company.forges(forgery)

    walker.says_who(ines)

    assert "Cases that need a person" not in walker.page
    assert "_auth_user_id" not in walker.browser.session


@pytest.mark.parametrize("forgery", ["unsigned", "other_key", "wrong_destination", "no_question", "wrapped"])
def test_a_forged_assertion_signs_nobody_in(town, database, shop, walker, forgery):
    from tests.company_sign_in.conftest import Company

    company = Company(town, shop, "saml").connects()
    ines = company.person("Ines")
    walker.goes_to_sign_in(ines)
    company.forges(forgery)

    walker.says_who(ines)

    assert "_auth_user_id" not in walker.browser.session
    assert _person(f"ravi@{company.domain}") is None


def test_a_comment_inside_an_address_does_not_cut_it(town, database, shop, walker):
    """CVE-2017-11427 and its kin: what was signed is the whole text, so the whole text is read or nothing."""
    from tests.company_sign_in.conftest import Company

    company = Company(town, shop, "saml").connects()
    ines = company.person("Ines")
    walker.goes_to_sign_in(ines)
    company.forges("comment")

    walker.says_who(ines)

    assert "_auth_user_id" not in walker.browser.session or _person(ines) is not None


def test_an_assertion_works_once(town, database, shop, walker):
    from tests.company_sign_in.conftest import Company, Walker

    company = Company(town, shop, "saml").connects()
    ines = company.person("Ines")
    sent = []
    post = walker.browser.post
    walker.browser.post = lambda path, data=None, **more: (sent.append((path, data)), post(path, data, **more))[1]
    walker.goes_to_sign_in(ines).says_who(ines)
    walker.browser.post("/account/logout/")
    path, fields = next((path, data) for path, data in sent if data and "SAMLResponse" in data)

    Walker(walker.browser).follows(post(path, fields))

    assert "_auth_user_id" not in walker.browser.session


def test_who_has_an_authenticator_of_ours_is_asked_by_the_company_only(company, walker):
    from recoup.identity import actions as identity

    ines = company.connects().person("Ines")
    walker.goes_to_sign_in(ines).says_who(ines)
    identity.give_authenticator(person_id=_person(ines).id, secret="JBSWY3DPEHPK3PXP")
    walker.browser.post("/account/logout/")

    walker.goes_to_sign_in(ines).says_who(ines)

    assert "Cases that need a person" in walker.page


def test_the_proof_of_one_company_is_none_for_another(company, walker, shop):
    from recoup.identity.models import Membership
    from recoup.kernel import ids

    ines = company.connects().person("Ines")
    walker.goes_to_sign_in(ines).says_who(ines)
    other = _another_company(Membership, _person(ines), ids.uuid7(), shop.now)
    session = walker.browser.session
    session["desk"] = str(other)
    session.save()

    assert walker.opens("/review").response.request["PATH_INFO"] == "/account/2fa/"


def test_a_company_that_requires_its_own_sign_in_lets_nobody_in_another_way(company, walker):
    from recoup.identity import actions as identity
    from tests.web.staff_people import PASSWORD

    company.connects(is_required=True)
    address = company.person("Ines")
    identity.add_member(merchant_id=company.shop.id, email=address, name="Ines", password=PASSWORD, role="reviewer")

    walker.follows(walker.browser.post("/account/login/", {"login": address, "password": PASSWORD}))
    assert walker.response.request["PATH_INFO"] == "/account/company/"
    assert "_auth_user_id" not in walker.browser.session

    walker.goes_to_sign_in(address).says_who(address)
    assert "Cases that need a person" in walker.page


def test_a_link_of_another_browser_leads_nowhere(company, walker):
    from django.test import Client

    company.connects()
    company.person("Ines")
    walker.browser.post("/account/company/", {"email": f"ines@{company.domain}"})
    ticket = walker.browser.session["company-sign-in"]["ticket"]

    assert Client().get(f"/account/company/{ticket}/")["Location"] == "/account/company/"


def test_an_unknown_domain_is_told_what_to_do(walker, database):
    walker.goes_to_sign_in("ines@nowhere.example")

    assert walker.response.status_code == 422
    assert "Sign in with it directly" in walker.page


def test_no_domain_has_two_providers(town, database, shop):
    from recoup.identity import actions as identity
    from recoup.kernel import ids
    from tests.company_sign_in.conftest import Company

    company = Company(town, shop, "oidc").connects()

    with pytest.raises(identity.DomainTaken):
        identity.connect_provider(
            merchant_id=ids.uuid7(),
            slug=f"thief-{shop.slug}",
            name="Thief",
            kind="oidc",
            issuer="https://thief.example",
            client_id="a",
            secret="b",
            domains=[company.domain],
            by="test",
            at=shop.now,
        )


def _another_company(memberships, person, merchant_id, at):
    """A company that the person works for too."""
    from recoup.access import tenancy
    from recoup.merchants import actions as merchants

    slug = f"second-{merchant_id.hex[-8:]}"
    merchants.register(merchant_id=merchant_id, slug=slug, name="2", country="SG", currency="SGD", by="test", at=at)

    @tenancy.action
    def join(*, merchant_id):
        memberships.objects.create(merchant_id=merchant_id, person=person, role="manager")

    join(merchant_id=merchant_id)
    return merchant_id


def _person(email):
    from recoup.identity.models import Person

    return Person.objects.filter(email=email).first()
