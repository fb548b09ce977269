"""Telling Recoup how to ask the merchant's own system for an order."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from recoup.access import sealing, tenancy
from recoup.events import transactional as events
from recoup.merchants.models import Connector


@tenancy.action
def connect_orders(
    *,
    merchant_id: UUID,
    url: str,
    key: str,
    by: str,
    at: datetime,
    mapping: Mapping[str, Any] | None = None,
    fresh_for_s: int = 900,
    timeout_s: int = 5,
) -> None:
    """Unknown and stale orders are asked for at `url` afterwards; `{number}` in it stands for the order number.

    `mapping` translates the answers (docs/importing-orders.md); without one the system speaks our own form.
    """
    Connector.objects.update_or_create(
        merchant_id=merchant_id,
        defaults={
            "url": url,
            "key_sealed": sealing.seal_for_us(key),
            "mapping": dict(mapping or {}),
            "fresh_for_s": fresh_for_s,
            "timeout_s": timeout_s,
        },
    )
    events.record(
        [events.Happening(merchant_id=merchant_id, at=at, kind="merchant.connected", subject_id=merchant_id, actor=by)]
    )
