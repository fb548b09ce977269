"""Everything one decision needs, read in one statement: the hot path of the product is written as SQL.

It reads the tables of orders, payments and merchants directly (docs/decisions/0006): one round trip instead of nine.
The order's row is locked, so two requests for one order are judged one after the other.
"""

from __future__ import annotations

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
                ORDER BY p.position)::text FROM payments_capture p WHERE p.order_id = o.id)
  FROM merchants_merchant m
  LEFT JOIN LATERAL (SELECT * FROM orders_order WHERE merchant_id = m.id AND number = %(number)s) o ON true
 WHERE m.id = %(merchant_id)s
"""
#: A statement of its own: the reading must see what the transaction before us on this order committed while we waited.
_LOCK = "SELECT 1 FROM orders_order WHERE merchant_id = %(merchant_id)s AND number = %(number)s FOR NO KEY UPDATE"

_COUNT = """
SELECT (SELECT count(*) FROM refunds_case c WHERE c.merchant_id = %(merchant_id)s AND c.email = %(email)s
           AND c.requested_at > %(at)s - interval '1 day' AND c.id <> %(but)s),
       (SELECT count(*) FROM refunds_case c WHERE c.merchant_id = %(merchant_id)s AND c.email = %(email)s
           AND c.requested_at > %(at)s - interval '30 days' AND c.id <> %(but)s),
       (SELECT count(*) FROM orders_order o WHERE o.merchant_id = %(merchant_id)s AND o.email = %(email)s),
       (SELECT count(DISTINCT c.order_id) FROM refunds_case c WHERE c.merchant_id = %(merchant_id)s
           AND c.email = %(email)s AND c.state IN ('approved', 'partly_approved', 'closed') AND c.id <> %(but)s),
       (SELECT count(*) FROM refunds_case c WHERE c.merchant_id = %(merchant_id)s AND c.email = %(email)s
           AND c.state = 'rejected' AND c.id <> %(but)s),
       (SELECT coalesce(sum(c.amount_minor), 0)::bigint FROM refunds_case c WHERE c.merchant_id = %(merchant_id)s
           AND c.email = %(email)s AND c.requested_at > %(at)s - interval '90 days' AND c.id <> %(but)s)
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


def read(*, merchant_id: UUID, order_number: str, at: datetime, but: UUID = NOBODY, lock: bool = True) -> Dossier:
    """The dossier of one order of the merchant. The case `but` is left out of the shopper's counters."""
    with connection.cursor() as cursor:
        wanted: dict[str, Any] = {"merchant_id": merchant_id, "number": order_number}
        if lock:
            cursor.execute(_LOCK, wanted)
        cursor.execute(_READ, wanted)
        row = cursor.fetchone()
        email = row[7] or ""
        counters: dict[str, int] = {}
        if email:
            cursor.execute(_COUNT, {"merchant_id": merchant_id, "email": email, "at": at, "but": but})
            counters = dict(zip(_COUNTERS, cursor.fetchone(), strict=True))
    return Dossier(
        merchant_id=merchant_id,
        is_practice=row[0],
        tender_strategy=row[1],
        merchant_country=row[2],
        policy_version_id=row[3],
        connector_fresh_for_s=row[4],
        counters=counters,
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
