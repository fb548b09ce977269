"""Which letters or texts about accounts are to be sent now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from django.db import connection, transaction

TRIES_MAX = 5
TOO_LATE = "too late to be of use"


class Outbox(StrEnum):
    """Where sealed messages about accounts wait to be sent: the table."""

    LETTERS = "notifications_accountletter"
    TEXTS = "notifications_accounttext"


#: A text's number is sealed with its words.
_ADDRESS = {Outbox.LETTERS: "t.to_address", Outbox.TEXTS: "''"}

#: What was not delivered in its life is not delivered any more, and is worth nothing: it is wiped with its code.
_DROP = """
UPDATE {table}
   SET next_at = NULL, parked_at = now(), facts_sealed = '', problem = %s
 WHERE next_at IS NOT NULL AND parked_at IS NULL AND expires_at <= %s
   AND (lease_until IS NULL OR lease_until < now())
"""
_TAKE = """
WITH due AS (
    SELECT id FROM {table}
     WHERE next_at <= now() AND parked_at IS NULL AND (lease_until IS NULL OR lease_until < now())
     ORDER BY next_at LIMIT %(limit)s FOR NO KEY UPDATE SKIP LOCKED
)
UPDATE {table} t
   SET fence = t.fence + 1, tries = t.tries + 1, lease_until = now() + make_interval(secs => %(lease_s)s),
       parked_at = CASE WHEN t.tries >= %(tries_max)s THEN now() END,
       facts_sealed = CASE WHEN t.tries >= %(tries_max)s THEN ''::bytea ELSE t.facts_sealed END
  FROM due WHERE t.id = due.id
RETURNING t.id, t.fence, t.kind, {address}, t.facts_sealed, t.parked_at
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenSealed:
    """A letter or text that is ours to send until its lease ends. Of a text, `to_address` is empty."""

    id: UUID
    fence: int
    kind: str
    to_address: str
    facts_sealed: bytes


@transaction.atomic(durable=True)
def take_sealed(*, outbox: Outbox, limit: int, lease_s: int, at: datetime) -> list[TakenSealed]:
    """Up to `limit` due ones, the longest waiting first. Expired ones are wiped, and so is one that five tries of its
    own did not get out.
    """
    take = _TAKE.format(table=outbox, address=_ADDRESS[outbox])
    with connection.cursor() as cursor:
        cursor.execute(_DROP.format(table=outbox), [TOO_LATE, at])
        cursor.execute(take, {"limit": limit, "lease_s": lease_s, "tries_max": TRIES_MAX})
        return [
            TakenSealed(id=row[0], fence=row[1], kind=row[2], to_address=row[3], facts_sealed=bytes(row[4]))
            for row in cursor.fetchall()
            if row[5] is None
        ]
