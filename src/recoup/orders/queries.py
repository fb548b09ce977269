"""Reading copies of orders: for doors, pages and the contexts above."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import orjson
from django.db import connection

from recoup.access import tenancy
from recoup.kernel import phone_numbers, units
from recoup.kernel.allocation import first_units
from recoup.kernel.errors import NotFound
from recoup.orders.models import ImportRun, LookUp, Order, OrderLine
from recoup.orders.refusals import OrderUnknown
from recoup.orders.states import CopyOutcome, LookUpOutcome


@dataclass(frozen=True, slots=True, kw_only=True)
class LineView:
    """A line with the frozen amounts of all its units, and how many of them nobody has claimed yet."""

    id: UUID
    position: int
    sku: str
    title: str
    category: str
    kind: str
    flags: tuple[str, ...]
    quantity: int
    quantity_free: int
    list_minor: int
    item_discount_minor: int
    order_discount_minor: int
    tax_minor: int
    tax_included_minor: int
    fee_minor: int
    claimed_units: units.Spans
    image_url: str

    @property
    def total_minor(self) -> int:
        """What the shopper paid for all units."""
        return self.list_minor + self.item_discount_minor + self.order_discount_minor + self.tax_minor + self.fee_minor

    @property
    def unit_price_minor(self) -> int:
        """What the first unit was listed at; other units may differ by one minor unit."""
        return first_units(self.list_minor, self.quantity, 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class CaptureView:
    """Money that was taken for the order, in the order of payment, and what of it can still go back."""

    id: UUID
    rail_account_id: UUID
    method: str
    label: str
    provider_charge_id: str
    currency: str
    captured_minor: int
    refundable_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderView:
    """A copy of an order with its lines and captures, as fresh as `as_of`."""

    id: UUID
    merchant_id: UUID
    number: str
    email: str
    phone: str
    shopper_name: str
    customer_ref: str
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
    tax_percent_thousandths: int | None
    as_of: datetime
    source: str
    source_tag: str
    has_differences: bool
    attributes: dict[str, Any]
    lines: tuple[LineView, ...]
    captures: tuple[CaptureView, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectorView:
    """How the merchant's own system is asked. The key is still sealed."""

    url: str
    key_sealed: bytes
    mapping: dict[str, Any]
    fresh_for_s: int
    timeout_s: int


@tenancy.query
def order_with_lines(*, merchant_id: UUID, number: str) -> OrderView:
    """Our copy of the order. Raises OrderUnknown."""
    order = Order.objects.filter(merchant_id=merchant_id, number=number).first()
    if order is None:
        raise OrderUnknown(f"there is no order {number}")
    return _views([order])[0]


@tenancy.query
def order_by_id(*, merchant_id: UUID, order_id: UUID) -> OrderView:
    """Our copy of the order. Raises OrderUnknown."""
    order = Order.objects.filter(merchant_id=merchant_id, id=order_id).first()
    if order is None:
        raise OrderUnknown
    return _views([order])[0]


@tenancy.query
def find_for_guest(*, merchant_id: UUID, number: str, contact: str) -> OrderView | None:
    """The order when both the number and the contact (an e-mail address, or a number in E.164) fit; None says nothing
    about which did not.

    People type the number in small letters, with or without its `#`.
    """
    typed = number.strip()
    forms = {form for bare in (typed, typed.upper(), typed.lstrip("#")) for form in (bare, f"#{bare.lstrip('#')}")}
    for order in Order.objects.filter(merchant_id=merchant_id, number__in=forms):
        if _is_theirs(order, contact.strip().lower()):
            return _views([order])[0]
    return None


@tenancy.query
def phone_of(*, merchant_id: UUID, order_id: UUID) -> str:
    """The number that the order was bought with, in E.164; empty when there is none that can be read."""
    row = Order.objects.filter(id=order_id).values_list("phone", "country").first()
    return phone_numbers.e164_of(row[0], country=row[1]) if row else ""


