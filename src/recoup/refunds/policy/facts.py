"""What a decision is allowed to know: everything about one request, frozen at the moment of judging.

Facts are plain values. The caller gathers them, stores `to_json()` beside the verdict, and the same text read back
with `from_json` decides the same way for ever. All money is in integer minor units of `Facts.currency`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

import orjson

from recoup.refunds.policy.reasons import Reason


class FactsNotUnderstood(ValueError):
    """The facts (or their stored text) break a promise of this module: naive time, float, negative count."""


class LineKind(StrEnum):
    """What a line of an order is. Only the first three are things that people send back."""

    GOODS = "goods"
    SERVICE = "service"
    DIGITAL = "digital"
    SHIPPING = "shipping"
    FEE = "fee"
    DISCOUNT = "discount"
    ADJUSTMENT = "adjustment"
    GIFT_CARD = "gift_card"


class Channel(StrEnum):
    """How the contract was made. Withdrawal without a reason is a right of distance sales."""

    DISTANCE = "distance"
    IN_STORE = "in_store"


class OrderStatus(StrEnum):
    """`unknown`: the merchant did not answer; `not_found`: the merchant says there is no such order."""

    PLACED = "placed"
    SHIPPED = "shipped"
    DELIVERED = "delivered"
    CANCELLED = "cancelled"
    UNKNOWN = "unknown"
    NOT_FOUND = "not_found"


class GoodsState(StrEnum):
    """Where the goods are that the shopper was asked to give back."""

    NOT_ASKED = "not_asked"
    AWAITED = "awaited"
    RECEIVED_OK = "received_ok"
    RECEIVED_DAMAGED = "received_damaged"
    RECEIVED_WRONG = "received_wrong"
    RECEIVED_INCOMPLETE = "received_incomplete"
    LOST_ON_THE_WAY = "lost_on_the_way"
    NOT_REQUIRED = "not_required"


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderFacts:
    """The order as the merchant's system tells it. `paid_minor` None means that nobody told us."""

    number: str
    placed_at: datetime
    shipped_at: datetime | None = None
    delivered_at: datetime | None = None
    status: OrderStatus = OrderStatus.DELIVERED
    channel: Channel = Channel.DISTANCE
    paid_minor: int | None = None
    refunded_minor: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class LineFacts:
    """One requested line.

    The four components are the sums of the frozen integers of exactly `quantity_payable` units: those asked for that
    were bought and have not been refunded yet. `discount_minor` is zero or negative; `tax_minor` holds exclusive tax
    only (inclusive tax is inside `goods_minor`). `quantity_ordered` 0 means that the line was never bought.
    """

    line_id: str
    sku: str
    title: str
    category: str = ""
    kind: LineKind = LineKind.GOODS
    quantity_ordered: int
    quantity_requested: int
    quantity_already_refunded: int = 0
    flags: tuple[str, ...] = ()
    goods_minor: int = 0
    discount_minor: int = 0
    tax_minor: int = 0
    fee_minor: int = 0

    @property
    def quantity_payable(self) -> int:
        """How many of the requested units were bought and are not refunded yet."""
        return max(0, min(self.quantity_requested, self.quantity_ordered - self.quantity_already_refunded))

    @property
    def amount_minor(self) -> int:
        """What `quantity_payable` units cost the shopper."""
        return self.goods_minor + self.discount_minor + self.tax_minor + self.fee_minor


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceFacts:
    """What the shopper showed. `photos_seen_before` counts uploads whose fingerprint matches another case's photo."""

    photo_count: int = 0
    kinds: tuple[str, ...] = ()
    photos_seen_before: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ShopperFacts:
    """Counters about the shopper, counted by the caller; this request is not among them. None means unknown."""

    account_age_days: int | None = None
    cases_last_day: int = 0
    cases_last_30_days: int = 0
    orders_count: int = 0
    orders_refunded_count: int = 0
    cases_rejected_count: int = 0
    refunded_last_90_days_minor: int = 0
    contact_differs_from_order: bool = False

    @property
    def refund_rate_percent(self) -> int:
        """Refunded orders per hundred orders, rounded down; 0 for a shopper without orders."""
        return self.orders_refunded_count * 100 // self.orders_count if self.orders_count else 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """Everything that one decision may look at. Raises FactsNotUnderstood when a value cannot be true."""

    requested_at: datetime
    currency: str
    country: str | None
    order: OrderFacts
    lines: tuple[LineFacts, ...]
    reason: Reason
    has_reason_text: bool = False
    completes_full_order: bool = False
    shipping_minor: int = 0
    shipping_tax_minor: int = 0
    shipping_standard_minor: int | None = None
    goods_state: GoodsState = GoodsState.NOT_ASKED
    evidence: EvidenceFacts = field(default_factory=EvidenceFacts)
    shopper: ShopperFacts = field(default_factory=ShopperFacts)
    signals: tuple[str, ...] = ()
    practice: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        _refuse_the_impossible(self)

    @property
    def amount_requested_minor(self) -> int:
        """The frozen amounts of all requested lines; delivery is not among them."""
        return sum(line.amount_minor for line in self.lines)

    def to_json(self) -> str:
        """The canonical text: fields in declared order, times as ISO 8601 with offset. Equal facts give equal text."""
        return orjson.dumps(self, option=orjson.OPT_SORT_KEYS).decode()

    @classmethod
    def from_json(cls, text: str | bytes) -> Facts:
        """The facts that `to_json` wrote. Raises FactsNotUnderstood for anything else."""
        try:
            stored = orjson.loads(text)
        except orjson.JSONDecodeError as error:
            raise FactsNotUnderstood(f"stored facts are not JSON: {error}") from error
        return cls.from_mapping(stored)

    @classmethod
    def from_mapping(cls, stored: Mapping[str, Any]) -> Facts:
        """The facts from the decoded JSON object, as a database's JSON column returns it."""
        try:
            return _facts_from(stored)
        except FactsNotUnderstood:
            raise
        except (KeyError, TypeError, ValueError) as error:
            raise FactsNotUnderstood(f"stored facts cannot be read: {error!r}") from error


