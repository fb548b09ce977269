"""What others may do with money inside their own transaction: reserve it for a case, act on a rail's hints."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection

from recoup.kernel import ids
from recoup.kernel.allocation import spread
from recoup.kernel.errors import Refusal
from recoup.ledger import transactional as ledger
from recoup.payments import journals
from recoup.payments.hints import DisputeHint, RefundHint, Verdict, hear, hear_dispute, wish_look_up

__all__ = [
    "DisputeHint",
    "OverRefund",
    "RefundHint",
    "ReservedLeg",
    "Source",
    "Verdict",
    "hear",
    "hear_dispute",
    "plan",
    "reserve",
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


_RESERVE = """
WITH leg AS (
    SELECT * FROM unnest(%s::uuid[], %s::uuid[], %s::uuid[], %s::uuid[], %s::text[], %s::bigint[])
        AS l (id, idempotency_key, capture_id, rail_account_id, provider_charge_id, amount_minor)
), guarded AS (
    UPDATE payments_capture c SET reserved_minor = c.reserved_minor + leg.amount_minor
      FROM leg
     WHERE c.id = leg.capture_id
       AND c.reserved_minor + c.paid_minor + c.disputed_minor + c.elsewhere_minor + leg.amount_minor
           <= c.captured_minor
    RETURNING c.id
)
INSERT INTO payments_payout (id, merchant_id, case_id, capture_id, rail_account_id, provider_charge_id, amount_minor,
                             currency, state, epoch, idempotency_key, look_up, fence, tries, due_at, next_at,
                             reserved_at)
SELECT leg.id, %s, %s, leg.capture_id, leg.rail_account_id, leg.provider_charge_id, leg.amount_minor,
       %s, 'queued', 0, leg.idempotency_key, false, 0, 0, %s, %s, %s
  FROM leg JOIN guarded ON guarded.id = leg.capture_id
"""


def reserve(
    *,
    merchant_id: UUID,
    case_id: UUID,
    legs: Sequence[tuple[Source, int]],
    at: datetime,
    due_at: datetime,
    send_at: datetime,
) -> list[ReservedLeg]:
    """Each leg's money is promised afterwards: counted in its capture's guard, queued for the vault, in the books.

    Nothing is sent before `send_at`. The vault is woken at commit. Raises OverRefund when a capture no longer holds a
    leg (somebody was faster); the caller's transaction must then end without a commit.
    """
    reserved = [
        ReservedLeg(
            id=ids.uuid7(),
            merchant_id=merchant_id,
            rail_account_id=source.rail_account_id,
            capture_id=source.capture_id,
            amount_minor=amount_minor,
            currency=source.currency,
        )
        for source, amount_minor in legs
    ]
    if not reserved:
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            _RESERVE,
            [
                [leg.id for leg in reserved],
                [ids.attempt_key(leg.id, leg.epoch) for leg in reserved],
                [leg.capture_id for leg in reserved],
                [leg.rail_account_id for leg in reserved],
                [source.provider_charge_id for source, _ in legs],
                [leg.amount_minor for leg in reserved],
                merchant_id,
                case_id,
                reserved[0].currency,
                due_at,
                send_at,
                at,
            ],
        )
        if cursor.rowcount != len(reserved):
            raise OverRefund
        cursor.execute("SELECT pg_notify('recoup_payouts', '')")
    ledger.post([journals.reserved(leg, at=at) for leg in reserved])
    return reserved
