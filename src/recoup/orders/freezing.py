"""Freezing an order: every amount becomes an integer that never changes again (DOMAIN 4). Pure arithmetic.

The discount on the whole order is shared among the lines once, by largest remainder, and stays with its line. Unit i's
share of a line's amount follows from `kernel.allocation.first_units`, so nothing is stored per unit. The two discounts
of a line are shared among its units as one amount: together they are never more than the price, so no unit's share is
negative.
"""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import NamedTuple

import orjson

from recoup.kernel.allocation import split
from recoup.kernel.money import AMOUNT_MINOR_MAX, NotAnAmount, exponent, spoken
from recoup.orders.documents import LineDocument, OrderDocument, PaymentDocument
from recoup.orders.refusals import NotAnOrder, SumsDiffer
from recoup.orders.states import BOUGHT, Channel, LineKind, OrderStatus

QUANTITY_MAX = 2**31 - 1
LINES_MAX = 10_000
_KINDS = frozenset(LineKind)
_STATUSES = frozenset(OrderStatus)
_CHANNELS = frozenset(Channel)


class FrozenLine(NamedTuple):
    """A line as it is stored; see `orders.models.OrderLine`."""

    position: int
    sku: str
    title: str
    category: str
    kind: str
    flags: list[str]
    quantity: int
    list_minor: int
    item_discount_minor: int
    order_discount_minor: int
    tax_minor: int
    tax_included_minor: int
    fee_minor: int
    image_url: str


class FrozenCapture(NamedTuple):
    """Money that can still go back: what was taken less what had gone back before."""

    position: int
    method: str
    label: str
    charge_id: str
    rail_account: str | None
    captured_minor: int


class FrozenOrder(NamedTuple):
    """An order whose sums agree. `facts_hash` is of what is frozen, `content_hash` of everything but `as_of`."""

    document: OrderDocument
    paid_minor: int
    lines: list[FrozenLine]
    captures: list[FrozenCapture]
    facts_hash: str
    content_hash: str


def freeze(document: OrderDocument) -> FrozenOrder:
    """The order's integers, checked: lines + delivery + taxes + discounts are what the payments took.

    An order without payments is one that nobody has paid yet. Raises NotAnOrder, SumsDiffer.
    """
    _check(document)
    lines = _freeze_lines(document)
    _check_sums(document, lines)
    captures = [_freeze_capture(document, position) for position in range(len(document.payments))]
    facts_hash = _hash(_facts(document, lines))
    return FrozenOrder(
        document=document,
        paid_minor=sum(payment.amount_minor for payment in document.payments),
        lines=lines,
        captures=[capture for capture in captures if capture.captured_minor > 0],
        facts_hash=facts_hash,
        content_hash=_hash([facts_hash, _particulars(document, lines)]),
    )


def line_total_minor(line: FrozenLine) -> int:
    """What the shopper paid for the line."""
    return line.list_minor + line.item_discount_minor + line.order_discount_minor + line.tax_minor + line.fee_minor


def _freeze_lines(document: OrderDocument) -> list[FrozenLine]:
    listed = [_list_minor(line) for line in document.lines]
    shares = _discount_shares(document, listed) if document.order_discount_minor else [0] * len(listed)
    return [
        FrozenLine(
            position,
            line.sku,
            line.title or line.sku,
            line.category,
            line.kind,
            sorted(line.flags) if line.flags else [],
            line.quantity,
            list_minor,
            line.item_discount_minor,
            share,
            line.tax_minor,
            line.tax_included_minor,
            line.fee_minor,
            line.image_url,
        )
        for position, (line, list_minor, share) in enumerate(zip(document.lines, listed, shares, strict=True), start=1)
    ]


def _list_minor(line: LineDocument) -> int:
    if line.list_minor is not None:
        return line.list_minor
    return (line.unit_price_minor or 0) * line.quantity


def _discount_shares(document: OrderDocument, listed: list[int]) -> list[int]:
    """Only what was bought carries the discount, each line at most what is left of its price."""
    weights = [
        max(0, list_minor + line.item_discount_minor) if line.kind in BOUGHT else 0
        for line, list_minor in zip(document.lines, listed, strict=True)
    ]
    if -document.order_discount_minor > sum(weights):
        raise NotAnOrder("the discount on the order is larger than what was bought", field="order_discount_minor")
    return split(document.order_discount_minor, weights)


def _freeze_capture(document: OrderDocument, position: int) -> FrozenCapture:
    payment = document.payments[position]
    return FrozenCapture(
        position,
        payment.method,
        payment.label or payment.method,
        payment.charge_id,
        payment.rail_account,
        payment.amount_minor - payment.refunded_minor,
    )


def _check(document: OrderDocument) -> None:
    if not document.number.strip() or len(document.number) > 200:
        raise NotAnOrder("an order has a number of 1 to 200 letters", field="number")
    try:
        exponent(document.currency)
    except NotAnAmount as problem:
        raise NotAnOrder(str(problem), field="currency") from None
    if document.status not in _STATUSES:
        raise NotAnOrder(f"status is one of {', '.join(OrderStatus)}", field="status")
    if document.channel not in _CHANNELS:
        raise NotAnOrder(f"channel is one of {', '.join(Channel)}", field="channel")
    if document.country and not (len(document.country) == 2 and document.country.isalpha()):
        raise NotAnOrder("country is a code of two letters (ISO 3166-1)", field="country")
    if not 0 < len(document.lines) <= LINES_MAX:
        raise NotAnOrder(f"an order has 1 to {LINES_MAX} lines", field="lines")
    _check_times_and_texts(document)
    _check_amounts(document)
    for number, line in enumerate(document.lines):
        _check_line(line, number)
    charges = [(payment.rail_account, payment.charge_id) for payment in document.payments]
    if len(set(charges)) != len(charges):
        raise NotAnOrder("the same payment stands twice", field="payments")
    for number, payment in enumerate(document.payments):
        _check_payment(payment, where=f"payments[{number}]")


