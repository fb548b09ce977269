"""Which messages are to be sent now."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from django.db import connection

from recoup.access import tenancy
from recoup.events import claims


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenMessage:
    """A message that is ours to send until its lease ends. `tries` counts this time."""

    id: UUID
    merchant_id: UUID
    fence: int
    tries: int
    template: str
    to_address: str
    locale: str
    created_at: datetime
    context: Mapping[str, Any]


@tenancy.action_for_every_merchant
def take_messages(*, limit: int, lease_s: int) -> list[TakenMessage]:
    """Up to `limit` due messages, the longest waiting first. One that was taken five times in vain is parked."""
    taken = claims.claim(
        table="notifications_message", noun="message", station="messages", limit=limit, lease_s=lease_s
    )
    if not taken:
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, merchant_id, fence, tries, template, to_address, locale, created_at, context::text"
            "  FROM notifications_message WHERE id = ANY(%s) ORDER BY next_at",
            [[one.id for one in taken]],
        )
        names = TakenMessage.__slots__
        return [
            TakenMessage(**dict(zip(names, (*row[:8], orjson.loads(row[8])), strict=True))) for row in cursor.fetchall()
        ]
