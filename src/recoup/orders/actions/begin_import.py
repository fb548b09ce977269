"""Write down that an import began."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from recoup.access import tenancy
from recoup.orders.models import ImportRun


@tenancy.action
def begin_import(
    *, merchant_id: UUID, file_name: str, file_hash: str, mapping: Mapping[str, Any], at: datetime
) -> UUID:
    """A run stands in the books, unfinished until `finish_import`; its id."""
    run = ImportRun.objects.create(
        merchant_id=merchant_id, file_name=file_name, file_hash=file_hash, mapping=dict(mapping), started_at=at
    )
    return run.id
