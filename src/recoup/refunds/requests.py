"""What a door hands over when somebody asks for a refund: plain values, checked for shape by the door."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from recoup.refunds.showing import NewPhoto


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedItem:
    """Units of one order line, named by its id, its position (from 1), or its SKU (all lines of that SKU count)."""

    quantity: int
    line_id: UUID | None = None
    position: int | None = None
    sku: str | None = None
    unit_price_minor: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundRequest:
    """One request. No items means everything that is left. `as_of` is for companies in practice mode only.

    `goods_received`: the company itself says that the goods are back; shoppers cannot say it. `undo_s`: for how many
    seconds the shopper can still change their mind; nothing that policy grants at once is sent before.
    """

    order_number: str
    reason: str
    channel: str
    items: Sequence[WantedItem] = ()
    words: str = ""
    email: str = ""
    locale: str = "en"
    photos: Sequence[NewPhoto] = ()
    goods_received: bool = False
    as_of: datetime | None = None
    undo_s: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class LineGrant:
    """What a person pays of one line of a case, in all: so many of the asked units, at what they are worth or less."""

    line_id: UUID
    quantity: int
    amount_minor: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Remember:
    """How the answer to this request is kept under its Idempotency-Key. `render` makes the bytes that were answered."""

    key: str
    request_hash: bytes
    render: Callable[..., bytes]
    status: int = 201
