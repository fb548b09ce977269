"""The inbox of a company's desk: what is urgent comes first, and what somebody looks for is found."""

import re
from datetime import timedelta

import pytest

from tests.web.conftest import Shopper, photo
from tests.web.staff_people import Colleague, signs_in


@pytest.fixture
def ines(database, mails, shop):
    """A reviewer of the shop, signed in."""
    from django.test import Client

    return signs_in(Shopper(Client(), mails, shop), Colleague(shop.id, "Ines", "reviewer"))


@pytest.fixture
def asks(mei, shop):
    """Mei asks for something that a person has to decide; gives (case number, order number)."""

    def ask(amount_minor=200_00):
        order = shop.order(("lamp", 1, amount_minor))
        mei.asks_about(order).enters_the_code().chooses(line1=1)
        mei.says("It is strange and I cannot say why", photos=[photo()]).confirms()
        return mei.case_number, order

    return ask


@pytest.fixture
def came(database):
    """Those cases came to the desk that long ago."""
    from recoup.kernel.clock import now

    def age(ages):
        at = now()
        with database.superuser() as hand:
            for number, ago in ages.items():
                hand.execute(
                    "UPDATE events_event SET at = %s WHERE kind = 'case.in_review'"
                    " AND subject_id = (SELECT id FROM refunds_case WHERE number = %s)",
                    [at - ago, number],
                )

    return age


def test_of_two_equally_urgent_cases_the_one_of_more_money_comes_first(asks, ines, came):
    small, large = asks()[0], asks(900_00)[0]
    came({small: timedelta(hours=3), large: timedelta(hours=3)})

    assert _listed(ines.opens("/review")) == [large, small]
    assert f'href="/review/{large}">Open the most urgent case' in ines.page


def test_a_case_whose_time_is_over_comes_first_and_says_by_how_much(asks, ines, came):
    late, large = asks()[0], asks(900_00)[0]
    came({late: timedelta(hours=27, minutes=20), large: timedelta(hours=3)})

    assert _listed(ines.opens("/review")) == [late, large]
    assert "3 hours late" in ines.page
    assert "20 hours left" in ines.page


def test_what_has_been_announced_as_late_stays_late(asks, ines, came, shop):
    """Each day the deadline is set anew for the next announcement: that gives nobody another day."""
    late, other = asks()[0], asks(900_00)[0]
    came({late: timedelta(days=4), other: timedelta(hours=30)})
    _is_woken_next(shop, late, in_=timedelta(hours=20))

    assert _listed(ines.opens("/review")) == [late, other]
    assert "3 days late" in ines.page


def test_only_late_ones(asks, ines, came):
    late, large = asks()[0], asks(900_00)[0]
    came({late: timedelta(days=2), large: timedelta(hours=3)})

    assert _listed(ines.opens("/review?show=in_review&late=1")) == [late]


def test_only_those_with_one_reason(asks, ines):
    number, _ = asks()

    assert _listed(ines.opens("/review?reason=other")) == [number]
    assert _listed(ines.opens("/review?show=all&reason=other")) == [number]
    assert _listed(ines.opens("/review?reason=damaged")) == []
    assert "No case fits" in ines.page


def test_a_case_is_found_by_its_number_and_by_its_orders(asks, ines):
    number, order = asks()
    other, _ = asks()

    assert _listed(ines.opens(f"/review?q={number.lower()}")) == [number]
    assert _listed(ines.opens(f"/review?q={order}")) == [number]
    assert other not in ines.page.replace(f'href="/review/{other}">Open the most urgent case', "")
    assert _listed(ines.opens("/review?q=nothing-like-it")) == []


def test_a_found_case_has_the_same_deadline_as_in_the_inbox(asks, ines, came):
    number, _ = asks()
    came({number: timedelta(days=2, hours=1)})

    assert "25 hours late" in ines.opens(f"/review?q={number}").page
    assert "25 hours late" in ines.opens("/review").page


def test_from_a_case_the_next_one_is_a_step_away(asks, ines, came):
    first, second = asks(900_00)[0], asks()[0]
    came({first: timedelta(hours=5), second: timedelta(hours=3)})

    assert f'href="/review/{second}" rel="next"' in ines.opens(f"/review/{first}").page
    assert f'href="/review/{first}" rel="next"' in ines.opens(f"/review/{second}").page


def test_another_shops_case_is_neither_urgent_here_nor_found(asks, database, mails, shop):
    from django.test import Client

    from recoup.kernel import ids
    from recoup.kernel.clock import now
    from recoup.merchants import actions as merchants

    number, order = asks()
    other = ids.uuid7()
    slug = f"other-{other.hex[-12:]}"
    merchants.register(merchant_id=other, slug=slug, name="Other", country="SG", currency="SGD", by="test", at=now())
    jonas = signs_in(Shopper(Client(), mails, shop), Colleague(other, "Jonas", "reviewer"))

    for address in ("/review", f"/review?q={number}", f"/review?q={order}", "/review?show=all"):
        assert f"/review/{number}" not in jonas.opens(address).page


def test_many_cases_cost_no_more_questions_than_one(asks, ines):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    def statements():
        with CaptureQueriesContext(connection) as asked:
            ines.opens("/review")
        return len(asked)

    asks()
    ines.opens("/review")
    one = statements()
    asks()
    asks()

    assert statements() == one
    assert one <= 25


def _listed(reader):
    return re.findall(r'<th scope="row" class="is-code"><a href="/review/([^"]+)">', reader.page)


def _is_woken_next(shop, number, *, in_):
    from recoup.access import tenancy
    from recoup.kernel.clock import now
    from recoup.refunds.models import Case

    @tenancy.action
    def put_off(*, merchant_id):
        Case.objects.filter(number=number).update(wake_at=now() + in_)

    put_off(merchant_id=shop.id)
