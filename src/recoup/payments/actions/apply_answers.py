"""Apply what the rails said: states, captures' counters, journals and events, for many payouts in one transaction."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import DatabaseError, connection

from recoup.access import tenancy
from recoup.events import transactional as events
from recoup.events.transactional import Happening
from recoup.kernel import ids
from recoup.kernel.crashpoints import crashpoint
from recoup.ledger import transactional as ledger
from recoup.payments import journals, readings, rulings
from recoup.payments.rulings import Heard, Held, Ruling
from recoup.payments.states import AnswerOutcome, PayoutState

BATCH = 200
_Pair = tuple[Held, Heard]
_Ruled = tuple[Held, Heard, Ruling]


def apply_answers(*, at: datetime, limit: int = BATCH) -> int:
    """Up to `limit` answers are applied afterwards; how many. Call again until it gives 0.

    Of several answers for one payout the oldest is applied first, each in a transaction of its own. An answer that
    cannot be applied parks its payout, and the others go on.
    """
    answers = _Answers()
    try:
        return _apply(at=at, limit=limit, taken=answers)
    except (DatabaseError, ValueError, TypeError, LookupError):
        if not answers.ids:
            raise
    for answer_id in answers.ids:
        try:
            _apply(at=at, limit=1, only=answer_id)
        except (DatabaseError, ValueError, TypeError, LookupError) as problem:
            _set_aside(at=at, answer_id=answer_id, why=type(problem).__name__)
    return len(answers.ids)


class _Answers:
    """The ids that a batch took, known even when it failed."""

    def __init__(self) -> None:
        self.ids: list[int] = []


@tenancy.action_for_every_merchant
def _apply(*, at: datetime, limit: int, only: int | None = None, taken: _Answers | None = None) -> int:
    answer_ids = _take(limit=limit, only=only)
    if taken is not None:
        taken.ids = answer_ids
    if not answer_ids:
        return 0
    ruled = [(held, heard, rulings.rule(held, heard)) for held, heard in _lock(answer_ids)]
    _count(ruled)
    _move(ruled, at=at)
    ledger.post(
        [journals.paid(held, at=at) for held, _, ruling in ruled if ruling.is_paid]
        + [journals.returned(held, at=at) for held, _, ruling in ruled if ruling.is_returned]
    )
    events.record([happening for one in ruled for happening in _happenings(*one, at=at)])
    # A refusal may have its reason in what somebody else did with the charge, and may not be the rail's last word.
    doubtful = [held.id for held, _, ruling in ruled if ruling.park or (ruling.state in _NO and ruling.is_fresh)]
    readings.wish_for_payouts(doubtful)
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE payments_answer SET applied_at = %s WHERE id = ANY(%s)", [at, [heard.id for _, heard, _ in ruled]]
        )
        if any(ruling.look_up or ruling.delay_s == 0 for _, _, ruling in ruled):
            cursor.execute("SELECT pg_notify('recoup_payouts', '')")
    crashpoint("answers_before_commit")
    return len(ruled)


def _take(*, limit: int, only: int | None) -> list[int]:
    """Answers that nobody else is applying, oldest first."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id FROM payments_answer WHERE applied_at IS NULL AND (%s::bigint IS NULL OR id = %s)"
            " ORDER BY id LIMIT %s FOR UPDATE SKIP LOCKED",
            [only, only, limit],
        )
        return [row[0] for row in cursor.fetchall()]


