"""What a rail tells by itself is a hint, never the truth: it makes the vault look, unless we know it already."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from django.db import connection

from recoup.events import transactional as events
from recoup.events.transactional import Happening
from recoup.payments import readings
from recoup.payments.readings import ToldCharge
from recoup.payments.states import PayoutState


class Verdict(StrEnum):
    """`nothing_new`: we knew. `looked_up`: the vault reads it now. `too_early`: our own call is still under way."""

    NOTHING_NEW = "nothing_new"
    LOOKED_UP = "looked_up"
    TOO_EARLY = "too_early"


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundHint:
    """Something became of a refund, or of some refund of a charge. `status` is the rail's word at that time.

    `refunded_minor` is what the rail says has gone back of the charge in all.
    """

    rail_account_id: UUID
    payout_id: UUID | None = None
    provider_refund_id: str | None = None
    provider_charge_id: str | None = None
    provider_intent_id: str | None = None
    status: str | None = None
    refunded_minor: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DisputeHint:
    """The shopper's bank holds back this much of a charge now; 0 when the dispute is won or was only an inquiry."""

    rail_account_id: UUID
    provider_charge_id: str
    disputed_minor: int


#: Our states that say the same as the rail's word for a refund.
_SAME = {
    "succeeded": frozenset({PayoutState.SUCCEEDED}),
    "pending": frozenset({PayoutState.PROVIDER_PENDING, PayoutState.AWAITING_MERCHANT_FUNDS}),
    "requires_action": frozenset({PayoutState.PROVIDER_PENDING}),
    "failed": frozenset({PayoutState.FAILED, PayoutState.REVERSED}),
    "canceled": frozenset({PayoutState.FAILED, PayoutState.REVERSED}),
}

_ACCEPTED = frozenset({PayoutState.PROVIDER_PENDING, PayoutState.SUCCEEDED})

_FIND = """
WITH hint AS (
    SELECT * FROM unnest(%s::int[], %s::uuid[], %s::uuid[], %s::text[], %s::text[], %s::text[])
        AS h (n, rail_account_id, payout_id, provider_refund_id, provider_charge_id, provider_intent_id)
), named AS (
    SELECT h.n, p.id FROM hint h
      JOIN payments_payout p ON p.id = h.payout_id AND p.rail_account_id = h.rail_account_id
    UNION
    SELECT h.n, p.id FROM hint h
      JOIN payments_payout p ON p.rail_account_id = h.rail_account_id AND p.provider_refund_id = h.provider_refund_id
), meant AS (
    SELECT n, id, true AS is_named FROM named
    UNION ALL
    SELECT h.n, p.id, false FROM hint h
      JOIN payments_capture c ON c.rail_account_id = h.rail_account_id
                             AND c.provider_charge_id = ANY(ARRAY[h.provider_charge_id, h.provider_intent_id])
      JOIN payments_payout p ON p.capture_id = c.id
     WHERE NOT EXISTS (SELECT FROM named WHERE named.n = h.n)
)
SELECT m.n, m.is_named, p.id, p.merchant_id, p.state, p.provider_refund_id, c.paid_minor + c.elsewhere_minor
  FROM meant m JOIN payments_payout p ON p.id = m.id JOIN payments_capture c ON c.id = p.capture_id
"""


def hear(hints: Sequence[RefundHint]) -> list[Verdict]:
    """Each hint's payouts are looked up by the vault, where it may be news. The verdicts are in the hints' order.

    A hint that names no refund of ours is about every payout of its charge, and makes the vault read who else gave
    back what. So does one that contradicts a payout which we hold to have ended.
    """
    assert connection.in_atomic_block, "a hint is heard in the transaction that ends it"  # noqa: S101
    verdicts = [Verdict.NOTHING_NEW] * len(hints)
    wished: dict[UUID, set[UUID]] = {}
    named: set[int] = set()
    contradicted: set[UUID] = set()
    with connection.cursor() as cursor:
        cursor.execute(
            _FIND,
            [
                list(range(len(hints))),
                [hint.rail_account_id for hint in hints],
                [hint.payout_id for hint in hints],
                [hint.provider_refund_id for hint in hints],
                [hint.provider_charge_id for hint in hints],
                [hint.provider_intent_id for hint in hints],
            ],
        )
        rows = cursor.fetchall()
    for n, is_named, payout_id, merchant_id, state, refund_id, gone_minor in rows:
        verdict = _weigh(
            hints[n], state=PayoutState(state), is_named=is_named, refund_id=refund_id, gone_minor=gone_minor
        )
        if is_named:
            named.add(n)
            if _contradicts(hints[n], state=PayoutState(state), refund_id=refund_id):
                contradicted.add(payout_id)
        if verdict is Verdict.LOOKED_UP:
            wished.setdefault(merchant_id, set()).add(payout_id)
        if verdict is not Verdict.NOTHING_NEW and verdicts[n] is not Verdict.TOO_EARLY:
            verdicts[n] = verdict
    for merchant_id in sorted(wished):
        wish_look_up(merchant_id=merchant_id, payout_ids=sorted(wished[merchant_id]))
    readings.wish_for_payouts(sorted(contradicted))
    readings.wish_for_charges([_charge(hints[n]) for n in range(len(hints)) if n not in named | _early(verdicts)])
    return verdicts


