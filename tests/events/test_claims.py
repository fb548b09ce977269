"""Rows that wait for work are taken by one worker at a time, and not for ever."""

import itertools
import uuid

import pytest
from django.db import connection

from recoup.access import tenancy
from recoup.events import claims

TABLE = {"table": "notifications_message", "noun": "message", "station": "a test", "lease_s": 30}


#: Days before 2001: what a test writes has waited longer than whatever the tests before it left.
DAYS_BEFORE = itertools.count()


@pytest.fixture
def waiting(database, shop, noon):
    """Writes messages that wait; gives their ids, the longest waiting first."""

    def write(count, *, tries=0):
        ids, days = [uuid.uuid4() for _ in range(count)], next(DAYS_BEFORE)

        @tenancy.action
        def insert(*, merchant_id):
            with connection.cursor() as cursor:
                for number, message_id in enumerate(ids):
                    cursor.execute(
                        "INSERT INTO notifications_message (id, merchant_id, template, mark, to_address, locale,"
                        " context, subject, created_at, message_ref, problem, next_at, fence, tries)"
                        " VALUES (%s, %s, 'withdrawn', '', 'mei@shop.example', 'en', '{}', '', now(), '', '',"
                        " '2001-01-01'::timestamptz + make_interval(days => -%s::int, secs => %s), 0, %s)",
                        [message_id, merchant_id, days, number, tries],
                    )

        insert(merchant_id=shop.id)
        return ids

    return write


def claim(**changes):
    with tenancy.every_merchant():
        return claims.claim(**{**TABLE, "limit": 10, **changes})


def mine(claimed, ids):
    return [one.id for one in claimed if one.id in ids]


def test_the_longest_waiting_are_taken_first_and_only_once(waiting, as_worker):
    ids = waiting(3)

    with as_worker():
        first = claim(limit=2)
        second = claim(limit=10)

    assert set(mine(first, ids)) == set(ids[:2])
    assert mine(second, ids) == ids[2:]
    assert {one.fence for one in first} == {1}


def test_a_row_comes_back_when_its_lease_is_over_with_a_new_fence(waiting, as_worker):
    ids = waiting(1)

    with as_worker():
        claim(lease_s=0)
        again = claim()

    assert mine(again, ids) == ids
    assert (again[0].fence, again[0].tries) == (2, 2)


def test_what_was_taken_five_times_in_vain_is_parked_and_said_so(waiting, as_worker, shop):
    ids = waiting(1, tries=5)

    with as_worker():
        assert mine(claim(), ids) == []
        assert mine(claim(), ids) == []
        with tenancy.every_merchant(), connection.cursor() as cursor:
            cursor.execute(
                "SELECT kind, data ->> 'station', data ->> 'tries' FROM events_event WHERE subject_id = %s", [ids[0]]
            )
            assert cursor.fetchall() == [("message.parked", "a test", "5")]


def test_a_row_that_somebody_holds_is_passed_over_not_waited_for(waiting, as_worker, database):
    ids = waiting(2)

    with database.superuser() as other, other.transaction():
        other.execute("SELECT FROM notifications_message WHERE id = %s FOR UPDATE", [ids[0]])
        with as_worker():
            assert mine(claim(), ids) == ids[1:]