@tenancy.query
def orders_of_shopper(*, merchant_id: UUID, emails: Collection[str], limit: int) -> list[OrderView]:
    """What a shopper with these proved addresses (small letters) bought last, newest first."""
    known = [email for email in emails if email]
    found = Order.objects.filter(merchant_id=merchant_id, email__in=known).order_by("-placed_at", "-id")
    return _views(list(found[:limit]))


@tenancy.query
def page_of_orders(*, merchant_id: UUID, after: UUID | None, limit: int) -> list[OrderView]:
    """So many orders, the newest copies first, beginning after the order with that id."""
    found = Order.objects.filter(merchant_id=merchant_id).order_by("-id")
    return _views(list((found if after is None else found.filter(id__lt=after))[:limit]))


@tenancy.query
def numbers_known(*, merchant_id: UUID, numbers: Sequence[str]) -> dict[str, UUID]:
    """The ids of those orders that we have a copy of, by number."""
    return dict(Order.objects.filter(merchant_id=merchant_id, number__in=numbers).values_list("number", "id"))


@tenancy.query
def connector(*, merchant_id: UUID) -> ConnectorView | None:
    """How to ask this merchant's own system; None when it has none.

    The table is the merchants context's, a neighbour on the same floor: it is read by its name.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT url, key_sealed, mapping::text, fresh_for_s, timeout_s "
            "FROM merchants_connector WHERE merchant_id = %s",
            [merchant_id],
        )
        row = cursor.fetchone()
    if row is None:
        return None
    url, key_sealed, mapping, fresh_for_s, timeout_s = row
    return ConnectorView(
        url=url,
        key_sealed=bytes(key_sealed),
        mapping=orjson.loads(mapping),
        fresh_for_s=fresh_for_s,
        timeout_s=timeout_s,
    )


@tenancy.query
def is_looked_up(*, merchant_id: UUID, numbers: Sequence[str]) -> bool:
    """Whether a worker still has to ask the merchant's system for one of these numbers."""
    waiting = LookUp.objects.filter(merchant_id=merchant_id, number__in=numbers, outcome=LookUpOutcome.WAITING)
    return waiting.exists()


def is_fresh(order: OrderView, *, connector: ConnectorView | None, at: datetime) -> bool:
    """Whether our copy is young enough to decide by. Without a connector there is nobody to ask, so it is."""
    return connector is None or at - order.as_of <= timedelta(seconds=connector.fresh_for_s)


def free_units(line: LineView, *, wanted: int) -> units.Spans:
    """The lowest units of the line that nobody has claimed, at most `wanted`."""
    return units.lowest_free(line.claimed_units, quantity=line.quantity, wanted=wanted)


def _is_theirs(order: Order, contact: str) -> bool:
    if "@" in contact:
        return bool(order.email) and order.email == contact
    return bool(contact) and phone_numbers.e164_of(order.phone, country=order.country) == contact


_CAPTURES = """
SELECT order_id, id, rail_account_id, method, label, provider_charge_id, currency, captured_minor,
       captured_minor - reserved_minor - paid_minor - disputed_minor - elsewhere_minor
  FROM payments_capture WHERE order_id = ANY(%s) ORDER BY order_id, position
"""


def _views(orders: Sequence[Order]) -> list[OrderView]:
    """Three statements however many orders."""
    if not orders:
        return []
    keys = [order.id for order in orders]
    lines: dict[UUID, list[LineView]] = {key: [] for key in keys}
    captures: dict[UUID, list[CaptureView]] = {key: [] for key in keys}
    for line in OrderLine.objects.filter(order_id__in=keys).order_by("order_id", "position"):
        lines[line.order_id].append(_line_view(line))
    with connection.cursor() as cursor:
        cursor.execute(_CAPTURES, [keys])
        for order_id, capture_id, account, method, label, charge, currency, captured, refundable in cursor.fetchall():
            captures[order_id].append(
                CaptureView(
                    id=capture_id,
                    rail_account_id=account,
                    method=method,
                    label=label,
                    provider_charge_id=charge,
                    currency=currency,
                    captured_minor=captured,
                    refundable_minor=refundable,
                )
            )
    return [_order_view(order, tuple(lines[order.id]), tuple(captures[order.id])) for order in orders]


