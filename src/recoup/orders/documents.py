"""The order document: one order as any source tells it, before its money is frozen.

All amounts are integers in minor units of `OrderDocument.currency`; an amount of a line is of all its units. Discounts
are zero or negative.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(slots=True, kw_only=True)
class LineDocument:
    """One line. The price is told either per unit (`unit_price_minor`) or for all units together (`list_minor`)."""

    sku: str
    quantity: int
    title: str = ""
    unit_price_minor: int | None = None
    list_minor: int | None = None
    item_discount_minor: int = 0
    tax_minor: int = 0
    tax_included_minor: int = 0
    fee_minor: int = 0
    kind: str = "goods"
    category: str = ""
    flags: tuple[str, ...] = ()
    image_url: str = ""


@dataclass(slots=True, kw_only=True)
class PaymentDocument:
    """Money that was taken. `rail_account` is the label or id of the account it went to; None is the merchant's first.

    `refunded_minor` went back before Recoup knew the order: that part can never be refunded here.
    """

    charge_id: str
    amount_minor: int
    method: str = "card"
    label: str = ""
    rail_account: str | None = None
    refunded_minor: int = 0


@dataclass(slots=True, kw_only=True)
class OrderDocument:
    """One order. `total_paid_minor`, where the source tells it, must be what the parts add up to.

    `as_of` is when the source said so; None means now. `source_tag` is the source's name for this version.
    """

    number: str
    placed_at: datetime
    currency: str
    lines: list[LineDocument]
    payments: list[PaymentDocument] = field(default_factory=list)
    country: str = ""
    email: str = ""
    phone: str = ""
    shopper_name: str = ""
    customer_ref: str = ""
    status: str = "placed"
    channel: str = "distance"
    shipped_at: datetime | None = None
    delivered_at: datetime | None = None
    order_discount_minor: int = 0
    shipping_minor: int = 0
    shipping_tax_minor: int = 0
    tax_percent_thousandths: int | None = None
    total_paid_minor: int | None = None
    as_of: datetime | None = None
    source_tag: str = ""
    attributes: dict[str, Any] = field(default_factory=dict)
