"""A reviewer decides: first they see what the shopper will read, then they do it."""

import re
import secrets

import pytest

from tests.web.conftest import Shopper, photo

PASSWORD = "a long enough password"


@pytest.fixture
def ines(database, mails, shop):
    """A reviewer of the shop, signed in."""
    from django.test import Client

    from recoup.identity import actions as identity

    email = f"ines-{secrets.token_hex(4)}@{shop.slug}.example"
    identity.add_member(merchant_id=shop.id, email=email, name="Ines", password=PASSWORD, role="reviewer")
    reviewer = Shopper(Client(), mails, shop)
    reviewer.sends("/staff/sign-in", email=email, password=PASSWORD, next="/review")
    return reviewer


@pytest.fixture
def case(mei, shop):
    """A case for a person: what happened is not clear."""
    order = shop.order(("lamp", 2, 200_00))
    mei.asks_about(order).enters_the_code().chooses(line1=2)
    mei.says("It is strange and I cannot say why", photos=[photo()]).confirms()
    return mei.case_number


def test_strangers_sign_in_first(browser, mails, shop):
    stranger = Shopper(browser, mails, shop).opens("/review")

    assert stranger.path == "/staff/sign-in"


def test_a_wrong_password_is_said_without_telling_which_was_wrong(ines):
    ines.sends("/staff/sign-out")
    ines.sends("/staff/sign-in", email="nobody@example.sg", password="wrong")

    assert "do not belong together" in ines.page
    assert 'value="wrong"' not in ines.page


def test_signing_in_leads_nowhere_else(ines):
    ines.sends("/staff/sign-out")
    ines.opens("/staff/sign-in?next=https://evil.example/")

    assert "evil.example" not in ines.page


def test_the_case_is_on_the_list(case, ines):
    ines.opens("/review")

    assert case in ines.page
    assert "S$200.00" in ines.page


def test_another_shops_case_does_not_exist(case, ines, database, noon):
    from recoup.identity import actions as identity
    from recoup.kernel import ids
    from recoup.merchants import actions as merchants

    other = ids.uuid7()
    slug = f"other-{secrets.token_hex(4)}"
    merchants.register(merchant_id=other, slug=slug, name="Other", country="SG", currency="SGD", by="test", at=noon)
    email = f"jonas@{slug}.example"
    identity.add_member(merchant_id=other, email=email, name="Jonas", password=PASSWORD, role="reviewer")
    ines.sends("/staff/sign-out").sends("/staff/sign-in", email=email, password=PASSWORD)

    assert ines.opens(f"/review/{case}").response.status_code == 404
    assert ines.sends(f"/review/{case}/approve", step="do").response.status_code == 404


def test_everything_about_the_case_is_on_one_page(case, ines):
    ines.opens(f"/review/{case}")

    for wanted in ("It is strange", "The lamp", "Facts the policy knew", "Risk signals", "Approve", "Ask for evidence"):
        assert wanted in ines.page


def test_an_approval_shows_first_what_the_shopper_reads(case, ines, mei):
    line = _line(ines.opens(f"/review/{case}/approve"))
    given = {"line": [line], f"many-{line}": "2", f"less-{line}": "20", "words": "We are sorry about the lamp."}
    ines.sends(f"/review/{case}/approve", step="look", **given)
    assert "Approved in part: S$180.00." in ines.page
    assert "A person is looking at it" in mei.opens(f"/cases/{case}").page
    ines.sends(f"/review/{case}/approve", step="do", **given)

    assert "The money is being sent" in ines.page
    shown = mei.opens(f"/cases/{case}").page
    assert "S$180.00" in shown
    assert "We are sorry about the lamp." in shown
    assert "Changed by the person who decided" in shown


def test_more_than_the_worth_cannot_be_taken_off(case, ines):
    line = _line(ines.opens(f"/review/{case}/approve"))
    ines.sends(f"/review/{case}/approve", step="do", line=[line], **{f"many-{line}": "1", f"less-{line}": "100.01"})

    assert ines.response.status_code == 422
    assert "at most S$100.00 can be taken off" in ines.page


def test_a_rejection_is_read_as_it_was_written(case, ines, mei):
    words = "The lamp was used for a year, as the photo shows."
    ines.sends(f"/review/{case}/reject", step="look", words=words)
    assert "If you see it differently" in ines.page
    ines.sends(f"/review/{case}/reject", step="do", words=words)

    assert words in mei.opens(f"/cases/{case}").page


def test_evidence_is_asked_for_and_given(case, ines, mei):
    ines.sends(f"/review/{case}/ask-evidence", step="do", words="Please show us the plug of the lamp.")
    assert "Please show us the plug of the lamp." in mei.opens(f"/cases/{case}").page
    mei.sends(f"/cases/{case}/evidence", photos=[photo()], words="Here it is.")

    assert "You showed us more" in mei.page
    assert "Here it is." in ines.opens(f"/review/{case}").page


def test_photos_are_for_the_shops_staff_and_never_run(case, ines, mei):
    ines.sends(f"/review/{case}/ask-evidence", step="do", words="Please show us the plug of the lamp.")
    mei.sends(f"/cases/{case}/evidence", photos=[photo()])
    address = re.search(rf'href="(/review/{case}/photos/[^"]+)"', ines.opens(f"/review/{case}").page)[1]

    seen = ines.opens(address).response
    assert seen["Content-Type"] == "image/jpeg"
    assert seen["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in seen["Content-Security-Policy"]
    assert mei.opens(address).path == "/staff/sign-in"


def test_the_goods_come_back(case, ines, mei):
    ines.sends(f"/review/{case}/ask-goods", step="do", words="Please send the lamp to Tuas Avenue 1.")
    assert "Please send the lamp to Tuas Avenue 1." in mei.opens(f"/cases/{case}").page
    ines.sends(f"/review/{case}/grade-goods", step="do", grade="graded_ok")

    assert "The goods are recorded." in ines.page


def test_somebody_was_faster(case, ines):
    ines.sends(f"/review/{case}/reject", step="do", words="The lamp was used for a year.")
    ines.sends(f"/review/{case}/reject", step="do", words="The lamp was used for a year.")

    assert ines.response.status_code == 409
    assert "The case is rejected" in ines.page


def _line(reviewer):
    return re.search(r'name="line" value="([^"]+)"', reviewer.page)[1]