def _line_view(line: OrderLine) -> LineView:
    return LineView(
        id=line.id,
        position=line.position,
        sku=line.sku,
        title=line.title,
        category=line.category,
        kind=line.kind,
        flags=tuple(line.flags),
        quantity=line.quantity,
        quantity_free=line.quantity - units.count(line.claimed_units),
        list_minor=line.list_minor,
        item_discount_minor=line.item_discount_minor,
        order_discount_minor=line.order_discount_minor,
        tax_minor=line.tax_minor,
        tax_included_minor=line.tax_included_minor,
        fee_minor=line.fee_minor,
        claimed_units=line.claimed_units,
        image_url=line.image_url,
    )


def _order_view(order: Order, lines: tuple[LineView, ...], captures: tuple[CaptureView, ...]) -> OrderView:
    return OrderView(
        id=order.id,
        merchant_id=order.merchant_id,
        number=order.number,
        email=order.email,
        phone=order.phone,
        shopper_name=order.shopper_name,
        customer_ref=order.customer_ref,
        country=order.country,
        currency=order.currency,
        status=order.status,
        channel=order.channel,
        placed_at=order.placed_at,
        shipped_at=order.shipped_at,
        delivered_at=order.delivered_at,
        paid_minor=order.paid_minor,
        shipping_minor=order.shipping_minor,
        shipping_tax_minor=order.shipping_tax_minor,
        shipping_claimed_minor=order.shipping_claimed_minor,
        tax_percent_thousandths=order.tax_percent_thousandths,
        as_of=order.as_of,
        source=order.source,
        source_tag=order.source_tag,
        has_differences=bool(order.differences),
        attributes=order.attributes,
        lines=lines,
        captures=captures,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportView:
    """One file that came in, or is coming in. `is_waiting`: nobody has begun it yet."""

    id: UUID
    file_name: str
    asked_by: str
    started_at: datetime
    finished_at: datetime | None
    is_waiting: bool
    bytes_in_all: int
    bytes_read: int
    rows_read: int
    rows_refused: int
    orders_new: int
    orders_changed: int
    orders_same: int
    orders_refused: int
    problem: str
    notes: list[dict[str, Any]]

    @property
    def percent(self) -> int:
        """How much of the file has been read."""
        return min(100, 100 * self.bytes_read // self.bytes_in_all) if self.bytes_in_all else 0


@tenancy.query
def imports(*, merchant_id: UUID, limit: int = 20) -> list[ImportView]:
    """The company's imports, newest first."""
    return [_import_view(run) for run in ImportRun.objects.filter(merchant_id=merchant_id).order_by("-id")[:limit]]


@tenancy.query
def import_run(*, merchant_id: UUID, run_id: UUID) -> ImportView:
    """One of them. Raises NotFound."""
    run = ImportRun.objects.filter(merchant_id=merchant_id, id=run_id).first()
    if run is None:
        raise NotFound("There is no such import")
    return _import_view(run)


@tenancy.query
def count_orders(*, merchant_id: UUID) -> int:
    """How many orders of the company are here."""
    return Order.objects.filter(merchant_id=merchant_id).count()


def _import_view(run: ImportRun) -> ImportView:
    told = "id file_name asked_by started_at finished_at bytes_in_all bytes_read rows_read rows_refused problem"
    outcomes = run.report.get("orders", {})
    refreshed = outcomes.get(CopyOutcome.REFRESHED, 0)  # the same, told later: nothing that a person would call changed
    return ImportView(
        **{name: getattr(run, name) for name in told.split()},
        is_waiting=run.finished_at is None and run.lease_until is None,
        orders_new=run.orders_new,
        orders_changed=run.orders_changed - refreshed,
        orders_same=run.orders_same + refreshed,
        orders_refused=outcomes.get(CopyOutcome.REFUSED, 0),
        notes=run.report.get("notes", []),
    )
