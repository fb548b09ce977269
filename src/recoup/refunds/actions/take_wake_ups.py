"""Which cases are due for a look: their clock has come."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.db import connection

from recoup.access import tenancy

TRIES_MAX = 5

_TAKE = """
UPDATE refunds_case c SET fence = c.fence + 1, tries = c.tries + 1, lease_until = now() + interval '30 s',
       parked_at = CASE WHEN c.tries >= %s THEN now() END
  FROM (SELECT id FROM refunds_case
         WHERE wake_at <= now() AND parked_at IS NULL AND coalesce(lease_until, '-infinity') < now()
         ORDER BY wake_at LIMIT %s FOR UPDATE SKIP LOCKED) due
 WHERE c.id = due.id
RETURNING c.id, c.merchant_id, c.number, c.order_number, c.waits_for, c.fence, c.tries, c.parked_at IS NOT NULL
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class WakeUp:
    """A case whose clock has come. `is_parked`: it failed too often and is a person's now."""

    case_id: UUID
    merchant_id: UUID
    number: str
    order_number: str
    waits_for: str
    fence: int
    tries: int
    is_parked: bool


@tenancy.action_for_every_merchant
def take_wake_ups(*, limit: int) -> list[WakeUp]:
    """Up to `limit` due cases, earliest first, leased to the caller for 30 s. A sixth try parks the case."""
    with connection.cursor() as cursor:
        cursor.execute(_TAKE, [TRIES_MAX, limit])
        names = ("case_id", "merchant_id", "number", "order_number", "waits_for", "fence", "tries", "is_parked")
        return [WakeUp(**dict(zip(names, row, strict=True))) for row in cursor.fetchall()]
