"""What happened, read back: for timelines, for subscribers, and for pages that want to hear of more."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote
from uuid import UUID

import orjson
from django.conf import settings
from django.core import signing
from django.db import connection

#: A page that stays open longer than this goes on by looking again from time to time.
TICKET_LIVES_S = 3600
_SALT = "recoup.live"


@dataclass(frozen=True, slots=True, kw_only=True)
class HeardEvent:
    """One event as it was recorded. `data` holds ids, codes and amounts."""

    id: int
    tx: int
    merchant_id: UUID
    at: datetime
    kind: str
    subject_id: UUID
    actor: str
    data: Mapping[str, Any]

    @property
    def case_id(self) -> UUID | None:
        """The case it is about, if it is about one."""
        if self.kind.startswith("case."):
            return self.subject_id
        return UUID(str(self.data["case_id"])) if self.data.get("case_id") else None


COLUMNS = "e.id, e.tx, e.merchant_id, e.at, e.kind, e.subject_id, e.actor, e.data::text"


def heard(row: tuple[Any, ...]) -> HeardEvent:
    """A row of COLUMNS."""
    values = dict(zip(HeardEvent.__slots__, row, strict=True))
    return HeardEvent(**values | {"data": orjson.loads(values["data"])})


def happened_to(subject_ids: Collection[UUID]) -> list[HeardEvent]:
    """Everything recorded about these cases, payouts or other subjects, oldest first. Call it inside their tenant."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {COLUMNS} FROM events_event e WHERE e.subject_id = ANY(%s) ORDER BY e.at, e.id",  # noqa: S608
            [list(subject_ids)],
        )
        return [heard(row) for row in cursor.fetchall()]


def live_url(*, case_id: UUID, number: str) -> str:
    """Where a page hears that something happened to the case; empty when there is no live program.

    The ticket in it opens nothing: the stream says *that* something happened, never what.
    """
    if not settings.LIVE_URL:
        return ""
    ticket = signing.dumps(str(case_id), salt=_SALT)
    return f"{settings.LIVE_URL}/cases/{quote(number)}/events?ticket={quote(ticket)}"


def case_of_ticket(ticket: str) -> UUID | None:
    """The case that a ticket of `live_url` is for; None when it is forged or too old."""
    try:
        return UUID(signing.loads(ticket, salt=_SALT, max_age=TICKET_LIVES_S))
    except (signing.BadSignature, ValueError):
        return None


def done_by(*, merchant_id: UUID, actor: str, kinds: Collection[str]) -> list[UUID]:
    """What somebody did such things to, at that company, each once. Call it inside a transaction that may see it."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT e.subject_id FROM events_event e"
            " WHERE e.merchant_id = %s AND e.actor = %s AND e.kind = ANY(%s) ORDER BY 1",
            [merchant_id, actor, list(kinds)],
        )
        return [row[0] for row in cursor.fetchall()]
