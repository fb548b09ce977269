"""Write down how an import ended."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from recoup.access import tenancy
from recoup.orders.models import ImportRun


@tenancy.action
def finish_import(
    *,
    merchant_id: UUID,
    run_id: UUID,
    rows_read: int,
    rows_refused: int,
    orders_new: int,
    orders_changed: int,
    orders_same: int,
    report: Mapping[str, Any],
    at: datetime,
) -> None:
    """The run is finished, with its counts and its report by code."""
    ImportRun.objects.filter(id=run_id, merchant_id=merchant_id).update(
        rows_read=rows_read,
        rows_refused=rows_refused,
        orders_new=orders_new,
        orders_changed=orders_changed,
        orders_same=orders_same,
        report=dict(report),
        finished_at=at,
        file_key="",
        lease_until=None,
    )
