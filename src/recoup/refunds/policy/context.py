"""Facts as the tables see them: flat, without nulls, every amount a whole number.

The engine treats a comparison with null as "does not match" and says nothing, so an unknown number is -1 and an
unknown text is empty.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

from recoup.refunds.policy.facts import Facts, LineFacts, LineKind, OrderFacts, OrderStatus
from recoup.refunds.policy.reasons import NOTHING_TO_RETURN, Reason, is_fault
from recoup.refunds.policy.schema import KNOWN_FLAGS

#: Kinds of line of which something can be sent back.
PHYSICAL = frozenset({LineKind.GOODS})


def is_delivered(order: OrderFacts) -> bool:
    """True when the order is said to have arrived."""
    return order.delivered_at is not None or order.status is OrderStatus.DELIVERED


def is_shipped(order: OrderFacts) -> bool:
    """True when the order is said to have left the merchant."""
    return order.shipped_at is not None or order.status is OrderStatus.SHIPPED or is_delivered(order)


def has_nothing_to_return(facts: Facts, lines: list[LineFacts]) -> bool:
    """True when the shopper holds nothing of these lines that could be sent back."""
    if facts.reason in NOTHING_TO_RETURN and facts.reason is not Reason.CANCELLED_BEFORE_DISPATCH:
        return True
    return not is_shipped(facts.order) or all(line.kind not in PHYSICAL for line in lines)


def last_moment(*, start: datetime, days: int) -> datetime:
    """The first moment that is too late when `days` full days follow the day of `start`.

    A day ends here when it has ended in every time zone (noon UTC of the day after), so nobody is cut off by a clock.
    """
    return end_of_day_everywhere(start.astimezone(UTC).date() + timedelta(days=days))


def end_of_day_everywhere(day: date) -> datetime:
    """The moment at which `day` is over in the last time zone of the world (UTC-12)."""
    return datetime(day.year, day.month, day.day, 12, tzinfo=UTC) + timedelta(days=1)


def shared_context(facts: Facts) -> dict[str, Any]:
    """What the tables per line and per case both read."""
    order = facts.order
    return {
        "reason": facts.reason.value,
        "fault": is_fault(facts.reason),
        "channel": order.channel.value,
        "country": facts.country or "",
        "currency": facts.currency,
        "is_shipped": is_shipped(order),
        "is_delivered": is_delivered(order),
        "order_age_days": max(0, (facts.requested_at - order.placed_at).days),
        "completes_full_order": facts.completes_full_order,
    }


#: How each column of a line is read.
LINE_READERS: dict[str, Callable[[LineFacts], Any]] = {
    "sku": lambda line: line.sku,
    "category": lambda line: line.category,
    "kind": lambda line: line.kind.value,
    "amount_minor": lambda line: max(0, line.amount_minor),
    "quantity": lambda line: line.quantity_payable,
    "flags": lambda line: list(line.flags),
}


def line_contexts(lines: list[LineFacts], shared: dict[str, Any], *, columns: frozenset[str]) -> list[dict[str, Any]]:
    """The lines as the tables eligibility, window and fees read them: only `columns`, each costs the engine a copy."""
    alike = {name: value for name, value in shared.items() if name in columns}
    readers = [(name, reader) for name, reader in LINE_READERS.items() if name in columns]
    flags = [flag for flag in KNOWN_FLAGS if flag in columns]
    contexts = []
    for line in lines:
        context = dict(alike)
        for name, reader in readers:
            context[name] = reader(line)
        for flag in flags:
            context[flag] = flag in line.flags
        contexts.append(context)
    return contexts


#: How each column of the case is read, apart from the shared ones, what is at stake and the score.
CASE_READERS: dict[str, Callable[[Facts], Any]] = {
    "photo_count": lambda facts: facts.evidence.photo_count,
    "photos_seen_before": lambda facts: facts.evidence.photos_seen_before,
    "has_reason_text": lambda facts: facts.has_reason_text,
    "goods_state": lambda facts: facts.goods_state.value,
    "account_age_days": lambda facts: -1 if facts.shopper.account_age_days is None else facts.shopper.account_age_days,
    "cases_last_day": lambda facts: facts.shopper.cases_last_day,
    "cases_last_30_days": lambda facts: facts.shopper.cases_last_30_days,
    "orders_count": lambda facts: facts.shopper.orders_count,
    "refund_rate_percent": lambda facts: facts.shopper.refund_rate_percent,
    "cases_rejected_count": lambda facts: facts.shopper.cases_rejected_count,
    "refunded_last_90_days_minor": lambda facts: facts.shopper.refunded_last_90_days_minor,
    "contact_differs": lambda facts: facts.shopper.contact_differs_from_order,
    "signals": lambda facts: list(facts.signals),
}


def case_context(
    facts: Facts,
    shared: dict[str, Any],
    *,
    at_stake: list[LineFacts],
    columns: frozenset[str],
    risk_score: int | None = None,
) -> dict[str, Any]:
    """The case as the tables risk, evidence and thresholds read it: only `columns`."""
    context = {name: value for name, value in shared.items() if name in columns}
    for name, reader in CASE_READERS.items():
        if name in columns:
            context[name] = reader(facts)
    context["amount_minor"] = sum(max(0, line.amount_minor) for line in at_stake)
    context["nothing_to_return"] = has_nothing_to_return(facts, at_stake)
    if risk_score is not None:
        context["risk_score"] = risk_score
    return context
