"""What a company says about how much may be approved by whom, and from when on it counts."""

from datetime import timedelta

import pytest
from django.db import connection
from psycopg import errors

from recoup.access import tenancy
from recoup.kernel.errors import Invalid

DAY = timedelta(days=1)


@pytest.fixture
def limits(shop):
    """Sets limits, and tells those that count at a moment."""
    from recoup.merchants import actions, queries

    def say(*, at, note="", by="person:ines", **told):
        return actions.set_approval_limits(merchant_id=shop.id, limits=queries.Limits(**told), by=by, at=at, note=note)

    def counts(*, at):
        return queries.approval_limits(merchant_id=shop.id, at=at)

    say.counts = counts
    return say


def test_a_company_that_says_nothing_has_no_limits(shop, limits):
    from recoup.merchants.queries import Limits

    assert limits.counts(at=shop.now) == Limits()


def test_the_first_limits_count_at_once(shop, limits):
    number = limits(at=shop.now, reviewer_limit_minor=50_000, four_eyes_reasons=("other", "late", "other"))

    now = limits.counts(at=shop.now)
    assert (number, now.number, now.reviewer_limit_minor) == (1, 1, 50_000)
    assert now.manager_limit_minor is None
    assert now.four_eyes_reasons == ("late", "other")


def test_tighter_limits_count_at_once_and_looser_ones_a_day_later(shop, limits):
    limits(at=shop.now - 10 * DAY, reviewer_limit_minor=50_000, manager_limit_minor=100_000)
    limits(at=shop.now, reviewer_limit_minor=80_000, manager_limit_minor=70_000)

    today = limits.counts(at=shop.now)
    tomorrow = limits.counts(at=shop.now + DAY)

    assert (today.reviewer_limit_minor, today.manager_limit_minor) == (50_000, 70_000)
    assert (tomorrow.reviewer_limit_minor, tomorrow.manager_limit_minor) == (80_000, 70_000)


def test_nobody_lifts_a_limit_and_puts_it_back_within_a_day(shop, limits):
    limits(at=shop.now - 10 * DAY, reviewer_limit_minor=50_000, four_eyes_from_minor=30_000, four_eyes_from_risk=40)
    limits(at=shop.now - timedelta(hours=3))
    limits(at=shop.now - timedelta(hours=2), reviewer_limit_minor=10**9)

    now = limits.counts(at=shop.now)

    assert (now.reviewer_limit_minor, now.four_eyes_from_minor, now.four_eyes_from_risk) == (50_000, 30_000, 40)


def test_reasons_that_need_two_people_are_given_up_a_day_later(shop, limits):
    limits(at=shop.now - 10 * DAY, four_eyes_reasons=("late",))
    limits(at=shop.now, four_eyes_reasons=("other",))

    assert limits.counts(at=shop.now).four_eyes_reasons == ("late", "other")
    assert limits.counts(at=shop.now + DAY).four_eyes_reasons == ("other",)


@pytest.mark.parametrize(
    "wrong",
    [
        {"reviewer_limit_minor": -1},
        {"manager_limit_minor": 10**16},
        {"four_eyes_from_minor": -5},
        {"four_eyes_from_risk": 1001},
    ],
)
def test_a_limit_is_an_amount(shop, limits, wrong):
    with pytest.raises(Invalid) as refused:
        limits(at=shop.now, **wrong)

    assert refused.value.extra["errors"] == list(wrong)
    assert limits.counts(at=shop.now).number == 0


def test_who_set_what_stays_on_record(shop, limits):
    from recoup.merchants import queries

    limits(at=shop.now - DAY, reviewer_limit_minor=50_000, note="After the audit")
    limits(at=shop.now, reviewer_limit_minor=40_000, by="person:jonas")

    newest, first = queries.past_approval_limits(merchant_id=shop.id)
    assert (newest.limits.number, newest.limits.reviewer_limit_minor, newest.created_by) == (2, 40_000, "person:jonas")
    assert (first.created_by, first.note, first.created_at) == ("person:ines", "After the audit", shop.now - DAY)

    @tenancy.query
    def told(*, merchant_id):
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT data ->> 'number', actor FROM events_event WHERE kind = 'limits.changed' ORDER BY id"
            )
            return cursor.fetchall()

    assert told(merchant_id=shop.id) == [("1", "person:ines"), ("2", "person:jonas")]


def test_what_was_set_cannot_be_changed_or_taken_away(shop, limits):
    limits(at=shop.now, reviewer_limit_minor=50_000)

    @tenancy.action
    def attempt(statement, *, merchant_id):
        with connection.cursor() as cursor:
            cursor.execute(statement)

    for statement in (
        "UPDATE merchants_approvallimits SET reviewer_limit_minor = NULL",
        "DELETE FROM merchants_approvallimits",
    ):
        with pytest.raises(Exception) as refused:
            attempt(statement, merchant_id=shop.id)
        assert isinstance(refused.value.__cause__, errors.InsufficientPrivilege)