def _facts_from(stored: Mapping[str, Any]) -> Facts:
    order = dict(stored["order"])
    for moment in ("placed_at", "shipped_at", "delivered_at"):
        order[moment] = datetime.fromisoformat(order[moment]) if order.get(moment) else None
    order["status"] = OrderStatus(order.get("status", OrderStatus.DELIVERED))
    order["channel"] = Channel(order.get("channel", Channel.DISTANCE))
    values: dict[str, Any] = dict(stored)
    values["requested_at"] = datetime.fromisoformat(stored["requested_at"])
    values["reason"] = Reason(stored["reason"])
    values["goods_state"] = GoodsState(stored.get("goods_state", GoodsState.NOT_ASKED))
    values["order"] = OrderFacts(**order)
    values["lines"] = tuple(_line_from(line) for line in stored["lines"])
    evidence = dict(stored.get("evidence", {}))
    evidence["kinds"] = tuple(evidence.get("kinds", ()))
    values["evidence"] = EvidenceFacts(**evidence)
    values["shopper"] = ShopperFacts(**stored.get("shopper", {}))
    values["signals"] = tuple(stored.get("signals", ()))
    values["practice"] = tuple(stored.get("practice", ()))
    return Facts(**values)


def _line_from(stored: Mapping[str, Any]) -> LineFacts:
    values: dict[str, Any] = dict(stored)
    values["kind"] = LineKind(stored.get("kind", LineKind.GOODS))
    values["flags"] = tuple(stored.get("flags", ()))
    return LineFacts(**values)


def _refuse_the_impossible(facts: Facts) -> None:
    order, shopper = facts.order, facts.shopper
    for moment in (facts.requested_at, order.placed_at, order.shipped_at, order.delivered_at):
        if moment is not None and moment.tzinfo is None:
            raise FactsNotUnderstood("every time needs its offset from UTC")
    _need_counts(facts.shipping_minor, facts.shipping_tax_minor, order.refunded_minor)
    _need_counts(facts.evidence.photo_count, facts.evidence.photos_seen_before)
    _need_counts(shopper.cases_last_day, shopper.cases_last_30_days, shopper.orders_count)
    _need_counts(shopper.orders_refunded_count, shopper.cases_rejected_count, shopper.refunded_last_90_days_minor)
    for maybe in (facts.shipping_standard_minor, order.paid_minor, shopper.account_age_days):
        if maybe is not None:
            _need_counts(maybe)
    seen: set[str] = set()
    for line in facts.lines:
        if line.line_id in seen:
            raise FactsNotUnderstood(f"line {line.line_id} is asked for twice")
        seen.add(line.line_id)
        _refuse_an_impossible_line(line)


def _refuse_an_impossible_line(line: LineFacts) -> None:
    _need_counts(line.quantity_ordered, line.quantity_requested, line.quantity_already_refunded)
    for amount in (line.goods_minor, line.discount_minor, line.tax_minor, line.fee_minor):
        if type(amount) is not int:
            raise FactsNotUnderstood(f"line {line.line_id}: amounts are integers in minor units")
    if line.discount_minor > 0:
        raise FactsNotUnderstood(f"line {line.line_id}: a discount is zero or negative")


def _need_counts(*values: int) -> None:
    for value in values:
        if type(value) is not int or value < 0:
            raise FactsNotUnderstood(f"{value!r} is not a whole number from 0 up")
