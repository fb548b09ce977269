"""A file is put in line for the worker."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

from recoup.access import tenancy
from recoup.events import transactional as events
from recoup.orders.models import ImportRun

CHANNEL = "recoup_imports"


@tenancy.action
def ask_for_import(
    *,
    merchant_id: UUID,
    file_name: str,
    file_key: str,
    file_hash: str,
    bytes_in_all: int,
    mapping: Mapping[str, Any],
    by: str,
    at: datetime,
) -> UUID:
    """The run's id. The file lies where `gateways.order_files` keeps it, until the run is finished."""
    run = ImportRun.objects.create(
        merchant_id=merchant_id,
        file_name=file_name,
        file_key=file_key,
        file_hash=file_hash,
        bytes_in_all=bytes_in_all,
        mapping=dict(mapping),
        asked_by=by,
        started_at=at,
    )
    events.record(
        [
            events.Happening(
                merchant_id=merchant_id, at=at, kind="orders.import_asked", subject_id=run.id, actor=by, data={}
            )
        ]
    )
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_notify(%s, '')", [CHANNEL])
    return run.id
