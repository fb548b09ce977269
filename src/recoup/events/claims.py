"""Taking rows that wait for work: by one worker at a time, for a while, a limited number of times (PROOFS 5).

For every table with the columns `lease_until, fence, tries, parked_at` and a moment at which a row is due. Whoever
writes the outcome names the fence it was given: when the lease has passed to another, its write touches no row.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection

from recoup.events import transactional
from recoup.events.transactional import Happening

TRIES_MAX = 5
_NAME = re.compile(r"^[a-z_]+$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Claimed:
    """A row that is ours until its lease ends. `tries` counts this one."""

    id: UUID | int
    merchant_id: UUID
    fence: int
    tries: int


#: Work that was put aside is due again, as if it had never been tried.
_GIVE_BACK = """
UPDATE {table} SET parked_at = NULL, tries = 0, lease_until = NULL, fence = fence + 1, {due} = now()
 WHERE id = %s AND merchant_id = %s AND parked_at IS NOT NULL
"""
_CLAIM = """
WITH due AS (
    SELECT id FROM {table}
     WHERE {due} <= now() AND parked_at IS NULL AND (lease_until IS NULL OR lease_until < now())
     ORDER BY {due} LIMIT %(limit)s FOR NO KEY UPDATE SKIP LOCKED
)
UPDATE {table} t
   SET fence = t.fence + 1, tries = t.tries + 1, lease_until = now() + make_interval(secs => %(lease_s)s),
       parked_at = CASE WHEN t.tries >= %(tries_max)s THEN now() END
  FROM due WHERE t.id = due.id
RETURNING t.id, t.merchant_id, t.fence, t.tries, t.parked_at
"""


def claim(
    *, table: str, noun: str, station: str, limit: int, lease_s: int, due: str = "next_at", tries_max: int = TRIES_MAX
) -> list[Claimed]:
    """Up to `limit` due rows, the longest waiting first, are the caller's for `lease_s` seconds once this commits.

    A row that was taken `tries_max` times and never finished is parked instead, with an event `<noun>.parked` for the
    people who look after such things. The clock is the database's.
    """
    assert connection.in_atomic_block, "rows are claimed in a transaction that is committed before the work"  # noqa: S101
    assert _NAME.match(table), table  # noqa: S101 - a name in the code, never from outside
    assert _NAME.match(due), due  # noqa: S101
    with connection.cursor() as cursor:
        cursor.execute(
            _CLAIM.format(table=table, due=due), {"limit": limit, "lease_s": lease_s, "tries_max": tries_max}
        )
        rows = cursor.fetchall()
    transactional.record(
        [
            Happening(
                merchant_id=merchant_id,
                at=parked_at,
                kind=f"{noun}.parked",
                subject_id=row_id if isinstance(row_id, UUID) else UUID(int=row_id),
                actor="clock",
                data={"station": station, "tries": tries - 1, "id": str(row_id)},
            )
            for row_id, merchant_id, _, tries, parked_at in rows
            if parked_at is not None
        ]
    )
    return [
        Claimed(id=row_id, merchant_id=merchant_id, fence=fence, tries=tries)
        for row_id, merchant_id, fence, tries, parked_at in rows
        if parked_at is None
    ]


def give_back(
    *,
    table: str,
    noun: str,
    row_id: UUID | int,
    merchant_id: UUID,
    channel: str,
    by: str,
    at: datetime,
    due: str = "next_at",
) -> bool:
    """A parked row is due again, with all its tries before it, and an event `<noun>.released` says who wished it.

    False when there is no such row of that company, or it is not parked any more. `channel` is rung at commit.
    """
    assert connection.in_atomic_block, "work is given back in the transaction of whoever wishes it"  # noqa: S101
    assert _NAME.match(table), table  # noqa: S101 - names in the code, never from outside
    assert _NAME.match(due), due  # noqa: S101
    with connection.cursor() as cursor:
        cursor.execute(_GIVE_BACK.format(table=table, due=due), [row_id, merchant_id])
        if cursor.rowcount != 1:
            return False
        cursor.execute("SELECT pg_notify(%s, '')", [channel])
    subject_id = row_id if isinstance(row_id, UUID) else UUID(int=row_id)
    happening = Happening(
        merchant_id=merchant_id,
        at=at,
        kind=f"{noun}.released",
        subject_id=subject_id,
        actor=by,
        data={"id": str(row_id)},
    )
    transactional.record([happening])
    return True