def _early(verdicts: Sequence[Verdict]) -> set[int]:
    return {n for n, verdict in enumerate(verdicts) if verdict is Verdict.TOO_EARLY}


def _charge(hint: RefundHint) -> ToldCharge:
    return ToldCharge(
        rail_account_id=hint.rail_account_id,
        charge_id=hint.provider_charge_id,
        intent_id=hint.provider_intent_id,
        refunded_minor=hint.refunded_minor,
    )


def _contradicts(hint: RefundHint, *, state: PayoutState, refund_id: str | None) -> bool:
    """Whether the rail speaks of money where we hold that none went, or of another refund than the one we know."""
    if hint.status in ("failed", "canceled"):
        return False
    if state in (PayoutState.FAILED, PayoutState.REVERSED, PayoutState.CANCELED):
        return True
    return state in _ACCEPTED and hint.provider_refund_id not in (None, refund_id)


def _weigh(hint: RefundHint, *, state: PayoutState, is_named: bool, refund_id: str | None, gone_minor: int) -> Verdict:
    if state is PayoutState.SUBMITTING:
        return Verdict.TOO_EARLY
    if state is PayoutState.QUEUED:  # told of by name, though we think it was never sent: it is looked up before it is
        return Verdict.LOOKED_UP if is_named else Verdict.NOTHING_NEW
    if not is_named and hint.refunded_minor is not None and hint.refunded_minor == gone_minor:
        return Verdict.NOTHING_NEW
    is_same = refund_id == hint.provider_refund_id and state in _SAME.get(hint.status or "", frozenset())
    # A refund that waits for the merchant's money says "pending" both before and after the money came.
    if is_named and is_same and state is not PayoutState.AWAITING_MERCHANT_FUNDS:
        return Verdict.NOTHING_NEW
    return Verdict.LOOKED_UP


_WISH = """
WITH locked AS (
    SELECT id FROM payments_payout
     WHERE id = ANY(%s) AND merchant_id = %s AND parked_at IS NULL
       AND state IN ('queued', 'submitting', 'unknown', 'provider_pending', 'succeeded', 'awaiting_merchant_funds')
     ORDER BY id FOR NO KEY UPDATE
)
UPDATE payments_payout p SET look_up = true, next_at = CASE WHEN p.state = 'queued' THEN p.next_at ELSE now() END
  FROM locked WHERE p.id = locked.id
"""


def wish_look_up(*, merchant_id: UUID, payout_ids: Sequence[UUID]) -> int:
    """The vault reads these payouts' true state as soon as it can. Gives how many there was something to read of."""
    assert connection.in_atomic_block, "a wish belongs to the transaction of what gave rise to it"  # noqa: S101
    with connection.cursor() as cursor:
        cursor.execute(_WISH, [list(payout_ids), merchant_id])
        count: int = cursor.rowcount
        cursor.execute("SELECT pg_notify('recoup_payouts', '')")
    return count


def hear_dispute(hint: DisputeHint, *, at: datetime) -> bool:
    """What is disputed of a capture can no longer be refunded (DOMAIN 7). False when the charge is none of ours."""
    assert connection.in_atomic_block, "a hint is heard in the transaction that ends it"  # noqa: S101
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id FROM payments_payout WHERE capture_id IN (SELECT id FROM payments_capture"
            " WHERE rail_account_id = %s AND provider_charge_id = %s) ORDER BY id FOR NO KEY UPDATE",
            [hint.rail_account_id, hint.provider_charge_id],
        )
        payout_ids = [row[0] for row in cursor.fetchall()]
        cursor.execute(
            "WITH old AS (SELECT id, disputed_minor FROM payments_capture WHERE rail_account_id = %s"
            " AND provider_charge_id = %s FOR NO KEY UPDATE)"
            " UPDATE payments_capture c SET disputed_minor = %s FROM old WHERE c.id = old.id"
            " RETURNING c.id, c.merchant_id, c.order_id, c.currency, old.disputed_minor",
            [hint.rail_account_id, hint.provider_charge_id, max(0, hint.disputed_minor)],
        )
        row = cursor.fetchone()
    if row is None:
        return False
    capture_id, merchant_id, order_id, currency, before_minor = row
    if payout_ids:
        wish_look_up(merchant_id=merchant_id, payout_ids=payout_ids)
    if before_minor != hint.disputed_minor:
        facts = {"order_id": order_id, "disputed_minor": hint.disputed_minor, "before_minor": before_minor}
        kind = "capture.disputed" if hint.disputed_minor else "capture.dispute_ended"
        data = {**facts, "currency": currency}
        events.record(
            [Happening(merchant_id=merchant_id, at=at, kind=kind, subject_id=capture_id, actor="rail", data=data)]
        )
    return True
