"""What the worker does for the house itself: sealing the history, and throwing away what nobody needs any more."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import connection

from recoup.access import idempotency, tenancy
from recoup.events import sealing

ROWS_AT_ONCE = 5_000
#: A code is dead after ten minutes; its row stays a day, so that somebody who asks too often is still recognised.
CODES_STAY = timedelta(days=1)

_FORGET = "DELETE FROM {table} WHERE id IN (SELECT id FROM {table} WHERE {column} < %s ORDER BY {column} LIMIT %s)"
_OLD_CODES = _FORGET.format(table="identity_onetimecode", column="expires_at")
_OLD_ANSWERS = _FORGET.format(table="access_storedanswer", column="created_at")


def seal(*, at: datetime) -> int:
    """What has ended since the last seal is sealed; how many rows."""
    with tenancy.every_merchant():
        return sealing.seal(at=at)


def tidy(*, at: datetime) -> int:
    """One-time codes that ended a day ago and stored answers older than their promised 30 days are gone; how many."""
    with tenancy.every_merchant(), connection.cursor() as cursor:
        cursor.execute(_OLD_CODES, [at - CODES_STAY, ROWS_AT_ONCE])
        count = cursor.rowcount
        cursor.execute(_OLD_ANSWERS, [at - timedelta(days=idempotency.KEPT_DAYS), ROWS_AT_ONCE])
        return int(count + cursor.rowcount)
