"""What nobody needs any more goes by itself, and nothing else does: codes, stored answers, what providers told us."""

import itertools
import secrets
from datetime import timedelta

import pytest

from recoup.kernel.ids import uuid7
from tests.database import as_role

DAY = timedelta(days=1)


@pytest.fixture
def past(database, shop, noon):
    """Puts rows of the shop at so many days ago; tells which are left."""
    return Past(database, shop, noon)


class Past:
    def __init__(self, database, shop, noon):
        self._database, self._shop, self._noon = database, shop, noon
        #: Below those of all other tests, and rising: what is old has a low id, wherever the order of time is kept.
        self._ids = itertools.count(-secrets.randbelow(2**50))

    def _run(self, statement, **values):
        from django.db import connection

        from recoup.access import tenancy

        @tenancy.action
        def do(*, merchant_id):
            with connection.cursor() as cursor:
                cursor.execute(statement, {"merchant": merchant_id, "account": self._shop.rail_account_id, **values})
                return [row[0] for row in cursor.fetchall()] if cursor.description else None

        with as_role(self._database, "recoup_web"):
            return do(merchant_id=self._shop.id)

    def answer(self, key, *, days):
        self._run(
            "INSERT INTO access_storedanswer (id, merchant_id, key, request_hash, status, body, created_at)"
            " VALUES (%(id)s, %(merchant)s, %(key)s, '', 201, '', %(at)s)",
            id=next(self._ids),
            key=key,
            at=self._noon - days * DAY,
        )

    def answers(self):
        return self._run("SELECT key FROM access_storedanswer WHERE merchant_id = %(merchant)s ORDER BY key")

    def code(self, order_number, *, days):
        self._run(
            "INSERT INTO identity_onetimecode (id, merchant_id, order_number, email, code_hash, created_at, expires_at,"
            " tries) VALUES (%(id)s, %(merchant)s, %(number)s, 'mei@example.com', '', %(at)s, %(at)s, 0)",
            id=uuid7(),
            number=order_number,
            at=self._noon - days * DAY,
        )

    def codes(self):
        return self._run(
            "SELECT order_number FROM identity_onetimecode WHERE merchant_id = %(merchant)s ORDER BY order_number"
        )

    def receipt(self, event_id, *, days, waits=False, parked=False):
        at = self._noon - days * DAY
        self._run(
            "INSERT INTO webhooks_receipt (merchant_id, rail_account_id, event_id, kind, body, received_at, next_at,"
            " parked_at, fence, tries) VALUES (%(merchant)s, %(account)s, %(event)s, 'refund.updated', '', %(at)s,"
            " %(next)s, %(parked)s, 0, 0)",
            event=event_id,
            at=at,
            next=at if waits else None,
            parked=at if parked else None,
        )

    def invitation(self, email, *, expires, accepted=None, ended=None):
        def ago(days):
            return None if days is None else self._noon - days * DAY

        self._run(
            "INSERT INTO identity_invitation (id, merchant_id, email, role, token_hash, invited_by, created_at,"
            " expires_at, accepted_at, ended_at) VALUES (gen_random_uuid(), %(merchant)s, %(email)s, 'support',"
            " sha256(gen_random_uuid()::text::bytea), 'operator', %(at)s, %(expires)s, %(accepted)s, %(ended)s)",
            email=email,
            at=ago(expires + 7),
            expires=ago(expires),
            accepted=ago(accepted),
            ended=ago(ended),
        )

    def invitations(self):
        return self._run("SELECT email FROM identity_invitation WHERE merchant_id = %(merchant)s ORDER BY email")

    def receipts(self):
        return self._run("SELECT event_id FROM webhooks_receipt WHERE merchant_id = %(merchant)s ORDER BY event_id")


def tidy(database, noon):
    from recoup.config import chores

    with as_role(database, "recoup_worker"):
        return chores.tidy(at=noon)


def test_an_answer_stays_for_its_thirty_days_and_not_longer(database, noon, past):
    past.answer("old", days=30.1)
    past.answer("young", days=29.9)

    assert tidy(database, noon) >= 1

    assert past.answers() == ["young"]


def test_a_code_goes_a_day_after_its_end(database, noon, past):
    past.code("A-1", days=1.1)
    past.code("A-2", days=0.9)

    tidy(database, noon)

    assert past.codes() == ["A-2"]


def test_what_a_provider_told_goes_when_it_was_looked_into_long_ago(database, noon, past):
    past.receipt("done long ago", days=91)
    past.receipt("done lately", days=89)
    past.receipt("still waits", days=91, waits=True)
    past.receipt("waits for a person", days=91, parked=True)

    tidy(database, noon)

    assert past.receipts() == ["done lately", "still waits", "waits for a person"]


def test_an_invitation_goes_a_month_after_it_was_taken_up_taken_back_or_too_late(database, noon, past):
    past.invitation("old@x.example", expires=31)
    past.invitation("late@x.example", expires=29)
    past.invitation("back@x.example", expires=25, ended=31)
    past.invitation("came@x.example", expires=25, accepted=31)
    past.invitation("came lately@x.example", expires=40, accepted=29)
    past.invitation("open@x.example", expires=-3)

    tidy(database, noon)

    assert past.invitations() == ["came lately@x.example", "late@x.example", "open@x.example"]


def test_a_great_heap_is_carried_away_bit_by_bit(database, noon, past, monkeypatch):
    monkeypatch.setattr("recoup.config.chores.ROWS_AT_ONCE", 2)
    for number in range(5):
        past.answer(f"old {number}", days=40 - number)

    rounds = []
    while count := tidy(database, noon):
        rounds.append(count)

    assert past.answers() == []
    assert len(rounds) >= 3


def test_the_worker_does_it_by_itself():
    from recoup.config.stations import STATIONS

    (station,) = [station for station in STATIONS if station.name == "housekeeping"]
    from recoup.config import chores

    assert station.make() is chores.tidy
    assert station.full <= chores.ROWS_AT_ONCE
