"""Everything decisions need, read in one statement: the hot path of the product is written as SQL.

It reads the tables of orders, payments and merchants directly (docs/decisions/0006): one round trip instead of nine for
each request. With the order's row locked, two requests for one order are judged one after the other.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from django.db import connection

from recoup.kernel import units
from recoup.payments.transactional import Source


@dataclass(frozen=True, slots=True, kw_only=True)
class DossierLine:
    """An order line as frozen at order time, and which of its units are taken already. Amounts are of all units."""

    id: UUID
    position: int
    sku: str
    title: str
    category: str
    kind: str
    flags: tuple[str, ...]
    quantity: int
    list_minor: int
    discount_minor: int
    tax_minor: int
    fee_minor: int
    claimed: units.Spans

    @property
    def unit_price_minor(self) -> int:
        return self.list_minor // self.quantity

    @property
    def quantity_left(self) -> int:
        return self.quantity - units.count(self.claimed)


@dataclass(frozen=True, slots=True, kw_only=True)
class DossierOrder:
    """The order's own facts."""

    id: UUID
    number: str
    email: str
    country: str
    currency: str
    status: str
    channel: str
    placed_at: datetime
    shipped_at: datetime | None
    delivered_at: datetime | None
    paid_minor: int
    shipping_minor: int
    shipping_tax_minor: int
    shipping_claimed_minor: int
    as_of: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Dossier:
    """What is known about an order, its money, its merchant and its shopper. `order` None: we have no such order."""

    merchant_id: UUID
    is_practice: bool
    tender_strategy: str
    merchant_country: str
    policy_version_id: UUID | None
    connector_fresh_for_s: int | None
    counters: dict[str, int]
    order: DossierOrder | None = None
    lines: list[DossierLine] = field(default_factory=list)
    sources: list[Source] = field(default_factory=list)

    @property
    def refunded_minor(self) -> int:
        """What of the order's money has gone back or is promised."""
        paid = self.order.paid_minor if self.order else 0
        return max(0, paid - sum(source.refundable_minor for source in self.sources))


_READ = """
SELECT m.mode = 'practice', m.tender_strategy, m.country,
       (SELECT p.id FROM merchants_policyversion p
         WHERE p.merchant_id = m.id AND p.enabled_at IS NOT NULL ORDER BY p.number DESC LIMIT 1),
       (SELECT c.fresh_for_s FROM merchants_connector c WHERE c.merchant_id = m.id),
       o.id, o.number, o.email, o.country, o.currency, o.status, o.channel, o.placed_at, o.shipped_at, o.delivered_at,
       o.paid_minor, o.shipping_minor, o.shipping_tax_minor, o.shipping_claimed_minor, o.as_of,
       (SELECT json_agg(json_build_array(l.id, l.position, l.sku, l.title, l.category, l.kind, l.flags, l.quantity,
                l.list_minor, l.item_discount_minor + l.order_discount_minor, l.tax_minor, l.fee_minor,
                l.claimed_units::text) ORDER BY l.position)::text FROM orders_orderline l WHERE l.order_id = o.id),
       (SELECT json_agg(json_build_array(p.id, p.rail_account_id, p.provider_charge_id, p.currency,
                greatest(0, p.captured_minor - p.reserved_minor - p.paid_minor - p.disputed_minor
                            - p.elsewhere_minor))
                ORDER BY p.position)::text FROM payments_capture p WHERE p.order_id = o.id),
       shopper.*
  FROM unnest(%(numbers)s::text[]) WITH ORDINALITY AS wanted (number, place)
  JOIN merchants_merchant m ON m.id = %(merchant_id)s
  LEFT JOIN LATERAL (SELECT * FROM orders_order
                      WHERE merchant_id = %(merchant_id)s AND number = wanted.number) o ON true
  LEFT JOIN LATERAL (
       SELECT count(*) FILTER (WHERE c.requested_at > %(at)s - interval '1 day'),
              count(*) FILTER (WHERE c.requested_at > %(at)s - interval '30 days'),
              (SELECT count(*) FROM orders_order x WHERE x.merchant_id = %(merchant_id)s AND x.email = o.email),
              count(DISTINCT c.order_id) FILTER (WHERE c.state IN ('approved', 'partly_approved', 'closed')),
              count(*) FILTER (WHERE c.state = 'rejected'),
              coalesce(sum(c.amount_minor) FILTER (WHERE c.requested_at > %(at)s - interval '90 days'), 0)::bigint
         FROM refunds_case c
        WHERE c.merchant_id = %(merchant_id)s AND c.email = o.email AND c.id <> %(but)s) shopper ON o.email <> ''
 ORDER BY wanted.place
"""
#: A statement of its own: the reading must see what the transactions before us on these orders committed while we
#: waited. The order of the numbers keeps two of us from waiting for each other.
_LOCK = """
SELECT 1 FROM orders_order WHERE merchant_id = %s AND number = ANY(%s) ORDER BY number FOR NO KEY UPDATE
"""
_COUNTERS = (
    "cases_last_day",
    "cases_last_30_days",
    "orders_count",
    "orders_refunded_count",
    "cases_rejected_count",
    "refunded_last_90_days_minor",
)
NOBODY = UUID(int=0)


