"""The questions that a company asks: is the promise kept, what waits, where is the money, what comes back and why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from django.db import connection

from recoup.access import tenancy
from recoup.insights.promises import Kept, kept_by

__all__ = [
    "Comeback",
    "Hour",
    "InFlight",
    "Kept",
    "Waiting",
    "by_day",
    "by_item",
    "by_reason",
    "in_flight",
    "kept_by",
    "photos_of_item",
    "promise_by_hour",
    "sold",
    "title_of",
    "waiting",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Hour:
    """The refunds asked for in one hour: granted and initiated within five minutes, granted and initiated later, not
    initiated yet, and those that were not granted. `p50_s`: the median from request to initiation.
    """

    begins_at: datetime
    in_time: int
    late: int
    under_way: int
    others: int
    p50_s: float | None

    @property
    def granted(self) -> int:
        return self.in_time + self.late + self.under_way


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """Cases in a state in which somebody has to do something, and since when the first of them waits."""

    state: str
    count: int
    since: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class InFlight:
    """Promised money that has not arrived yet, by the state of its payouts."""

    state: str
    currency: str
    count: int
    amount_minor: int
    since: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Comeback:
    """What was asked back under one heading (an item, a reason, a day): in how many cases, units, and what was paid."""

    key: str
    label: str
    cases: int
    units: int
    units_granted: int
    amounts: tuple[tuple[str, int], ...]


_HOURS = """
SELECT date_trunc('hour', requested_at, %(zone)s) AS hour,
       count(*) FILTER (WHERE is_granted AND initiated_at <= requested_at + interval '5 min'),
       count(*) FILTER (WHERE is_granted AND initiated_at > requested_at + interval '5 min'),
       count(*) FILTER (WHERE is_granted AND initiated_at IS NULL),
       count(*) FILTER (WHERE NOT is_granted),
       (percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM initiated_at - requested_at)))::float8
  FROM (SELECT requested_at, initiated_at, amount_minor > 0 AS is_granted FROM refunds_case
         WHERE merchant_id = %(merchant_id)s AND requested_at >= %(since)s AND requested_at < %(until)s) AS asked
 GROUP BY hour ORDER BY hour
"""


@tenancy.query
def promise_by_hour(*, merchant_id: UUID, since: datetime, until: datetime, zone: str) -> list[Hour]:
    """Every hour of the span in which something was asked for, the oldest first, as hours begin in that time zone."""
    rows = _ask(_HOURS, merchant_id=merchant_id, since=since, until=until, zone=zone)
    return [
        Hour(begins_at=at, in_time=in_time, late=late, under_way=under_way, others=others, p50_s=p50_s)
        for at, in_time, late, under_way, others, p50_s in rows
    ]


_WAITING = """
SELECT state, count(*), min(requested_at) FROM refunds_case
 WHERE merchant_id = %(merchant_id)s AND state = ANY(%(states)s) GROUP BY state
"""


@tenancy.query
def waiting(*, merchant_id: UUID, states: Sequence[str]) -> dict[str, Waiting]:
    """How many cases are in each of these states; states without one are left out."""
    rows = _ask(_WAITING, merchant_id=merchant_id, states=list(states))
    return {state: Waiting(state=state, count=count, since=since) for state, count, since in rows}


_IN_FLIGHT = """
SELECT state, currency, count(*), sum(amount_minor)::bigint, min(reserved_at) FROM payments_payout
 WHERE merchant_id = %(merchant_id)s AND state <> ALL('{succeeded,canceled}') GROUP BY state, currency
 ORDER BY 1, 2
"""


@tenancy.query
def in_flight(*, merchant_id: UUID) -> list[InFlight]:
    """Payouts that are not at their end, by state and currency."""
    return [
        InFlight(state=state, currency=currency, count=count, amount_minor=amount, since=since)
        for state, currency, count, amount, since in _ask(_IN_FLIGHT, merchant_id=merchant_id)
    ]


# One scan of the span's claims; then the few headings that are shown.
_COMEBACKS = """
WITH claims AS MATERIALIZED (
    SELECT {key} AS key, {label} AS label, case_id, quantity, quantity_granted, currency, amount_minor
      FROM insights_itemclaim
     WHERE merchant_id = %(merchant_id)s AND requested_at >= %(since)s AND requested_at < %(until)s
       AND (%(sku)s = '' OR sku = %(sku)s) AND (%(reason)s = '' OR reason = %(reason)s)
), paid AS (
    SELECT key, currency, sum(amount_minor)::bigint AS amount_minor FROM claims WHERE amount_minor > 0 GROUP BY 1, 2
), counted AS (
    SELECT key, max(label) AS label, count(DISTINCT case_id) AS cases, sum(quantity)::bigint AS units,
           sum(quantity_granted)::bigint AS granted
      FROM claims GROUP BY key ORDER BY {order} LIMIT %(limit)s
)
SELECT c.key, c.label, c.cases, c.units, c.granted,
       (SELECT coalesce(jsonb_agg(jsonb_build_array(p.currency, p.amount_minor) ORDER BY p.amount_minor DESC), '[]')
          FROM paid p WHERE p.key = c.key)
  FROM counted c ORDER BY {order}
