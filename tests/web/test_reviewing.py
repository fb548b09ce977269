"""A reviewer decides: first they see what the shopper will read, then they do it."""

import re
import secrets

import pytest

from tests.refunds.rail import Rail
from tests.web.conftest import Shopper, photo
from tests.web.staff_people import PASSWORD, Colleague, signs_in


@pytest.fixture
def ines(database, mails, shop):
    """A reviewer of the shop, signed in."""
    from django.test import Client

    return signs_in(Shopper(Client(), mails, shop), Colleague(shop.id, "Ines", "reviewer"))


@pytest.fixture
def rail(database, shop):
    """A rail that says what the test says."""
    return Rail(database, shop)


@pytest.fixture
def case(mei, shop):
    """A case for a person: what happened is not clear."""
    order = shop.order(("lamp", 2, 200_00))
    mei.asks_about(order).enters_the_code().chooses(line1=2)
    mei.says("It is strange and I cannot say why", photos=[photo()]).confirms()
    return mei.case_number


def test_strangers_sign_in_first(browser, mails, shop):
    stranger = Shopper(browser, mails, shop).opens("/review")

    assert stranger.path == "/account/login/"


def test_a_wrong_password_is_said_without_telling_which_was_wrong(ines):
    ines.sends("/account/logout/")
    ines.sends("/account/login/", login="nobody@example.sg", password="wrong")

    assert "not correct" in ines.page
    assert 'value="wrong"' not in ines.page


def test_signing_in_leads_nowhere_else(shop, browser, mails):
    jonas = Shopper(browser, mails, shop)

    signs_in(jonas, Colleague(shop.id, "Jonas", "reviewer"), wanted="https://evil.example/")

    assert jonas.response.redirect_chain == [("/account/", 302)]


def test_a_password_alone_shows_no_case(shop, browser, mails):
    jonas, colleague = Shopper(browser, mails, shop), Colleague(shop.id, "Jonas", "reviewer")
    jonas.sends("/account/login/", login=colleague.email, password=PASSWORD)

    assert jonas.opens("/review").path == "/account/2fa/authenticate/"


def test_the_case_is_on_the_list(case, ines):
    ines.opens("/review")

    assert case in ines.page
    assert "S$200.00" in ines.page


def test_another_shops_case_does_not_exist(case, ines, database, noon):
    from recoup.kernel import ids
    from recoup.merchants import actions as merchants

    other = ids.uuid7()
    slug = f"other-{secrets.token_hex(4)}"
    merchants.register(merchant_id=other, slug=slug, name="Other", country="SG", currency="SGD", by="test", at=noon)
    signs_in(ines.sends("/account/logout/"), Colleague(other, "Jonas", "reviewer"))

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
    assert "Lowered by the person who decided" in shown


def test_a_part_of_the_units_is_approved_and_the_rest_can_be_asked_for_again(case, ines, mei, shop):
    line = _line(ines.opens(f"/review/{case}/approve"))
    given = {"line": [line], f"many-{line}": "1", f"less-{line}": "", "words": ""}
    shown = ines.sends(f"/review/{case}/approve", step="look", **given).page
    assert "Approved in part: S$100.00." in shown
    assert "1 \N{MULTIPLICATION SIGN} The lamp: S$100.00" in shown
    assert "Not included: 1 \N{MULTIPLICATION SIGN} The lamp" in shown
    ines.sends(f"/review/{case}/approve", step="do", **given)

    assert "S$100.00 for 1" in ines.page
    page = mei.opens(f"/cases/{case}").page
    assert "The lamp \N{MULTIPLICATION SIGN} 1 of 2" in page
    assert "Approved in part" in page
    mei.asks_about(f"{shop.slug}-1").enters_the_code()
    assert "Refunded or promised already" not in mei.page
    assert mei.chooses(line1=1).path.endswith("/reason")


def test_more_units_than_were_asked_for_cannot_be_paid(case, ines):
    line = _line(ines.opens(f"/review/{case}/approve"))
    for many in ("3", "0", "-1", "1.5", "", "two"):
        ines.sends(f"/review/{case}/approve", step="do", line=[line], **{f"many-{line}": many})
        assert ines.response.status_code == 422
        assert "The lamp: choose a number from 1 to 2" in ines.page
    ines.sends(f"/review/{case}/approve", step="do")
    assert "Nothing would be paid" in ines.page


