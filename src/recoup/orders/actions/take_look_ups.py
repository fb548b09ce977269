"""Which orders are to be asked for now."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.db import connection

from recoup.access import tenancy

#: Nobody waits for the answers any more: the shopper's page asks again when somebody comes back.
_TIDY = "DELETE FROM orders_lookup WHERE wanted_at < now() - interval '1 day'"
_TAKE = """
UPDATE orders_lookup l SET fence = l.fence + 1, tries = l.tries + 1, lease_until = now() + interval '60 s'
  FROM (SELECT o.id FROM orders_lookup o
         WHERE o.id IN (SELECT ranked.id
                          FROM (SELECT id, row_number() OVER (PARTITION BY merchant_id ORDER BY next_at, id) AS place
                                  FROM orders_lookup
                                 WHERE next_at <= now() AND coalesce(lease_until, '-infinity') < now()) ranked
                         WHERE ranked.place <= %s)
           AND coalesce(o.lease_until, '-infinity') < now()
         ORDER BY o.next_at, o.id LIMIT %s FOR UPDATE SKIP LOCKED) due
 WHERE l.id = due.id
RETURNING l.id, l.merchant_id, l.number, l.fence, l.tries
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedOrder:
    """An order to ask for, leased to the caller for a minute. `tries` counts this one."""

    id: UUID
    merchant_id: UUID
    number: str
    fence: int
    tries: int


@tenancy.action_for_every_merchant
def take_look_ups(*, limit: int, each: int) -> list[WantedOrder]:
    """Up to `limit` orders, the longest waiting first, and of one merchant no more than `each`: a system that is slow
    holds up its own shoppers before anybody else's.
    """
    with connection.cursor() as cursor:
        cursor.execute(_TIDY)
        cursor.execute(_TAKE, [each, limit])
        names = ("id", "merchant_id", "number", "fence", "tries")
        return [WantedOrder(**dict(zip(names, row, strict=True))) for row in cursor.fetchall()]