_LOCK = """
SELECT p.id, p.merchant_id, p.case_id, p.capture_id, p.rail_account_id, p.state, p.epoch, p.fence, p.amount_minor,
       p.currency, p.provider_refund_id, p.failure_code,
       a.id, a.fence, a.epoch, a.outcome,
       (SELECT count(*) FROM payments_answer b
         WHERE b.payout_id = a.payout_id AND b.outcome = a.outcome AND b.id < a.id
           AND (b.epoch = a.epoch OR a.outcome = 'no_funds')),
       a.provider_refund_id IS NOT NULL AND EXISTS (
           SELECT FROM payments_payout o WHERE o.rail_account_id = p.rail_account_id
              AND o.provider_refund_id = a.provider_refund_id AND o.id <> p.id),
       a.provider_refund_id, a.provider_reference, a.failure_code, a.amount_minor, a.currency
  FROM payments_answer a JOIN payments_payout p ON p.id = a.payout_id
 WHERE a.id = ANY(%s)
 ORDER BY p.id, a.id
   FOR NO KEY UPDATE OF p
"""


def _lock(answer_ids: Sequence[int]) -> list[_Pair]:
    """The answers with their payouts, locked in the order of their ids; of each payout only the oldest answer."""
    with connection.cursor() as cursor:
        cursor.execute(_LOCK, [list(answer_ids)])
        rows = cursor.fetchall()
    pairs: dict[UUID, _Pair] = {}
    for row in rows:
        pairs.setdefault(row[0], (_held(row[:12]), _heard(row[12:])))
    return list(pairs.values())


def _held(row: Sequence[Any]) -> Held:
    return Held(
        id=row[0],
        merchant_id=row[1],
        case_id=row[2],
        capture_id=row[3],
        rail_account_id=row[4],
        state=PayoutState(row[5]),
        epoch=row[6],
        fence=row[7],
        amount_minor=row[8],
        currency=row[9],
        provider_refund_id=row[10],
        failure_code=row[11],
    )


def _heard(row: Sequence[Any]) -> Heard:
    return Heard(
        id=row[0],
        fence=row[1],
        epoch=row[2],
        outcome=AnswerOutcome(row[3]),
        said_before=row[4],
        is_taken=row[5],
        provider_refund_id=row[6],
        provider_reference=row[7],
        failure_code=row[8],
        amount_minor=row[9],
        currency=row[10],
    )


_COUNT = """
WITH change AS (SELECT * FROM unnest(%s::uuid[], %s::bigint[]) AS c (id, paid_minor)),
locked AS (
    SELECT c.id FROM payments_capture c WHERE c.id = ANY(%s) ORDER BY c.id FOR NO KEY UPDATE
)
UPDATE payments_capture c
   SET paid_minor = c.paid_minor + change.paid_minor, reserved_minor = c.reserved_minor - change.paid_minor
  FROM change JOIN locked USING (id)
 WHERE c.id = change.id
"""


def _count(ruled: Sequence[_Ruled]) -> None:
    """What is paid is no longer only reserved; what came back is reserved again. Captures are locked by id."""
    paid: Counter[UUID] = Counter()
    for held, _, ruling in ruled:
        if ruling.is_paid:
            paid[held.capture_id] += held.amount_minor
        if ruling.is_returned:
            paid[held.capture_id] -= held.amount_minor
    changed = {capture_id: amount for capture_id, amount in paid.items() if amount}
    if changed:
        with connection.cursor() as cursor:
            cursor.execute(_COUNT, [list(changed), list(changed.values()), list(changed)])


