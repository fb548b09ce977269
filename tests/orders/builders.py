"""Orders for tests, in few words."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from recoup.orders.documents import LineDocument, OrderDocument, PaymentDocument

PLACED_AT = datetime(2026, 11, 2, 9, 30, tzinfo=UTC)


def a_line(sku: str = "MUG", **changes: Any) -> LineDocument:
    """Two mugs at ten each."""
    told: dict[str, Any] = {"sku": sku, "quantity": 2, "unit_price_minor": 1000, **changes}
    return LineDocument(**told)


def an_order(number: str = "A-1", *lines: LineDocument, **changes: Any) -> OrderDocument:
    """An order whose one payment takes what its parts come to."""
    told: dict[str, Any] = {
        "number": number,
        "placed_at": PLACED_AT,
        "currency": "SGD",
        "email": "mei@example.com",
        "phone": "+65 9123 4567",
        "lines": list(lines) or [a_line()],
        **changes,
    }
    document = OrderDocument(**told)
    if "payments" not in changes:
        document.payments = [PaymentDocument(charge_id=f"ch_{number}", amount_minor=total(document))]
    return document


def total(document: OrderDocument) -> int:
    """What the order's parts come to."""
    lines = sum(
        (line.list_minor if line.list_minor is not None else (line.unit_price_minor or 0) * line.quantity)
        + line.item_discount_minor
        + line.tax_minor
        + line.fee_minor
        for line in document.lines
    )
    return lines + document.order_discount_minor + document.shipping_minor + document.shipping_tax_minor
