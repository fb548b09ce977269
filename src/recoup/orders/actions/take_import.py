"""Which file is to be imported now."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import orjson
from django.db import connection

from recoup.access import tenancy

LEASE_S = 120
_TAKE = """
UPDATE orders_importrun r SET fence = r.fence + 1, lease_until = now() + make_interval(secs => %s)
  FROM (SELECT id FROM orders_importrun
         WHERE finished_at IS NULL AND file_key <> '' AND coalesce(lease_until, '-infinity') < now()
         ORDER BY started_at LIMIT 1 FOR NO KEY UPDATE SKIP LOCKED) due
 WHERE r.id = due.id
RETURNING r.id, r.merchant_id, r.file_key, r.mapping::text, r.fence
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingImport:
    """A run that is ours until its lease ends, which each note of progress renews. `fence` counts the tries."""

    id: UUID
    merchant_id: UUID
    file_key: str
    mapping: dict[str, Any]
    fence: int


@tenancy.action_for_every_merchant
def take_import() -> WaitingImport | None:
    """The one that has waited longest."""
    with connection.cursor() as cursor:
        cursor.execute(_TAKE, [LEASE_S])
        row = cursor.fetchone()
    if row is None:
        return None
    return WaitingImport(id=row[0], merchant_id=row[1], file_key=row[2], mapping=orjson.loads(row[3]), fence=row[4])
