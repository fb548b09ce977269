"""Keep an event that was told to us, once."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import connection

from recoup.access import tenancy


@tenancy.action
def keep_receipt(
    *, merchant_id: UUID, rail_account_id: UUID, event_id: str, kind: str, body: bytes, at: datetime
) -> bool:
    """The event is stored as it came and waits for the worker; False when it had been stored before."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO webhooks_receipt (merchant_id, rail_account_id, event_id, kind, body, received_at, next_at,"
            " fence, tries) VALUES (%s, %s, %s, %s, %s, %s, now(), 0, 0)"
            " ON CONFLICT (rail_account_id, event_id) DO NOTHING",
            [merchant_id, rail_account_id, event_id, kind, body, at],
        )
        is_new: bool = cursor.rowcount == 1
        if is_new:
            cursor.execute("SELECT pg_notify('recoup_receipts', '')")
    return is_new
