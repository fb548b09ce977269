"""Recording what happened, inside the transaction in which it happened."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

from recoup.kernel.rows import as_rows, insert_into


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


_RECORD = insert_into("events_event", Happening.__slots__)


def record(happenings: Sequence[Happening]) -> None:
    """Each happening is an event afterwards, if this transaction commits. Readers are woken at commit."""
    assert connection.in_atomic_block, "events are recorded in the transaction that makes them true"  # noqa: S101
    if not happenings:
        return
    rows = [{name: getattr(happening, name) for name in Happening.__slots__} for happening in happenings]
    with connection.cursor() as cursor:
        cursor.execute(_RECORD, [as_rows(rows)])
        cursor.execute("SELECT pg_notify('recoup_events', '')")
