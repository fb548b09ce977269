"""Writing copies of orders, many at a time, inside the caller's transaction.

The statements are in `writing`; here it is decided what each copy is: new, the same, changed, or at odds with ours.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import connection

from recoup.orders.freezing import FrozenOrder
from recoup.orders.refusals import NumberTwice
from recoup.orders.states import CopyOutcome
from recoup.orders.writing import Change, Copied, Standing, Writer, refused


def copy_orders(
    *,
    merchant_id: UUID,
    orders: Sequence[FrozenOrder],
    source: str,
    at: datetime,
    is_bulk: bool = False,
    is_dry: bool = False,
) -> list[Copied]:
    """Each order is stored, refreshed or refused, in the order given; the answer says which.

    New orders are written in three statements however many they are. What was frozen by a capture or a claim never
    changes: a copy with other facts is noted in `differences`. An older copy than ours changes nothing. `is_bulk` feeds
    the statements by COPY (for the worker's role, which may make temporary tables), else by one JSON parameter.
    `is_dry` answers without writing.
    """
    answers: dict[int, Copied] = {}
    standing = _standing(merchant_id, [order.document.number for order in orders])
    new: list[tuple[int, FrozenOrder]] = []
    changed: list[Change] = []
    seen: set[str] = set()
    for place, order in enumerate(orders):
        number = order.document.number
        earlier = standing.get(number)
        if number in seen:
            answers[place] = refused(order, NumberTwice(number=number))
        elif earlier is None:
            new.append((place, order))
        else:
            outcome = _compare(order, earlier, at)
            answers[place] = Copied(number=number, outcome=outcome, order_id=earlier.id)
            if outcome not in (CopyOutcome.SAME, CopyOutcome.OLDER):
                changed.append(Change(place, order, earlier.id, outcome))
        seen.add(number)
    writer = Writer(
        merchant_id=merchant_id,
        source=source,
        at=at,
        accounts=_rail_accounts(merchant_id),
        is_bulk=is_bulk,
        is_dry=is_dry,
    )
    answers |= writer.add(new)
    answers |= writer.change(changed)
    overtaken = [place for place in range(len(orders)) if place not in answers]
    if overtaken:  # somebody else stored these a moment ago: they are compared with what was stored
        late = [orders[place] for place in overtaken]
        again = copy_orders(merchant_id=merchant_id, orders=late, source=source, at=at)
        answers |= dict(zip(overtaken, again, strict=True))
    return [answers[place] for place in range(len(orders))]


def _compare(order: FrozenOrder, earlier: Standing, at: datetime) -> CopyOutcome:
    told_at = order.document.as_of or at
    if told_at < earlier.as_of:
        return CopyOutcome.OLDER
    if order.content_hash == earlier.content_hash:
        return CopyOutcome.REFRESHED if told_at > earlier.as_of else CopyOutcome.SAME
    if order.facts_hash == earlier.facts_hash:
        return CopyOutcome.CHANGED
    return CopyOutcome.DIFFERS if earlier.is_frozen else CopyOutcome.REPLACED


_STANDING = """
SELECT o.number, o.id, o.facts_hash, o.content_hash, o.as_of,
       o.shipping_claimed_minor > 0
       OR EXISTS (SELECT FROM payments_capture c WHERE c.order_id = o.id)
       OR EXISTS (SELECT FROM orders_orderline l WHERE l.order_id = o.id AND NOT isempty(l.claimed_units))
  FROM orders_order o
 WHERE o.merchant_id = %s AND o.number = ANY(%s)
"""


def _standing(merchant_id: UUID, numbers: Sequence[str]) -> dict[str, Standing]:
    with connection.cursor() as cursor:
        cursor.execute(_STANDING, [merchant_id, list(numbers)])
        return {
            number: Standing(
                id=order_id, facts_hash=facts_hash, content_hash=content_hash, as_of=as_of, is_frozen=is_frozen
            )
            for number, order_id, facts_hash, content_hash, as_of, is_frozen in cursor.fetchall()
        }


def _rail_accounts(merchant_id: UUID) -> dict[str | None, UUID]:
    """By label, by id, and under None the first one."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, label FROM payments_railaccount WHERE merchant_id = %s AND is_enabled "
            "ORDER BY created_at DESC, id DESC",
            [merchant_id],
        )
        found: dict[str | None, UUID] = {}
        for account_id, label in cursor.fetchall():
            found |= {label: account_id, str(account_id): account_id, None: account_id}
        return found