def test_a_line_of_another_case_is_left_out(case, ines):
    ines.opens(f"/review/{case}/approve")
    ines.sends(f"/review/{case}/approve", step="do", line=["01983c6e-0000-7000-8000-000000000000"])

    assert "Nothing would be paid" in ines.page


def test_an_appeal_shows_what_was_granted_and_adds_the_rest(case, ines, mei):
    line = _line(ines.opens(f"/review/{case}/approve"))
    ines.sends(f"/review/{case}/approve", step="do", line=[line], **{f"many-{line}": "1", f"less-{line}": "40"})
    mei.sends(f"/cases/{case}/appeal", words="Both lamps flicker.")

    shown = ines.opens(f"/review/{case}/approve").page
    assert "1 granted before, with S$60.00: say what is paid in all" in shown
    given = {"line": [line], f"many-{line}": "2", f"less-{line}": "0"}
    told = ines.sends(f"/review/{case}/approve", step="look", **given).page
    assert "Approved: S$200.00." in told
    assert "S$140.00 of it is new." in told
    ines.sends(f"/review/{case}/approve", step="do", **given)
    assert "S$200.00 for 2" in ines.page
    assert "S$140.00" in mei.opens(f"/cases/{case}").page


def test_what_was_granted_is_not_taken_back(case, ines, mei):
    line = _line(ines.opens(f"/review/{case}/approve"))
    ines.sends(f"/review/{case}/approve", step="do", line=[line], **{f"many-{line}": "1", f"less-{line}": "40"})
    mei.sends(f"/cases/{case}/appeal", words="Both lamps flicker.")
    ines.sends(f"/review/{case}/approve", step="do", line=[line], **{f"many-{line}": "1", f"less-{line}": "50"})

    assert "at most S$40.00 can be taken off" in ines.page


def test_delivery_can_be_paid_with_it(mei, ines, shop):
    mei.asks_about(shop.order(("lamp", 2, 200_00), shipping_minor=500)).enters_the_code().chooses(line1=1)
    mei.says("It is strange and I cannot say why", photos=[photo()]).confirms()
    case = mei.case_number
    line = _line(ines.opens(f"/review/{case}/approve"))
    assert "Delivery, S$5.00" in ines.page
    given = {"line": [line], f"many-{line}": "1", "with": "delivery"}

    assert "Delivery: S$5.00" in ines.sends(f"/review/{case}/approve", step="look", **given).page
    ines.sends(f"/review/{case}/approve", step="do", **given)
    assert "S$105.00" in ines.page


def test_the_books_say_what_the_case_moved_in_reading_order(case, ines, rail, shop):
    line = _line(ines.opens(f"/review/{case}/approve"))
    assert "In the books" not in ines.opens(f"/review/{case}").page
    ines.sends(f"/review/{case}/approve", step="do", line=[line], **{f"many-{line}": "2"})
    rail.pays(_leg(shop, case))

    page = ines.opens(f"/review/{case}").page
    said = re.findall(
        r"<strong>(Promised[^<]*|Sent by[^<]*)</strong>|row\">([^<]+)</th><td[^>]*>([^<]*)</td><td[^>]*>([^<]*)", page
    )
    books = [tuple(filter(None, one)) for one in said if one[0] or one[2] or one[3]]
    assert books[-6:] == [
        ("Promised to the shopper",),
        ("Refunds granted (your cost)", "S$200.00"),
        ("Promised and not sent yet", "S$200.00"),
        ("Sent by the provider",),
        ("Promised and not sent yet", "S$200.00"),
        ("Your money at the provider", "S$200.00"),
    ]


def test_a_page_asks_the_database_as_often_for_many_payments_as_for_one(mei, ines, shop, rail):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    def statements(tenders):
        mei.asks_about(shop.order(("lamp", 2, 200_00), tenders=tenders)).enters_the_code().chooses(line1=2)
        mei.says("It is strange and I cannot say why", photos=[photo()]).confirms()
        case = mei.case_number
        line = _line(ines.opens(f"/review/{case}/approve"))
        ines.sends(f"/review/{case}/approve", step="do", line=[line], **{f"many-{line}": "2"})
        for leg in _legs(shop, case):
            rail.pays(leg.id)
        with CaptureQueriesContext(
            connection,
        ) as asked:
            ines.opens(f"/review/{case}")
        assert ines.page.count("Sent by the provider") == 2 * len(tenders)
        return sum("ledger_" in query["sql"] for query in asked), len(asked)

    assert statements([200_00]) == statements([50_00, 50_00, 100_00])
    assert statements([200_00])[0] == 1


