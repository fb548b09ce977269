"""What others may do with money inside their own transaction: reserve it for a case, act on a rail's hints."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

from recoup.kernel import ids
from recoup.kernel.allocation import spread
from recoup.kernel.errors import Refusal
from recoup.kernel.rows import as_rows
from recoup.ledger import transactional as ledger
from recoup.payments import journals
from recoup.payments.canceling import cancel_unsent
from recoup.payments.hints import DisputeHint, RefundHint, Verdict, hear, hear_dispute, wish_look_up
from recoup.payments.rail_switch import switch
from recoup.payments.releasing import release

__all__ = [
    "DisputeHint",
    "OverRefund",
    "Promise",
    "RefundHint",
    "ReservedLeg",
    "Source",
    "Verdict",
    "cancel_unsent",
    "hear",
    "hear_dispute",
    "plan",
    "release",
    "reserve",
    "switch",
    "wish_look_up",
]


class OverRefund(Refusal):
    """More was asked for than the captures still hold. Nothing was reserved."""

    code = "over_refund"
    status = 422
    title = "This is more than is left to refund"


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A capture that money can go back to, with what is left of it."""

    capture_id: UUID
    rail_account_id: UUID
    provider_charge_id: str
    currency: str
    refundable_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ReservedLeg:
    """A payout that was reserved: one destination's share of a refund."""

    id: UUID
    merchant_id: UUID
    rail_account_id: UUID
    capture_id: UUID
    amount_minor: int
    currency: str
    epoch: int = 0


def plan(*, amount_minor: int, sources: Sequence[Source], strategy: str) -> list[tuple[Source, int]]:
    """Which capture gives how much: `ratio` of what is left, or `first` / `last` capture before the others.

    `sources` are in the order of payment. Raises OverRefund when they do not hold the amount together.
    """
    left = [source.refundable_minor for source in sources]
    if amount_minor > sum(left):
        raise OverRefund(refundable_minor=sum(left))
    if strategy == "ratio":
        parts = spread(amount_minor, left)
    else:
        parts = [0] * len(left)
        order = range(len(left)) if strategy == "first" else reversed(range(len(left)))
        for i in order:
            parts[i] = min(left[i], amount_minor - sum(parts))
    return [(source, part) for source, part in zip(sources, parts, strict=True) if part > 0]


@dataclass(frozen=True, slots=True, kw_only=True)
class Promise:
    """Money of one case that is to go back, leg by leg. Nothing is sent before `send_at`; `due_at` is what was said."""

    merchant_id: UUID
    case_id: UUID
    legs: Sequence[tuple[Source, int]]
    at: datetime
    due_at: datetime
    send_at: datetime


_RESERVE = """
WITH leg AS (SELECT * FROM json_populate_recordset(NULL::payments_payout, %s::json)
), guarded AS (
    UPDATE payments_capture c SET reserved_minor = c.reserved_minor + leg.amount_minor
      FROM leg
     WHERE c.id = leg.capture_id
       AND c.reserved_minor + c.paid_minor + c.disputed_minor + c.elsewhere_minor + leg.amount_minor
           <= c.captured_minor
    RETURNING c.id
)
INSERT INTO payments_payout (id, merchant_id, case_id, capture_id, rail_account_id, provider_charge_id, amount_minor,
                             currency, idempotency_key, due_at, next_at, reserved_at, state, epoch, look_up, fence,
                             tries)
SELECT leg.id, leg.merchant_id, leg.case_id, leg.capture_id, leg.rail_account_id, leg.provider_charge_id,
       leg.amount_minor, leg.currency, leg.idempotency_key, leg.due_at, leg.next_at, leg.reserved_at, 'queued', 0,
       false, 0, 0
  FROM leg JOIN guarded ON guarded.id = leg.capture_id
"""


def reserve(promises: Sequence[Promise]) -> list[ReservedLeg]:
    """Each leg's money is promised afterwards: counted in its capture's guard, queued for the vault, in the books.

    The vault is woken at commit. Each capture may stand in one leg only. Raises OverRefund when a capture no longer
    holds its leg (somebody was faster); the caller's transaction must then end without a commit.
    """
    rows, entries, reserved = [], [], []
    for promise in promises:
        for source, amount_minor in promise.legs:
            leg = _leg(promise, source, amount_minor)
            reserved.append(leg)
            rows.append(_row(leg, promise, source))
            entries.append(journals.reserved(leg, at=promise.at))
    if not reserved:
        return []
    with connection.cursor() as cursor:
        cursor.execute(_RESERVE, [as_rows(rows)])
        if cursor.rowcount != len(reserved):
            raise OverRefund
        cursor.execute("SELECT pg_notify('recoup_payouts', '')")
    ledger.post(entries)
    return reserved


def _leg(promise: Promise, source: Source, amount_minor: int) -> ReservedLeg:
    return ReservedLeg(
        id=ids.uuid7(),
        merchant_id=promise.merchant_id,
        rail_account_id=source.rail_account_id,
        capture_id=source.capture_id,
        amount_minor=amount_minor,
        currency=source.currency,
    )


def _row(leg: ReservedLeg, promise: Promise, source: Source) -> dict[str, Any]:
    return {
        "id": leg.id,
        "merchant_id": leg.merchant_id,
        "case_id": promise.case_id,
        "capture_id": leg.capture_id,
        "rail_account_id": leg.rail_account_id,
        "provider_charge_id": source.provider_charge_id,
        "amount_minor": leg.amount_minor,
        "currency": leg.currency,
        "idempotency_key": ids.attempt_key(leg.id, leg.epoch),
        "due_at": promise.due_at,
        "next_at": promise.send_at,
        "reserved_at": promise.at,
    }