def lock_orders(order_numbers: Collection[str], *, merchant_id: UUID) -> None:
    """Until this transaction ends, nobody else judges a request for one of these orders."""
    with connection.cursor() as cursor:
        cursor.execute(_LOCK, [merchant_id, list(order_numbers)])


def read(*, merchant_id: UUID, order_number: str, at: datetime, but: UUID = NOBODY, lock: bool = True) -> Dossier:
    """The dossier of one order of the merchant. The case `but` is left out of the shopper's counters."""
    if lock:
        lock_orders([order_number], merchant_id=merchant_id)
    return read_all([order_number], merchant_id=merchant_id, at=at, but=but)[0]


def read_all(order_numbers: Sequence[str], *, merchant_id: UUID, at: datetime, but: UUID = NOBODY) -> list[Dossier]:
    """The dossiers of these orders, in the order of their numbers as given."""
    wanted: dict[str, Any] = {"merchant_id": merchant_id, "numbers": list(order_numbers), "at": at, "but": but}
    with connection.cursor() as cursor:
        cursor.execute(_READ, wanted)
        return [_dossier(row, merchant_id=merchant_id) for row in cursor.fetchall()]


def _dossier(row: tuple[Any, ...], *, merchant_id: UUID) -> Dossier:
    return Dossier(
        merchant_id=merchant_id,
        is_practice=row[0],
        tender_strategy=row[1],
        merchant_country=row[2],
        policy_version_id=row[3],
        connector_fresh_for_s=row[4],
        counters=dict(zip(_COUNTERS, row[22:], strict=True)) if row[22] is not None else {},
        order=_order(row[5:20]) if row[5] else None,
        lines=[_line(line) for line in orjson.loads(row[20] or "[]")],
        sources=[_source(source) for source in orjson.loads(row[21] or "[]")],
    )


def _order(row: tuple[Any, ...]) -> DossierOrder:
    names = DossierOrder.__slots__
    return DossierOrder(**dict(zip(names, row, strict=True)))


def _line(row: tuple[Any, ...]) -> DossierLine:
    return DossierLine(
        id=UUID(row[0]),
        position=row[1],
        sku=row[2],
        title=row[3],
        category=row[4],
        kind=row[5],
        flags=tuple(row[6]),
        quantity=row[7],
        list_minor=row[8],
        discount_minor=row[9],
        tax_minor=row[10],
        fee_minor=row[11],
        claimed=units.from_sql(row[12]),
    )


def _source(row: tuple[Any, ...]) -> Source:
    return Source(
        capture_id=UUID(row[0]),
        rail_account_id=UUID(row[1]),
        provider_charge_id=row[2],
        currency=row[3],
        refundable_minor=row[4],
    )
