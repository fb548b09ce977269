"""Which endpoints have something to be sent now, and what."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection

from recoup.access import tenancy
from recoup.callbacks.states import DeliveryState

LEASE_S = 60
_TAKE = """
UPDATE callbacks_endpoint e SET fence = e.fence + 1, lease_until = now() + make_interval(secs => %s)
  FROM (SELECT o.id FROM callbacks_endpoint o
         WHERE o.id IN (SELECT ranked.id
                          FROM (SELECT id, row_number() OVER (PARTITION BY merchant_id ORDER BY next_at, id) AS place
                                  FROM callbacks_endpoint
                                 WHERE next_at <= now() AND coalesce(lease_until, '-infinity') < now()) ranked
                         WHERE ranked.place <= %s)
           AND coalesce(o.lease_until, '-infinity') < now()
         ORDER BY o.next_at, o.id LIMIT %s FOR NO KEY UPDATE SKIP LOCKED) due
 WHERE e.id = due.id
RETURNING e.id, e.merchant_id, e.fence, e.url, e.secret_sealed, e.old_secret_sealed, e.old_secret_until
"""
_HEADS = """
SELECT d.id, d.endpoint_id, d.kind, d.body, d.tries
  FROM unnest(%s::uuid[]) AS e (id)
 CROSS JOIN LATERAL (SELECT * FROM callbacks_delivery
                      WHERE endpoint_id = e.id AND state = %s ORDER BY sequence LIMIT 1) d
"""
_NOTHING = "UPDATE callbacks_endpoint SET next_at = NULL, lease_until = NULL WHERE id = %s"


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """The oldest message that waits for an endpoint. `tries` counts those that failed."""

    id: UUID
    kind: str
    body: str
    tries: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """An endpoint that is ours to send to until the lease ends, and its oldest message. Secrets are still sealed."""

    endpoint_id: UUID
    merchant_id: UUID
    fence: int
    url: str
    secret_sealed: bytes
    old_secret_sealed: bytes | None
    old_secret_until: datetime | None
    head: Waiting

    def sealed_at(self, at: datetime) -> Sequence[bytes]:
        """The secrets that sign at that moment, the newest first."""
        if self.old_secret_sealed is not None and self.old_secret_until is not None and at < self.old_secret_until:
            return (self.secret_sealed, self.old_secret_sealed)
        return (self.secret_sealed,)


@tenancy.action_for_every_merchant
def take_turns(*, limit: int, each: int) -> list[Turn]:
    """Up to `limit` endpoints, the longest due first, and of one company no more than `each`: receivers that are slow
    hold up their own company before anybody else.
    """
    with connection.cursor() as cursor:
        cursor.execute(_TAKE, [LEASE_S, each, limit])
        taken = cursor.fetchall()
        if not taken:
            return []
        cursor.execute(_HEADS, [[row[0] for row in taken], DeliveryState.WAITING.value])
        heads = {row[1]: Waiting(id=row[0], kind=row[2], body=row[3], tries=row[4]) for row in cursor.fetchall()}
        for row in taken:
            if row[0] not in heads:  # its row is ours, so nothing can have come in meanwhile
                cursor.execute(_NOTHING, [row[0]])
    return [
        Turn(
            endpoint_id=row[0],
            merchant_id=row[1],
            fence=row[2],
            url=row[3],
            secret_sealed=bytes(row[4]),
            old_secret_sealed=None if row[5] is None else bytes(row[5]),
            old_secret_until=row[6],
            head=heads[row[0]],
        )
        for row in taken
        if row[0] in heads
    ]