def test_a_failed_payment_is_tried_again(case, ines, mei, rail, shop):
    line = _line(ines.opens(f"/review/{case}/approve"))
    ines.sends(f"/review/{case}/approve", step="do", line=[line], **{f"many-{line}": "2"})
    leg = _leg(shop, case)
    rail.pays(leg, "failed", code="expired_or_canceled_card")
    page = ines.opens(f"/review/{case}").page
    assert "Failed: expired or canceled card" in page
    assert "Nothing is left to decide" in page
    assert "The payment did not go through" in mei.opens(f"/cases/{case}").page

    assert "Once the provider has accepted it" in ines.opens(f"/review/{case}/retry/{leg}").page
    ines.sends(f"/review/{case}/retry/{leg}", step="do")
    assert "The payment is being tried again." in ines.page
    assert f"/retry/{leg}" not in ines.page
    rail.pays(leg, refund="re_second_try")
    assert "Your money is on its way" in mei.opens(f"/cases/{case}").page


def test_a_failed_payment_is_called_off_with_words_for_the_shopper(case, ines, mei, rail, shop):
    line = _line(ines.opens(f"/review/{case}/approve"))
    ines.sends(f"/review/{case}/approve", step="do", line=[line], **{f"many-{line}": "2"})
    leg = _leg(shop, case)
    rail.pays(leg, "failed", code="expired_or_canceled_card")
    words = "Your card is closed. Write to us and we find another way."
    assert ines.sends(f"/review/{case}/call-off/{leg}", step="look").response.status_code == 422

    assert words in ines.sends(f"/review/{case}/call-off/{leg}", step="look", words=words).page
    ines.sends(f"/review/{case}/call-off/{leg}", step="do", words=words)
    assert "Called off. The shopper has been told." in ines.page
    assert words in mei.opens(f"/cases/{case}").page
    assert "We cannot approve this refund" in mei.page


def test_a_payment_that_was_put_aside_is_asked_about_before_anything_else(case, ines, rail, shop, noon):
    from recoup.payments import actions as payments

    line = _line(ines.opens(f"/review/{case}/approve"))
    ines.sends(f"/review/{case}/approve", step="do", line=[line], **{f"many-{line}": "2"})
    leg = _leg(shop, case)
    payments.park_payout(merchant_id=shop.id, payout_id=leg, reason="odd", by="vault", at=noon)
    rail.work()
    assert "Put aside until somebody looks at it" in ines.opens(f"/review/{case}").page
    assert f"/retry/{leg}" not in ines.page
    assert ines.sends(f"/review/{case}/retry/{leg}", step="do").response.status_code == 409
    ines.sends(f"/review/{case}/look-again/{leg}", step="do")

    assert "The provider is being asked." in ines.page
    assert not rail.payout(leg).parked_at


def test_a_verb_of_a_case_is_none_of_a_payment_and_the_other_way_round(case, ines, shop):
    line = _line(ines.opens(f"/review/{case}/approve"))
    ines.sends(f"/review/{case}/approve", step="do", line=[line], **{f"many-{line}": "2"})
    leg = _leg(shop, case)

    for path in ("retry", f"approve/{leg}", "dance", f"retry/{shop.id}"):
        assert ines.opens(f"/review/{case}/{path}").response.status_code == 404


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
    assert mei.opens(address).path == "/account/login/"


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


def _legs(shop, number):
    from recoup.payments import queries as payments
    from recoup.refunds import queries as cases

    merchant_id, case_id = cases.find_by_number(number)
    return payments.payouts_of_case(merchant_id=merchant_id, case_id=case_id)


def _leg(shop, number):
    (leg,) = _legs(shop, number)
    return leg.id


def _line(reviewer):
    return re.search(r'name="line" value="([^"]+)"', reviewer.page)[1]