def _check_times_and_texts(document: OrderDocument) -> None:
    for name in ("placed_at", "shipped_at", "delivered_at", "as_of"):
        moment: datetime | None = getattr(document, name)
        if moment is not None and moment.tzinfo is None:
            raise NotAnOrder("every time needs its offset from UTC", field=name)
    texts = (document.number, document.email, document.phone, document.shopper_name, document.customer_ref)
    if any("\0" in text for text in texts):
        raise NotAnOrder("a text holds a character that no text has (NUL)", field="number")


def _check_amounts(document: OrderDocument) -> None:
    for name in ("shipping_minor", "shipping_tax_minor"):
        if not 0 <= getattr(document, name) <= AMOUNT_MINOR_MAX:
            raise NotAnOrder("an amount is a whole number from 0 up", field=name)
    if not -AMOUNT_MINOR_MAX <= document.order_discount_minor <= 0:
        raise NotAnOrder("a discount is zero or negative", field="order_discount_minor")


def _check_line(line: LineDocument, number: int) -> None:
    def wrong(message: str, field: str) -> NotAnOrder:
        return NotAnOrder(message, field=f"lines[{number}].{field}")

    if "\0" in line.sku + line.title + line.category + line.image_url:
        raise wrong("a text holds a character that no text has (NUL)", "title")
    if not line.sku:
        raise wrong("a line has a sku", "sku")
    if not 0 < line.quantity <= QUANTITY_MAX:
        raise wrong("a line has a quantity from 1 up", "quantity")
    if line.kind not in _KINDS:
        raise wrong(f"kind is one of {', '.join(LineKind)}", "kind")
    if (line.unit_price_minor is None) == (line.list_minor is None):
        raise wrong("give either unit_price_minor or list_minor", "list_minor")
    listed = _list_minor(line)
    if not 0 <= listed <= AMOUNT_MINOR_MAX:
        raise wrong("a price is a whole number from 0 up", "list_minor")
    if not -listed <= line.item_discount_minor <= 0:
        raise wrong("a discount is zero or negative, and no larger than the price", "item_discount_minor")
    if not (0 <= line.tax_minor <= AMOUNT_MINOR_MAX and 0 <= line.fee_minor <= AMOUNT_MINOR_MAX):
        raise wrong("taxes and fees are whole numbers from 0 up", "tax_minor")
    if not 0 <= line.tax_included_minor <= listed + line.item_discount_minor:
        raise wrong("the tax inside a price is no larger than the price", "tax_included_minor")


def _check_payment(payment: PaymentDocument, *, where: str) -> None:
    if not 0 < payment.amount_minor <= AMOUNT_MINOR_MAX:
        raise NotAnOrder("a payment took more than nothing", field=f"{where}.amount_minor")
    if not payment.charge_id:
        raise NotAnOrder("a payment has the provider's id of the charge", field=f"{where}.charge_id")
    if not 0 <= payment.refunded_minor <= payment.amount_minor:
        raise NotAnOrder("no more can have gone back than was taken", field=f"{where}.refunded_minor")


def _check_sums(document: OrderDocument, lines: list[FrozenLine]) -> None:
    parts = sum([line_total_minor(line) for line in lines]) + document.shipping_minor + document.shipping_tax_minor
    paid = sum(payment.amount_minor for payment in document.payments)
    for told, what in ((paid if document.payments else None, "the payments"), (document.total_paid_minor, "the total")):
        if told is not None and told != parts:
            raise SumsDiffer(
                f"the lines, delivery, taxes and discounts come to {spoken(parts, document.currency)}, "
                f"{what} to {spoken(told, document.currency)}",
                parts_minor=parts,
                told_minor=told,
            )


def _facts(document: OrderDocument, lines: list[FrozenLine]) -> list[object]:
    return [
        document.placed_at,
        document.currency,
        [document.order_discount_minor, document.shipping_minor, document.shipping_tax_minor],
        [[line.sku, *line[3:13]] for line in lines],
        [[p.charge_id, p.rail_account, p.amount_minor] for p in document.payments],
    ]


def _particulars(document: OrderDocument, lines: list[FrozenLine]) -> list[object]:
    return [
        document.number,
        [document.country, document.email, document.phone, document.shopper_name, document.customer_ref],
        [document.status, document.channel, document.shipped_at, document.delivered_at],
        document.tax_percent_thousandths,
        document.attributes,
        [[line.title, line.image_url] for line in lines],
        [[p.method, p.label, p.refunded_minor] for p in document.payments],
    ]


def _hash(content: list[object]) -> str:
    """Times count as moments: the same instant in another zone is the same content."""
    text = orjson.dumps(content, default=_plain, option=orjson.OPT_PASSTHROUGH_DATETIME | orjson.OPT_SORT_KEYS)
    return hashlib.blake2b(text, digest_size=16).hexdigest()


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return value.timestamp()
    return str(value)
