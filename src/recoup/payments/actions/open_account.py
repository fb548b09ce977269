"""A merchant's account at a payment provider is connected."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import orjson
from django.db import connection

from recoup.access import sealing, tenancy
from recoup.events import transactional as events
from recoup.kernel import ids
from recoup.payments import readings
from recoup.payments.models import RailAccount

_DROP = """
INSERT INTO vault.box (id, merchant_id, rail_account_id, label, sealed, created_at) VALUES (%s, %s, %s, %s, %s, %s)
"""


@tenancy.action
def open_account(
    *,
    merchant_id: UUID,
    rail_account_id: UUID,
    rail: str,
    label: str,
    base_url: str,
    api_key: str,
    webhook_secret: str | None,
    by: str,
    at: datetime,
) -> None:
    """Payouts can go out by this account, and refunds made there by others are noticed from now on.

    The key is sealed: from here on only the vault program can read it.

    The webhook secret is kept with the field key, because the web program verifies signatures with it.
    """
    RailAccount.objects.create(
        id=rail_account_id,
        merchant_id=merchant_id,
        rail=rail,
        label=label,
        base_url=base_url,
        webhook_secret_sealed=sealing.seal_for_us(webhook_secret) if webhook_secret else None,
        created_at=at,
    )
    readings.begin(merchant_id=merchant_id, rail_account_id=rail_account_id, at=at)
    sealed = sealing.seal_for_vault(orjson.dumps({"api_key": api_key}).decode())
    with connection.cursor() as cursor:
        cursor.execute(_DROP, [ids.uuid7(), merchant_id, rail_account_id, f"•••• {api_key[-4:]}", sealed, at])
    events.record(
        [events.Happening(merchant_id=merchant_id, at=at, kind="account.opened", subject_id=rail_account_id, actor=by)]
    )
