"""Have the merchant's own system asked for an order that somebody waits for."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from django.db import connection

from recoup.access import tenancy
from recoup.kernel import ids

_WANT = """
INSERT INTO orders_lookup (id, merchant_id, number, wanted_at, outcome, next_at, fence, tries)
SELECT w.id, %s, w.number, now(), 'waiting', now(), 0, 0 FROM unnest(%s::uuid[], %s::text[]) AS w (id, number)
    ON CONFLICT (merchant_id, number) DO UPDATE
       SET wanted_at = now(), outcome = 'waiting', answered_at = NULL, next_at = now(), lease_until = NULL, tries = 0
     WHERE orders_lookup.answered_at < now() - interval '20 s'
"""


@tenancy.action
def want_order(*, merchant_id: UUID, numbers: Sequence[str]) -> None:
    """A worker asks for each of these numbers as soon as it can; `queries.look_up` says what came of it.

    What was answered within the last 20 seconds is not asked again: whoever presses the button often asks once.
    """
    with connection.cursor() as cursor:
        cursor.execute(_WANT, [merchant_id, [ids.uuid7() for _ in numbers], list(numbers)])
        cursor.execute("SELECT pg_notify('recoup_lookups', '')")
