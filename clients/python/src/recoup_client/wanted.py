"""What is told to Recoup, as typed dictionaries: plain JSON, checked by your type checker, judged by Recoup."""

from typing import Any, Literal, Required, TypedDict

Reason = Literal[
    "damaged",
    "defective",
    "wrong_item",
    "missing_item",
    "not_arrived",
    "late",
    "not_as_described",
    "changed_mind",
    "wrong_size",
    "cancelled_before_dispatch",
    "duplicate_order",
    "overcharged",
    "other",
]
Grade = Literal["graded_ok", "graded_damaged", "graded_wrong", "graded_missing"]


class Item(TypedDict, total=False):
    """Units of one line of the order, named by exactly one of `sku`, `position` (from 1) or `line_id`."""

    quantity: Required[int]
    sku: str
    position: int
    line_id: str
    unit_price_minor: int


class Grant(TypedDict, total=False):
    """What is paid of one line of a case, in all."""

    line_id: Required[str]
    quantity: Required[int]
    amount_minor: int


class Line(TypedDict, total=False):
    """A line of an order: `unit_price_minor` or `list_minor` (all units); every other amount is of all units."""

    sku: Required[str]
    quantity: Required[int]
    title: str
    unit_price_minor: int
    list_minor: int
    item_discount_minor: int
    tax_minor: int
    tax_included_minor: int
    fee_minor: int
    kind: str
    category: str
    flags: list[str]
    image_url: str


class Payment(TypedDict, total=False):
    """Money that was taken."""

    charge_id: Required[str]
    amount_minor: Required[int]
    method: str
    label: str
    rail_account: str
    refunded_minor: int


class OrderTold(TypedDict, total=False):
    """An order as it was placed, paid and shipped. Moments are ISO 8601 with an offset."""

    number: Required[str]
    placed_at: Required[str]
    currency: Required[str]
    lines: Required[list[Line]]
    payments: list[Payment]
    country: str
    email: str
    phone: str
    shopper_name: str
    customer_ref: str
    status: str
    channel: str
    shipped_at: str
    delivered_at: str
    order_discount_minor: int
    shipping_minor: int
    shipping_tax_minor: int
    tax_percent_thousandths: int
    total_paid_minor: int
    as_of: str
    source_tag: str
    attributes: dict[str, Any]
