"""From a request and a dossier to the facts of a decision: which units are meant and what they are worth. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from recoup.kernel import units
from recoup.kernel.errors import Invalid
from recoup.refunds.dossier import Dossier, DossierLine, DossierOrder
from recoup.refunds.policy import (
    Channel,
    EvidenceFacts,
    Facts,
    GoodsState,
    LineFacts,
    LineKind,
    OrderFacts,
    OrderStatus,
    Reason,
    ShopperFacts,
)
from recoup.refunds.requests import WantedItem


class NoSuchLine(Invalid):
    """An item names a line that the order does not have."""

    code = "no_such_line"
    title = "The order has no such item"


@dataclass(frozen=True, slots=True, kw_only=True)
class LineClaim:
    """Units of one order line that are asked for. `spans` are the free ones among them: those that can be paid."""

    line: DossierLine
    quantity: int
    spans: units.Spans

    def share(self, total_minor: int) -> int:
        """What the claimed units carry of an amount that belongs to the whole line."""
        return units.worth(total_minor, self.line.quantity, self.spans)


def claims_of(dossier: Dossier, items: Sequence[WantedItem]) -> list[LineClaim]:
    """Each wanted item as claims on lines. No items: everything that is left. Raises NoSuchLine, Invalid."""
    if not items:
        return [_claim(line, line.quantity_left) for line in dossier.lines if line.quantity_left > 0]
    wanted: dict[UUID, int] = {}
    for item in items:
        for line_id, quantity in _lines_for(dossier, item, wanted):
            wanted[line_id] = wanted.get(line_id, 0) + quantity
    by_id = {line.id: line for line in dossier.lines}
    return [_claim(by_id[line_id], quantity) for line_id, quantity in wanted.items()]


def _claim(line: DossierLine, quantity: int) -> LineClaim:
    return LineClaim(
        line=line,
        quantity=quantity,
        spans=units.lowest_free(line.claimed, quantity=line.quantity, wanted=quantity),
    )


def _lines_for(dossier: Dossier, item: WantedItem, wanted: Mapping[UUID, int]) -> list[tuple[UUID, int]]:
    """A SKU may stand on several lines: those with free units first, the same unit price before others.

    `wanted`: what earlier items of the same request take already.
    """
    if item.line_id is not None:
        found = [line for line in dossier.lines if line.id == item.line_id]
    elif item.position is not None:
        found = [line for line in dossier.lines if line.position == item.position]
    else:
        found = [line for line in dossier.lines if line.sku == item.sku]
    if not found:
        raise NoSuchLine(f"The order has no item {item.line_id or item.position or item.sku}")
    left = {line.id: line.quantity_left - wanted.get(line.id, 0) for line in found}
    found.sort(
        key=lambda line: (
            item.unit_price_minor is not None and line.unit_price_minor != item.unit_price_minor,
            left[line.id] < item.quantity,
            line.position,
        )
    )
    shares: list[tuple[UUID, int]] = []
    missing = item.quantity
    for line in found:
        taken = min(missing, left[line.id])
        if taken > 0:
            shares.append((line.id, taken))
            missing -= taken
    if missing > 0:
        line_id = shares.pop(0) if shares else (found[0].id, 0)
        shares.insert(0, (line_id[0], line_id[1] + missing))
    return shares


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What the shopper said, apart from the items."""

    reason: Reason
    has_words: bool
    requested_at: datetime
    photo_count: int
    photos_seen_before: int
    goods_state: GoodsState
    contact_differs: bool
    country: str


def facts_of(dossier: Dossier, claims: Sequence[LineClaim], asked: Asked, *, order_answer: OrderStatus) -> Facts:
    """The frozen facts. `order_answer` speaks when there is no order: not found, or nobody knows yet."""
    order = dossier.order
    return Facts(
        requested_at=asked.requested_at,
        currency=order.currency if order else "XXX",
        country=(order.country if order else "") or asked.country or dossier.merchant_country or None,
        order=_order_facts(order, dossier, asked, order_answer),
        lines=tuple(_line_facts(claim) for claim in claims),
        reason=asked.reason,
        has_reason_text=asked.has_words,
        completes_full_order=_completes(dossier, claims),
        shipping_minor=_shipping_left(order),
        shipping_tax_minor=_shipping_tax_left(order),
        goods_state=asked.goods_state,
        evidence=EvidenceFacts(photo_count=asked.photo_count, photos_seen_before=asked.photos_seen_before),
        shopper=ShopperFacts(contact_differs_from_order=asked.contact_differs, **dossier.counters),
        practice=("practice",) if dossier.is_practice else (),
    )


def _order_facts(order: DossierOrder | None, dossier: Dossier, asked: Asked, order_answer: OrderStatus) -> OrderFacts:
    if order is None:
        return OrderFacts(number="", placed_at=asked.requested_at, status=order_answer)
    return OrderFacts(
        number=order.number,
        placed_at=order.placed_at,
        shipped_at=order.shipped_at,
        delivered_at=order.delivered_at,
        status=OrderStatus(order.status),
        channel=Channel(order.channel),
        paid_minor=order.paid_minor,
        refunded_minor=dossier.refunded_minor,
    )


def _line_facts(claim: LineClaim) -> LineFacts:
    line = claim.line
    return LineFacts(
        line_id=str(line.id),
        sku=line.sku,
        title=line.title,
        category=line.category,
        kind=LineKind(line.kind),
        quantity_ordered=line.quantity,
        quantity_requested=claim.quantity,
        quantity_already_refunded=line.quantity - line.quantity_left,
        flags=line.flags,
        goods_minor=claim.share(line.list_minor),
        discount_minor=claim.share(line.discount_minor),
        tax_minor=claim.share(line.tax_minor),
        fee_minor=claim.share(line.fee_minor),
    )


def _completes(dossier: Dossier, claims: Sequence[LineClaim]) -> bool:
    """True when nothing of the goods stays with the shopper once these claims are paid."""
    claimed = {claim.line.id: units.count(claim.spans) for claim in claims}
    goods = [line for line in dossier.lines if line.kind in (LineKind.GOODS, LineKind.DIGITAL, LineKind.SERVICE)]
    return bool(goods) and all(line.quantity_left == claimed.get(line.id, 0) for line in goods)


def _shipping_left(order: DossierOrder | None) -> int:
    return max(0, order.shipping_minor - order.shipping_claimed_minor) if order else 0


def _shipping_tax_left(order: DossierOrder | None) -> int:
    return order.shipping_tax_minor if order and order.shipping_claimed_minor == 0 else 0
