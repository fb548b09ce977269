"""Which column of a company's file says what: guessed from its name, corrected by a person, written as a mapping."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from recoup.orders.gateways.order_files import Table


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Something that we know of orders. `names`: what columns of shops' exports are called, in small letters."""

    key: str
    words: str
    hint: str = ""
    is_needed: bool = False
    of: str = "order"
    names: tuple[str, ...] = ()


PARTS: tuple[Part, ...] = (
    Part(
        key="number",
        words="Order number",
        hint="As your customers know it. Rows with the same number are one order.",
        is_needed=True,
        names=("order number", "order no", "order id", "order", "invoice no", "invoiceno", "invoice", "number", "name"),
    ),
    Part(
        key="placed_at",
        words="When it was ordered",
        is_needed=True,
        names=("created at", "order date", "placed at", "invoice date", "invoicedate", "date", "purchased at"),
    ),
    Part(
        key="email",
        words="Customer's e-mail",
        hint="Customers prove by it that an order is theirs.",
        names=("email", "e-mail", "customer email", "billing email", "email address"),
    ),
    Part(key="phone", words="Customer's phone", names=("phone", "billing phone", "customer phone", "mobile")),
    Part(
        key="delivered_at",
        words="When it was delivered",
        hint="Without it, the time to return is counted from the order.",
        names=("delivered at", "delivery date", "fulfilled at", "shipped at"),
    ),
    Part(
        key="currency",
        words="Currency",
        hint="Without a column, everything is in your company's currency.",
        names=("currency", "currency code"),
    ),
    Part(
        key="sku",
        words="Item number",
        is_needed=True,
        of="line",
        names=("sku", "lineitem sku", "item number", "item no", "stock code", "stockcode", "product id", "article"),
    ),
    Part(
        key="title",
        words="Item's name",
        of="line",
        names=("title", "lineitem name", "item name", "product name", "product", "description", "item"),
    ),
    Part(
        key="quantity",
        words="How many",
        hint="Without a column, one.",
        of="line",
        names=("quantity", "lineitem quantity", "qty", "count", "pieces"),
    ),
    Part(
        key="unit_price",
        words="Price of one",
        is_needed=True,
        of="line",
        names=("unit price", "unitprice", "lineitem price", "price", "item price", "amount"),
    ),
    Part(key="category", words="Item's category", of="line", names=("category", "product type", "type")),
    Part(
        key="charge_id",
        words="Payment's number at your provider",
        hint="Money goes back to the payment it came from. At Stripe it begins with ch_ or pi_.",
        is_needed=True,
        of="payment",
        names=("charge id", "payment id", "payment reference", "transaction id", "transaction", "charge", "payment"),
    ),
)
BY_KEY = {part.key: part for part in PARTS}
#: How dates are written: the pattern, and an example to choose by.
DATES: dict[str, str] = {
    "": "2026-11-23 14:05 (year first)",
    "%d/%m/%Y %H:%M": "23/11/2026 14:05 (day first)",
    "%m/%d/%Y %H:%M": "11/23/2026 14:05 (month first)",
    "%d/%m/%Y": "23/11/2026 (day first, no time)",
    "%m/%d/%Y": "11/23/2026 (month first, no time)",
    "%d.%m.%Y %H:%M": "23.11.2026 14:05",
    "%d.%m.%Y": "23.11.2026 (no time)",
}
_NOT_WORDS = re.compile(r"[^a-z0-9]+")


def guess(columns: Sequence[str]) -> dict[str, str]:
    """For each part the column that seems to say it; each column once."""
    free = {_plain(name): name for name in columns}
    found = {}
    for part in PARTS:
        known = next((_plain(name) for name in part.names if _plain(name) in free), None)
        if known is not None:
            found[part.key] = free.pop(known)
    return found


def guess_dates(table: Table, column: str) -> str:
    """The first way of writing dates that fits all first rows; day before month where both would fit."""
    if column not in table.columns:
        return ""
    place = table.columns.index(column)
    told = [row[place].strip() for row in table.rows if len(row) > place and row[place].strip()]
    return next((pattern for pattern in DATES if told and all(_is_a_date(value, pattern) for value in told)), "")


def mapping_of(chosen: Mapping[str, str], table: Table, *, dates: str, zone: str, currency: str) -> dict[str, Any]:
    """The choices as a mapping of docs/importing-orders.md."""
    time = {"as": "time", "zone": zone} | ({"format": dates} if dates else {})
    order: dict[str, Any] = {"currency": {"value": currency}}
    line: dict[str, Any] = {}
    payment: dict[str, Any] = {"method": {"value": "card"}, "label": {"value": "Card"}}
    homes = {"order": order, "line": line, "payment": payment}
    for key, column in chosen.items():
        if column:
            homes[BY_KEY[key].of][key] = {"from": column} | time if key.endswith("_at") else column
    if "delivered_at" in order:
        order["status"] = {"value": "delivered"}
    return {
        "format": "csv",
        "csv": {"delimiter": table.delimiter, "encoding": table.encoding},
        "order": order,
        "line": line,
        "payments": [payment],
    }


def _plain(name: str) -> str:
    return _NOT_WORDS.sub(" ", name.lower()).strip()


def _is_a_date(value: str, pattern: str) -> bool:
    with suppress(ValueError):
        if pattern:
            datetime.strptime(value, pattern)  # noqa: DTZ007 - only whether it can be read
        else:
            datetime.fromisoformat(value)
        return True
    return False
