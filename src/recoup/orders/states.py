"""What an order and its lines can be. Every source's own words are mapped to these."""

from __future__ import annotations

from enum import StrEnum


class OrderStatus(StrEnum):
    """How far the merchant has come with the order."""

    PLACED = "placed"
    SHIPPED = "shipped"
    DELIVERED = "delivered"
    CANCELLED = "cancelled"


class Channel(StrEnum):
    """How the contract was made. Withdrawal without a reason is a right of distance sales."""

    DISTANCE = "distance"
    IN_STORE = "in_store"


class LineKind(StrEnum):
    """What a line is. Goods, services and digital goods were bought; the others came along with them."""

    GOODS = "goods"
    SERVICE = "service"
    DIGITAL = "digital"
    SHIPPING = "shipping"
    FEE = "fee"
    DISCOUNT = "discount"
    ADJUSTMENT = "adjustment"
    GIFT_CARD = "gift_card"


#: The kinds that carry a share of the discount on the whole order.
BOUGHT: frozenset[str] = frozenset({LineKind.GOODS, LineKind.SERVICE, LineKind.DIGITAL})


class CopyOutcome(StrEnum):
    """What became of a copy that somebody brought.

    `refreshed`: nothing but the time is new. `changed`: status, dates, contact or names are. `replaced`: the money
    facts too, since nobody had paid or claimed anything. `differs`: the money facts are frozen; what was told is
    noted. `older`: we know better already.
    """

    NEW = "new"
    SAME = "same"
    REFRESHED = "refreshed"
    CHANGED = "changed"
    REPLACED = "replaced"
    DIFFERS = "differs"
    OLDER = "older"
    REFUSED = "refused"


class LookUpOutcome(StrEnum):
    """What came of asking the merchant's system for an order. `silent`: no answer that can be used, within its time."""

    WAITING = "waiting"
    FOUND = "found"
    NOT_FOUND = "not_found"
    SILENT = "silent"