"""
_BY_ITEM = _COMEBACKS.format(key="sku", label="title", order="units DESC, key")
_BY_REASON = _COMEBACKS.format(key="reason", label="reason", order="units DESC, key")
_BY_DAY = _COMEBACKS.format(key="to_char(requested_at AT TIME ZONE %(zone)s, 'YYYY-MM-DD')", label="''", order="key")


@tenancy.query
def by_item(
    *, merchant_id: UUID, since: datetime, until: datetime, reason: str = "", limit: int = 20
) -> list[Comeback]:
    """The items that come back most, by units; `reason` narrows it to one."""
    return _comebacks(_BY_ITEM, merchant_id=merchant_id, since=since, until=until, sku="", reason=reason, limit=limit)


@tenancy.query
def by_reason(*, merchant_id: UUID, since: datetime, until: datetime, sku: str = "", limit: int = 20) -> list[Comeback]:
    """Why things come back, the most frequent reason first; `sku` narrows it to one item."""
    return _comebacks(_BY_REASON, merchant_id=merchant_id, since=since, until=until, sku=sku, reason="", limit=limit)


@tenancy.query
def by_day(
    *, merchant_id: UUID, since: datetime, until: datetime, zone: str, sku: str = "", limit: int = 400
) -> list[Comeback]:
    """How much comes back day by day (the key is the date in that time zone), days without anything left out."""
    return _comebacks(
        _BY_DAY, merchant_id=merchant_id, since=since, until=until, sku=sku, reason="", limit=limit, zone=zone
    )


_SOLD = """
SELECT l.sku, sum(l.quantity)::bigint FROM orders_orderline l JOIN orders_order o ON o.id = l.order_id
 WHERE l.merchant_id = %(merchant_id)s AND l.sku = ANY(%(skus)s)
   AND o.placed_at >= %(since)s AND o.placed_at < %(until)s GROUP BY l.sku
"""


@tenancy.query
def sold(*, merchant_id: UUID, skus: Sequence[str], since: datetime, until: datetime) -> dict[str, int]:
    """Units of these items in the orders that were placed in the span."""
    return dict(_ask(_SOLD, merchant_id=merchant_id, skus=list(skus), since=since, until=until))


_TITLE = """
SELECT title FROM orders_orderline WHERE merchant_id = %(merchant_id)s AND sku = %(sku)s ORDER BY id DESC LIMIT 1
"""


@tenancy.query
def title_of(*, merchant_id: UUID, sku: str) -> str | None:
    """What the item is called, as the company last told it; None for what it never sold."""
    rows = _ask(_TITLE, merchant_id=merchant_id, sku=sku)
    return str(rows[0][0]) if rows else None


_PHOTOS = """
SELECT c.number, p.id FROM refunds_photo p JOIN refunds_case c ON c.id = p.case_id
 WHERE p.case_id IN (SELECT DISTINCT case_id FROM insights_itemclaim
                      WHERE merchant_id = %(merchant_id)s AND sku = %(sku)s
                        AND requested_at >= %(since)s AND requested_at < %(until)s)
 ORDER BY p.added_at DESC LIMIT %(limit)s
"""


@tenancy.query
def photos_of_item(
    *, merchant_id: UUID, sku: str, since: datetime, until: datetime, limit: int = 12
) -> list[tuple[str, UUID]]:
    """The newest photos of cases with that item: case number and photo."""
    return _ask(_PHOTOS, merchant_id=merchant_id, sku=sku, since=since, until=until, limit=limit)


def _comebacks(statement: str, **values: Any) -> list[Comeback]:
    return [
        Comeback(
            key=key,
            label=label,
            cases=cases,
            units=units,
            units_granted=granted,
            amounts=tuple((currency, minor) for currency, minor in orjson.loads(amounts)),
        )
        for key, label, cases, units, granted, amounts in _ask(statement, **values)
    ]


def _ask(statement: str, **values: Any) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return list(cursor.fetchall())
