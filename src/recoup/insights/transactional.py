"""Keeping the read models up with what happened."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import connection

from recoup.events.queries import HeardEvent

#: What changes something that a report says.
EVENTS = frozenset(
    """
    case.submitted case.verifying_order case.needs_evidence case.awaiting_return case.in_review case.approved
    case.partly_approved case.rejected case.appealed case.withdrawn case.expired case.reopened case.closed
    """.split()
)

# It reads the tables of refunds and orders in one statement for a batch, as the messages do (decision 0006).
_KEEP = """
INSERT INTO insights_itemclaim (id, merchant_id, case_id, requested_at, sku, title, category, reason, channel, country,
                                state, currency, quantity, quantity_granted, amount_requested_minor, amount_minor)
SELECT cl.id, c.merchant_id, c.id, c.requested_at, l.sku, l.title, l.category, c.reason, c.channel, c.country,
       c.state, c.currency, cl.quantity, (SELECT coalesce(sum(upper(s) - lower(s)), 0) FROM unnest(cl.units) s),
       cl.amount_requested_minor, cl.amount_minor
  FROM refunds_case c
  JOIN refunds_caseline cl ON cl.case_id = c.id
  JOIN orders_orderline l ON l.id = cl.order_line_id
 WHERE c.id = ANY(%s)
ON CONFLICT (id) DO UPDATE
   SET reason = excluded.reason, state = excluded.state, quantity = excluded.quantity,
       quantity_granted = excluded.quantity_granted, amount_requested_minor = excluded.amount_requested_minor,
       amount_minor = excluded.amount_minor
"""


def keep_claims(events: Sequence[HeardEvent], *, at: datetime) -> None:  # noqa: ARG001 - every handler is told the time
    """The cases that these events are about stand in the read model as they stand now."""
    cases = sorted({event.case_id for event in events if event.case_id is not None})
    if not cases:
        return
    with connection.cursor() as cursor:
        cursor.execute(_KEEP, [cases])