_MOVE = """
UPDATE payments_payout p
   SET state = r.state, epoch = r.epoch, idempotency_key = coalesce(r.key, p.idempotency_key),
       provider_refund_id = coalesce(r.provider_refund_id, p.provider_refund_id),
       provider_reference = coalesce(r.provider_reference, p.provider_reference),
       failure_code = r.failure_code,
       tries = CASE WHEN r.is_fresh THEN 0 ELSE p.tries END,
       lease_until = CASE WHEN r.is_fresh THEN NULL ELSE p.lease_until END,
       look_up = r.is_asked AND (p.look_up OR r.look_up),
       next_at = CASE WHEN NOT r.is_asked THEN NULL
                      WHEN p.look_up OR r.look_up THEN now()
                      WHEN NOT r.is_fresh THEN p.next_at
                      ELSE now() + r.delay_s * interval '1 second' END,
       parked_at = CASE WHEN r.is_parked THEN now() ELSE p.parked_at END,
       accepted_at = CASE WHEN r.is_paid THEN %s ELSE p.accepted_at END,
       finished_at = CASE WHEN r.is_finished AND p.state <> r.state THEN %s ELSE p.finished_at END
  FROM unnest(%s::uuid[], %s::text[], %s::int[], %s::uuid[], %s::text[], %s::text[], %s::text[], %s::int[], %s::bool[],
              %s::bool[], %s::bool[], %s::bool[], %s::bool[], %s::bool[])
       AS r (id, state, epoch, key, provider_refund_id, provider_reference, failure_code, delay_s, is_fresh, look_up,
             is_parked, is_paid, is_asked, is_finished)
 WHERE p.id = r.id
"""
_NO = frozenset({PayoutState.FAILED, PayoutState.REVERSED})
_FINISHED = _NO | {PayoutState.SUCCEEDED}


def _move(ruled: Sequence[_Ruled], *, at: datetime) -> None:
    """Each payout is as its ruling says. A wish to look that came meanwhile is kept; the time is the database's."""
    epochs = [held.epoch + ruling.next_epoch for held, _, ruling in ruled]
    columns: list[list[Any]] = [
        [held.id for held, _, _ in ruled],
        [ruling.state for _, _, ruling in ruled],
        epochs,
        [
            ids.attempt_key(held.id, epoch) if ruling.next_epoch else None
            for (held, _, ruling), epoch in zip(ruled, epochs, strict=True)
        ],
        [ruling.provider_refund_id for _, _, ruling in ruled],
        [ruling.provider_reference for _, _, ruling in ruled],
        [ruling.failure_code for _, _, ruling in ruled],
        [ruling.delay_s for _, _, ruling in ruled],
        [ruling.is_fresh for _, _, ruling in ruled],
        [ruling.look_up for _, _, ruling in ruled],
        [ruling.park is not None for _, _, ruling in ruled],
        [ruling.is_paid for _, _, ruling in ruled],
        [ruling.state in rulings.ASKED for _, _, ruling in ruled],
        [ruling.state in _FINISHED for _, _, ruling in ruled],
    ]
    with connection.cursor() as cursor:
        cursor.execute(_MOVE, [at, at, *columns])


def _happenings(held: Held, heard: Heard, ruling: Ruling, *, at: datetime) -> list[Happening]:
    facts = {"case_id": held.case_id, "amount_minor": held.amount_minor, "currency": held.currency}
    facts |= {"epoch": heard.epoch}
    return [
        Happening(
            merchant_id=held.merchant_id,
            at=at,
            kind=kind,
            subject_id=held.id,
            actor="rail",
            data={**facts, **data},
        )
        for kind, data in ruling.events
    ]


@tenancy.action_for_every_merchant
def _set_aside(*, at: datetime, answer_id: int, why: str) -> None:
    """The answer is done with, and its payout waits for a person. It is still there to be read."""
    with connection.cursor() as cursor:
        cursor.execute("UPDATE payments_answer SET applied_at = %s WHERE id = %s RETURNING payout_id", [at, answer_id])
        row = cursor.fetchone()
        if row is None:
            return
        cursor.execute(
            "UPDATE payments_payout SET parked_at = now() WHERE id = %s"
            " RETURNING id, merchant_id, case_id, amount_minor, currency",
            [row[0]],
        )
        payout_id, merchant_id, case_id, amount_minor, currency = cursor.fetchone()
    facts = {"case_id": case_id, "amount_minor": amount_minor, "currency": currency}
    facts |= {"reason": "answer_not_applicable", "why": why, "answer_id": answer_id}
    kind = "payout.parked"
    events.record(
        [Happening(merchant_id=merchant_id, at=at, kind=kind, subject_id=payout_id, actor="rail", data=facts)]
    )
