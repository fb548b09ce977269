"""Cases are found by what people remember of them, and taken along as a file that no spreadsheet can be fooled by."""

import csv
import io
import re

import pytest

from tests.refunds.asking import ask, ask_in_review
from tests.web.conftest import Shopper
from tests.web.staff_people import Colleague, signs_in


@pytest.fixture
def at_desk(database, mails, shop):
    """Somebody new of the shop's staff, signed in."""
    from django.test import Client

    def sits_down(role="manager"):
        return signs_in(Shopper(Client(), mails, shop), Colleague(shop.id, "Mara", role), wanted="/account/")

    return sits_down


def listed(who):
    return re.findall(r'href="/review/(RC-[^"]+)"', who.page)


def test_a_case_is_found_by_its_number_its_order_or_the_address(at_desk, shop):
    one = ask(shop, shop.order(("mug", 1, 300)), email=f"mei@{shop.slug}.example")
    ask(shop, shop.order(("mug", 1, 300)), email=f"tan@{shop.slug}.example")
    unknown = ask(shop, "NEVER-SOLD-1", email=f"lee@{shop.slug}.example")
    mara = at_desk()

    assert len(listed(mara.opens("/staff/cases"))) == 3
    for said in (one.number, one.number.lower(), one.order_number, f"MEI@{shop.slug}.example"):
        assert listed(mara.opens(f"/staff/cases?q={said}")) == [one.number], said
    assert listed(mara.opens("/staff/cases?q=NEVER-SOLD-1")) == [unknown.number]
    assert "No case fits" in mara.opens("/staff/cases?q=nothing-like-it").page


def test_cases_are_narrowed_by_state_and_reason_and_nonsense_narrows_nothing(at_desk, shop):
    small = ask(shop, shop.order(("mug", 1, 300)))
    large = ask_in_review(shop)
    mara = at_desk()

    assert listed(mara.opens("/staff/cases?state=in_review")) == [large.number]
    assert listed(mara.opens("/staff/cases?state=approved&reason=changed_mind")) == [small.number]
    assert listed(mara.opens("/staff/cases?reason=late")) == []
    for nonsense in ("state=eaten&reason=%00", "after=nonsense", "after=1e400_x", "q=%00", "days=-1"):
        mara.opens(f"/staff/cases?{nonsense}")
        assert (mara.response.status_code, len(listed(mara))) == (200, 2), nonsense


def test_many_cases_come_page_by_page_each_once(at_desk, shop, monkeypatch):
    from recoup.web.staff import case_list

    monkeypatch.setattr(case_list, "PAGE", 2)
    order = shop.order(("mug", 9, 2700))
    numbers = [ask(shop, order, items=[_one_mug()]).number for _ in range(5)]
    mara = at_desk().opens("/staff/cases")

    seen = listed(mara)
    while found := re.search(r'href="(/staff/cases\?[^"]*after=[^"]+)"', mara.page):
        mara.opens(found[1].replace("&amp;", "&"))
        seen += listed(mara)
    assert seen == numbers[::-1]


def test_the_file_holds_what_was_looked_for_and_no_formula(at_desk, shop):
    ask(shop, shop.order(("mug", 1, 300)), words='=HYPERLINK("http://evil.example")', email=f"mei@{shop.slug}.example")
    ask_in_review(shop)
    mara = at_desk().opens("/staff/cases/export?state=approved&days=7")
    assert "Take 1 case along" in mara.page
    assert _exports(shop) == []

    mara.sends("/staff/cases/export?state=approved&days=7")

    assert mara.response["Content-Type"] == "text/csv; charset=utf-8"
    text = b"".join(mara.response.streaming_content).decode("utf-8-sig")
    (row,) = csv.DictReader(io.StringIO(text))
    assert (row["state"], row["asked"], row["granted"], row["currency"]) == ("approved", "3.00", "3.00", "SGD")
    assert row["words"].startswith("'=HYPERLINK")
    assert row["requested_at"].startswith("20")
    ((actor, data),) = _exports(shop)
    assert actor.startswith("person:")
    assert '"cases": 1' in data
    assert "mei@" not in data


@pytest.mark.parametrize("role", ["auditor", "reviewer", "support", "booth"])
def test_only_managers_take_cases_along(at_desk, shop, role):
    ask(shop, shop.order(("mug", 1, 300)))
    somebody = at_desk(role).opens("/staff/cases")

    assert "/staff/cases/export" not in somebody.page
    assert somebody.opens("/staff/cases/export").response.status_code == 403
    assert somebody.sends("/staff/cases/export").response.status_code == 403
    assert _exports(shop) == []


def test_nobody_takes_them_along_all_day(at_desk, shop):
    from recoup.access.limits_rules import RULES

    mara = at_desk()
    for _ in range(RULES["exports"].quota):
        assert mara.sends("/staff/cases/export").response.status_code == 200
    assert mara.sends("/staff/cases/export").response.status_code == 429


def _exports(shop):
    from tests.refunds.asking import rows

    return rows(
        shop, "SELECT actor, data::text FROM events_event WHERE merchant_id = %s AND kind = 'export.made'", shop.id
    )


def _one_mug():
    from recoup.refunds.requests import WantedItem

    return WantedItem(sku="mug", quantity=1)
