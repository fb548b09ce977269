"""Recording what happened, inside the transaction in which it happened."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from django.db import connection


@dataclass(frozen=True, slots=True, kw_only=True)
class Happening:
    """One domain event to be recorded. `kind` is `<noun>.<what happened>`; `actor` names who: `shopper`, `policy`,
    `person:<id>`, `key:<id>`, `rail`, `clock`. `data` holds ids, codes and amounts, never names or addresses.
    """

    merchant_id: UUID
    at: datetime
    kind: str
    subject_id: UUID
    actor: str
    data: Mapping[str, Any] = field(default_factory=dict)


def record(happenings: Sequence[Happening]) -> None:
    """Each happening is an event afterwards, if this transaction commits. Readers are woken at commit."""
    assert connection.in_atomic_block, "events are recorded in the transaction that makes them true"  # noqa: S101
    if not happenings:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO events_event (merchant_id, at, kind, subject_id, actor, data)"
            " SELECT * FROM unnest(%s::uuid[], %s::timestamptz[], %s::text[], %s::uuid[], %s::text[], %s::jsonb[])",
            [
                [h.merchant_id for h in happenings],
                [h.at for h in happenings],
                [h.kind for h in happenings],
                [h.subject_id for h in happenings],
                [h.actor for h in happenings],
                [orjson.dumps(h.data, default=str).decode() for h in happenings],
            ],
        )
        cursor.execute("SELECT pg_notify('recoup_events', '')")
