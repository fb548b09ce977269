"""The bell of open pages: that something happened to a case, not what."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import connection

from recoup.events.queries import HeardEvent

CHANNEL = "recoup_live"


def ring_pages(events: Sequence[HeardEvent], *, at: datetime) -> None:  # noqa: ARG001 - every handler is told the time
    """Whoever watches one of these cases is told at commit. Nobody watching costs nothing."""
    cases = sorted({str(event.case_id) for event in events if event.case_id})
    if not cases:
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_notify(%s, case_id) FROM unnest(%s::text[]) AS c (case_id)", [CHANNEL, cases])
