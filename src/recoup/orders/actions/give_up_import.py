"""An import cannot go on."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from recoup.access import tenancy
from recoup.orders.models import ImportRun


@tenancy.action
def give_up_import(*, merchant_id: UUID, run_id: UUID, problem: str, at: datetime) -> None:
    """It is finished, with what is wrong in words. What was stored before stays."""
    ImportRun.objects.filter(id=run_id, merchant_id=merchant_id, finished_at__isnull=True).update(
        problem=problem, finished_at=at, file_key="", lease_until=None
    )
