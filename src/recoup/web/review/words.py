"""States, facts and the policy's trace in the words that reviewers read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils import timezone

from recoup.kernel.money import spoken
from recoup.ledger.accounts import Account
from recoup.payments.states import PayoutState
from recoup.refunds.policy import Facts, Verdict
from recoup.refunds.states import CaseState
from recoup.web.review.view_models import Fact
from recoup.web.shopper.view_models import Tone

STATES: dict[str, tuple[str, Tone]] = {
    CaseState.SUBMITTED: ("New", "plain"),
    CaseState.VERIFYING_ORDER: ("Waits for the order", "waiting"),
    CaseState.NEEDS_EVIDENCE: ("Waits for the shopper", "yours"),
    CaseState.AWAITING_RETURN: ("Waits for the goods", "yours"),
    CaseState.IN_REVIEW: ("A person decides", "waiting"),
    CaseState.APPROVED: ("Approved", "good"),
    CaseState.PARTLY_APPROVED: ("Approved in part", "good"),
    CaseState.REJECTED: ("Rejected", "wrong"),
    CaseState.APPEALED: ("Appealed", "waiting"),
    CaseState.WITHDRAWN: ("Withdrawn", "plain"),
    CaseState.EXPIRED: ("Expired", "plain"),
    CaseState.CLOSED: ("Closed", "plain"),
}
SECOND_PERSON: tuple[str, Tone] = ("Waits for a second person", "yours")
PAYOUTS: dict[str, str] = {
    PayoutState.QUEUED: "Waits to be sent",
    PayoutState.SUBMITTING: "Being sent",
    PayoutState.UNKNOWN: "Sent, answer unknown; being looked up",
    PayoutState.PROVIDER_PENDING: "Accepted by the provider",
    PayoutState.SUCCEEDED: "Succeeded",
    PayoutState.FAILED: "Failed",
    PayoutState.REVERSED: "Came back after it had succeeded",
    PayoutState.AWAITING_MERCHANT_FUNDS: "Waits for money in your provider account",
    PayoutState.CANCELED: "Called off",
}
JOURNALS: dict[str, str] = {
    "payout.reserved": "Promised to the shopper",
    "payout.paid": "Sent by the provider",
    "payout.returned": "Came back from the provider",
    "payout.voided": "Called off",
}
ACCOUNTS: dict[Account, str] = {
    Account.REFUNDS_GRANTED: "Refunds granted (your cost)",
    Account.RESERVED_REFUNDS: "Promised and not sent yet",
    Account.PROVIDER_BALANCE: "Your money at the provider",
}
_TABLES = {
    "eligibility": "May this be refunded",
    "window": "Time to ask",
    "evidence": "What must be shown",
    "risk": "Signs of risk",
    "thresholds": "Who decides",
    "fees": "Fees",
}


def trace(verdict: Verdict | None) -> tuple[str, ...]:
    """Which row of which table spoke, in the order in which they were asked, and the law."""
    if verdict is None:
        return ()
    told = [f"{_TABLES.get(name, _plain(name))}: {_answers(given)}" for name, given in verdict.trace.items() if given]
    told.append(f"Decided by: {_plain(verdict.rule.replace('.', ': '))}")
    told += [f"The law that counts: {_plain(floor)}" for floor in verdict.floors]
    return tuple(told)


def signals(verdict: Verdict | None) -> tuple[str, ...]:
    """The risk signals that fired, heaviest first."""
    if verdict is None:
        return ()
    return tuple(
        f"{signal.words} (weight {signal.weight})" for signal in sorted(verdict.signals, key=lambda one: -one.weight)
    )


def facts(known: Facts | None) -> tuple[Fact, ...]:
    """What the policy knew, as pairs."""
    if known is None:
        return ()
    order, shopper = known.order, known.shopper
    moments = {"Order placed": order.placed_at, "Shipped": order.shipped_at, "Delivered": order.delivered_at}
    told = {
        name: at.astimezone(timezone.get_current_timezone()).strftime("%d %b %Y")
        for name, at in moments.items()
        if at is not None
    }
    told["Order is"] = _plain(order.status)
    if order.paid_minor is not None:
        told["Paid"] = spoken(order.paid_minor, known.currency)
        told["Refunded or promised before"] = spoken(order.refunded_minor, known.currency)
    told["Goods"] = _plain(known.goods_state)
    told["Photos"] = f"{known.evidence.photo_count}, seen before: {known.evidence.photos_seen_before}"
    told["Shopper's requests"] = f"{shopper.cases_last_day} in a day, {shopper.cases_last_30_days} in 30 days"
    told["Shopper's orders"] = f"{shopper.orders_count}, refunded: {shopper.orders_refunded_count}"
    told["E-mail"] = "differs from the order's" if shopper.contact_differs_from_order else "is the order's"
    return tuple(Fact(name=name, value=value) for name, value in told.items())


def _answers(given: Any) -> str:
    if isinstance(given, Mapping):
        rule = _plain(str(given.get("rule", "")).partition(".")[2])
        rest = [
            f"{_plain(name)} {_value(value)}"
            for name, value in given.items()
            if name != "rule" and value not in ("", None)
        ]
        return ", ".join(filter(None, [rule, *rest]))
    if isinstance(given, list | tuple):
        return "; ".join(dict.fromkeys(_answers(one) for one in given))
    return _plain(str(given))


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value)) or "none"
    return _plain(str(value))


def _plain(code: str) -> str:
    return code.replace("_", " ")
