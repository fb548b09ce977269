"""Weigh what the vault saw at the rails beside our payouts: others gave money back, or we did after all.

Locks are taken in the usual order: payouts by id, then captures by id. Nothing is asked of a rail here.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import DatabaseError, connection

from recoup.access import tenancy
from recoup.events import transactional as events
from recoup.events.transactional import Happening
from recoup.kernel import ids
from recoup.ledger import transactional as ledger
from recoup.ledger.transactional import Entry
from recoup.payments import hints, journals, readings, sightings
from recoup.payments.rulings import SCHEDULES
from recoup.payments.sightings import Finding, Ours, Seen, Weighed
from recoup.payments.states import AnswerOutcome, PayoutState

BATCH = 100
#: Seconds until a sighting that cannot be settled yet is weighed again; the last one repeats.
PATIENCE_S = (2, 10, 60, 600, 3600, 86_400)
#: So often, and it is left alone until it is seen again: about a quarter of a year.
TRIES_MAX = 95
#: Why a payout cannot go out, as its reviewer reads it.
GIVEN_ELSEWHERE = "refunded_elsewhere"
_POISON = (DatabaseError, ValueError, TypeError, LookupError)
_LATER = frozenset({Finding.WAIT, Finding.READ_AGAIN})


@dataclass(frozen=True, slots=True, kw_only=True)
class _Case:
    """A sighting with the payout it is about, what was found, and what it is counted as afterwards."""

    seen: Seen
    ours: Ours | None
    weighed: Weighed

    @property
    def counts(self) -> bool:
        """Whether guard and books hold it afterwards. What is not settled yet stays as it is."""
        if self.weighed.finding in _LATER:
            return self.seen.counted_minor > 0
        return self.weighed.finding is Finding.ELSEWHERE and self.seen.capture_id is not None

    @property
    def change_minor(self) -> int:
        """By how much the capture's counter changes."""
        return (self.seen.amount_minor if self.counts else 0) - self.seen.counted_minor


def weigh_sightings(*, at: datetime, limit: int = BATCH) -> int:
    """Up to `limit` sightings are weighed afterwards; how many. Call again until it gives 0.

    One that cannot be weighed is set aside until it is seen again, and the others go on.
    """
    taken: list[UUID] = []
    try:
        return _weigh(at=at, limit=limit, taken=taken)
    except _POISON:
        if not taken:
            raise
    for sighting_id in taken:
        try:
            _weigh(at=at, limit=1, only=sighting_id, taken=[])
        except _POISON as problem:
            _set_aside(sighting_id, why=type(problem).__name__, at=at)
    return len(taken)


@tenancy.action_for_every_merchant
def _weigh(*, at: datetime, limit: int, taken: list[UUID], only: UUID | None = None) -> int:
    seen = _take(limit=limit, only=only)
    taken += [one.id for one in seen]
    if not seen:
        return 0
    ours = _lock_payouts(seen)
    cases = _one_revival_each([_weighed(one, ours) for one in seen])
    _lock_captures([case.seen.capture_id for case in cases])
    _count([case for case in cases if case.change_minor], at=at)
    _revive([case for case in cases if case.weighed.finding is Finding.REVIVED], at=at)
    _hint([case.seen.capture_id for case in cases if case.counts and case.seen.capture_id], at=at)
    _sound(cases, at=at)
    _ask([case for case in cases if case.weighed.finding in (Finding.LOOK_UP, Finding.READ_AGAIN)])
    _settle(cases)
    return len(cases)


@tenancy.action_for_every_merchant
def _set_aside(sighting_id: UUID, *, why: str, at: datetime) -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE payments_sighting SET next_at = NULL WHERE id = %s RETURNING merchant_id", [sighting_id])
        rows = cursor.fetchall()
    kind, data = "sighting.set_aside", {"why": why}
    events.record(
        [
            Happening(merchant_id=row[0], at=at, kind=kind, subject_id=sighting_id, actor="clock", data=data)
            for row in rows
        ]
    )


def _weighed(seen: Seen, ours: Mapping[UUID, Ours]) -> _Case:
    held = next((one for one in ours.values() if _holds(one, seen)), None)
    named = ours.get(seen.payout_id) if seen.payout_id else None
    if named is not None and named.rail_account_id != seen.rail_account_id:
        named = None
    payout = held or named
    if payout is not None:
        seen = replace(seen, capture_id=payout.capture_id)
    return _Case(seen=seen, ours=payout, weighed=sightings.weigh(seen, payout))


def _holds(ours: Ours, seen: Seen) -> bool:
    return (ours.rail_account_id, ours.provider_refund_id) == (seen.rail_account_id, seen.provider_refund_id)


def _one_revival_each(cases: Sequence[_Case]) -> list[_Case]:
    """Of two refunds that would revive one payout, the first does; the other will be found to be a second payment."""
    revived: set[UUID] = set()
    told = []
    for case in cases:
        if case.ours is not None and case.weighed.finding is Finding.REVIVED:
            if case.ours.id in revived:
                told.append(replace(case, weighed=Weighed(finding=Finding.WAIT)))
                continue
            revived.add(case.ours.id)
        told.append(case)
    return told


_TAKE = """
SELECT s.id, s.merchant_id, s.rail_account_id, s.provider_refund_id, s.payout_id, s.status, s.amount_minor, s.currency,
       s.seen_at, coalesce(s.capture_id, (
           SELECT c.id FROM payments_capture c
            WHERE c.rail_account_id = s.rail_account_id AND c.currency = s.currency
              AND c.provider_charge_id = ANY(ARRAY[s.provider_charge_id, s.provider_intent_id])
            ORDER BY c.id LIMIT 1)),
       s.counted_minor, s.turn, s.tries
  FROM payments_sighting s WHERE s.next_at <= now() AND (%s::uuid IS NULL OR s.id = %s)
 ORDER BY s.next_at LIMIT %s FOR NO KEY UPDATE OF s SKIP LOCKED
"""
_PAYOUTS = """
SELECT p.id, p.merchant_id, p.case_id, p.capture_id, p.rail_account_id, p.state, p.epoch, p.amount_minor, p.currency,
       p.provider_refund_id, (SELECT max(a.at) FROM payments_answer a WHERE a.payout_id = p.id),
       p.parked_at IS NOT NULL
  FROM payments_payout p
 WHERE p.id IN (SELECT unnest(%s::uuid[])
                UNION SELECT o.id FROM unnest(%s::uuid[], %s::text[]) AS r (rail_account_id, refund_id)
                        JOIN payments_payout o ON o.rail_account_id = r.rail_account_id
                                              AND o.provider_refund_id = r.refund_id)
 ORDER BY p.id FOR NO KEY UPDATE OF p
"""


def _take(*, limit: int, only: UUID | None) -> list[Seen]:
    """What waits to be weighed, with the capture that it is about, if we know that by now."""
    with connection.cursor() as cursor:
        cursor.execute(_TAKE, [only, only, limit])
        return [Seen(**dict(zip(Seen.__slots__, row, strict=True))) for row in cursor.fetchall()]


def _lock_payouts(seen: Sequence[Seen]) -> dict[UUID, Ours]:
    """The payouts that are named, or that hold one of the refunds."""
    with connection.cursor() as cursor:
        cursor.execute(
            _PAYOUTS,
            [
                [one.payout_id for one in seen if one.payout_id],
                [one.rail_account_id for one in seen],
                [one.provider_refund_id for one in seen],
            ],
        )
        rows = [dict(zip(Ours.__slots__, row, strict=True)) for row in cursor.fetchall()]
    return {row["id"]: Ours(**{**row, "state": PayoutState(row["state"])}) for row in rows}


def _lock_captures(capture_ids: Sequence[UUID | None]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id FROM payments_capture WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE",
            [[capture_id for capture_id in capture_ids if capture_id]],
        )


_COUNT = """
UPDATE payments_capture c SET elsewhere_minor = c.elsewhere_minor + change.minor
  FROM unnest(%s::uuid[], %s::bigint[]) AS change (id, minor) WHERE c.id = change.id
RETURNING c.id, c.order_id, c.captured_minor - c.reserved_minor - c.paid_minor - c.disputed_minor - c.elsewhere_minor,
          c.reserved_minor
"""


def _count(cases: Sequence[_Case], *, at: datetime) -> None:
    """Guard, books and events of what was given elsewhere, or not after all."""
    if not cases:
        return
    change: Counter[UUID] = Counter()
    for case in cases:
        assert case.seen.capture_id is not None  # noqa: S101 - what counts has a capture; PostgreSQL checks it too
        change[case.seen.capture_id] += case.change_minor
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, [list(change), list(change.values())])
        left = {row[0]: row[1:] for row in cursor.fetchall()}
    ledger.post([_entry(case, at=at) for case in cases])
    told = []
    for case in cases:
        order_id, left_minor, reserved_minor = left[case.seen.capture_id]
        more = {"order_id": order_id, "refundable_minor": max(0, left_minor)}
        more["over_reserved_minor"] = min(reserved_minor, max(0, -left_minor))
        told.append(_told(case, at=at, more=more))
    events.record(told)


def _entry(case: _Case, *, at: datetime) -> Entry:
    journal = journals.given_elsewhere if case.change_minor > 0 else journals.kept_after_all
    return journal(case.seen, at=at)


def _told(case: _Case, *, at: datetime, more: Mapping[str, Any]) -> Happening:
    seen = case.seen
    kind = "capture.refunded_elsewhere" if case.change_minor > 0 else "capture.refund_elsewhere_ended"
    facts = {"amount_minor": seen.amount_minor, "currency": seen.currency}
    facts |= {"provider_refund_id": seen.provider_refund_id, "payout_id": case.ours.id if case.ours else None}
    assert seen.capture_id is not None  # noqa: S101 - what counts has a capture
    return Happening(
        merchant_id=seen.merchant_id, at=at, kind=kind, subject_id=seen.capture_id, actor="rail", data={**facts, **more}
    )


_HINT = """
WITH refused AS (
    SELECT p.id FROM payments_payout p JOIN payments_capture c ON c.id = p.capture_id
     WHERE c.id = ANY(%s) AND c.reserved_minor + c.paid_minor + c.elsewhere_minor > c.captured_minor
       AND p.state = 'failed' AND p.failure_code IS DISTINCT FROM %s
     ORDER BY p.id FOR NO KEY UPDATE OF p SKIP LOCKED
)
UPDATE payments_payout p SET failure_code = %s FROM refused WHERE p.id = refused.id
RETURNING p.id, p.merchant_id, p.case_id, p.epoch, p.amount_minor, p.currency
"""


def _hint(capture_ids: Sequence[UUID], *, at: datetime) -> None:
    """Whoever decides about a payout that the rail refused reads why: others gave back what we had promised."""
    if not capture_ids:
        return
    with connection.cursor() as cursor:
        cursor.execute(_HINT, [list(capture_ids), GIVEN_ELSEWHERE, GIVEN_ELSEWHERE])
        rows = cursor.fetchall()
    events.record([_of_payout(row, "payout.refunded_elsewhere", GIVEN_ELSEWHERE, at=at) for row in rows])


def _of_payout(row: Sequence[Any], kind: str, reason: str, *, at: datetime) -> Happening:
    payout_id, merchant_id, case_id, epoch, amount_minor, currency = row
    facts = {"case_id": case_id, "amount_minor": amount_minor, "currency": currency, "epoch": epoch, "reason": reason}
    return Happening(merchant_id=merchant_id, at=at, kind=kind, subject_id=payout_id, actor="rail", data=facts)


_REVIVE = """
UPDATE payments_payout p
   SET state = r.state, epoch = r.epoch, idempotency_key = r.key, provider_refund_id = r.refund_id, failure_code = NULL,
       fence = p.fence + 1, tries = 0, look_up = false, lease_until = NULL, accepted_at = %s,
       finished_at = CASE WHEN r.state = 'succeeded' THEN %s::timestamptz END,
       next_at = now() + r.delay_s * interval '1 second'
  FROM unnest(%s::uuid[], %s::text[], %s::int[], %s::uuid[], %s::text[], %s::int[])
       AS r (id, state, epoch, key, refund_id, delay_s)
 WHERE p.id = r.id
"""
_PAID = """
UPDATE payments_capture c SET paid_minor = c.paid_minor + change.minor, reserved_minor = c.reserved_minor - change.minor
  FROM unnest(%s::uuid[], %s::bigint[]) AS change (id, minor) WHERE c.id = change.id
"""


def _revive(cases: Sequence[_Case], *, at: datetime) -> None:
    """The payouts are paid after all. That is an attempt of its own, so that the books get journals of their own."""
    if not cases:
        return
    again: list[tuple[Ours, Seen, AnswerOutcome]] = []
    paid: Counter[UUID] = Counter()
    for case in cases:
        assert case.ours is not None  # noqa: S101 - only a payout can be revived
        outcome = AnswerOutcome.SUCCEEDED if case.seen.status == "succeeded" else AnswerOutcome.PENDING
        again.append((replace(case.ours, epoch=case.ours.epoch + 1), case.seen, outcome))
        paid[case.ours.capture_id] += case.ours.amount_minor
    columns: list[list[Any]] = [
        [ours.id for ours, _, _ in again],
        [_state(outcome) for _, _, outcome in again],
        [ours.epoch for ours, _, _ in again],
        [ids.attempt_key(ours.id, ours.epoch) for ours, _, _ in again],
        [seen.provider_refund_id for _, seen, _ in again],
        [SCHEDULES[outcome][0] for _, _, outcome in again],
    ]
    with connection.cursor() as cursor:
        cursor.execute(_REVIVE, [at, at, *columns])
        cursor.execute(_PAID, [list(paid), list(paid.values())])
    ledger.post([journals.paid(ours, at=at) for ours, _, _ in again])
    events.record(
        [
            _revival(ours, seen, kind, at=at)
            for ours, seen, outcome in again
            for kind in ("payout.accepted", "payout.succeeded")
            if kind == "payout.accepted" or outcome is AnswerOutcome.SUCCEEDED
        ]
    )


def _state(outcome: AnswerOutcome) -> PayoutState:
    return PayoutState.SUCCEEDED if outcome is AnswerOutcome.SUCCEEDED else PayoutState.PROVIDER_PENDING


def _revival(ours: Ours, seen: Seen, kind: str, *, at: datetime) -> Happening:
    facts = {"case_id": ours.case_id, "amount_minor": ours.amount_minor, "currency": ours.currency}
    facts |= {"epoch": ours.epoch, "provider_refund_id": seen.provider_refund_id, "is_after_failure": True}
    return Happening(merchant_id=ours.merchant_id, at=at, kind=kind, subject_id=ours.id, actor="rail", data=facts)


def _sound(cases: Sequence[_Case], *, at: datetime) -> None:
    """Payouts that only a person can judge now are parked, with the reason."""
    alarms = {case.ours.id: case for case in cases if case.ours is not None and case.weighed.alarm}
    if not alarms:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE payments_payout SET parked_at = coalesce(parked_at, now()) WHERE id = ANY(%s)"
            " RETURNING id, merchant_id, case_id, epoch, amount_minor, currency",
            [list(alarms)],
        )
        rows = cursor.fetchall()
    events.record([_of_payout(row, "payout.parked", str(alarms[row[0]].weighed.alarm), at=at) for row in rows])


def _ask(cases: Sequence[_Case]) -> None:
    """The vault asks for these payouts, or reads their charges again."""
    by_merchant: dict[UUID, set[UUID]] = defaultdict(set)
    for case in cases:
        if case.ours is not None and case.weighed.finding is Finding.LOOK_UP:
            by_merchant[case.ours.merchant_id].add(case.ours.id)
    for merchant_id in sorted(by_merchant):
        hints.wish_look_up(merchant_id=merchant_id, payout_ids=sorted(by_merchant[merchant_id]))
    readings.wish_for_payouts(
        sorted({case.ours.id for case in cases if case.ours and case.weighed.finding is Finding.READ_AGAIN})
    )


_SETTLE = """
UPDATE payments_sighting s
   SET capture_id = CASE WHEN w.counts THEN w.capture_id ELSE s.capture_id END,
       turn = s.turn + (w.counts <> (s.counted_minor > 0))::int,
       counted_minor = CASE WHEN w.counts THEN s.amount_minor ELSE 0 END,
       tries = CASE WHEN w.delay_s IS NULL THEN 0 ELSE s.tries + 1 END,
       next_at = now() + w.delay_s * interval '1 second'
  FROM unnest(%s::uuid[], %s::uuid[], %s::bool[], %s::int[]) AS w (id, capture_id, counts, delay_s)
 WHERE s.id = w.id
"""


def _settle(cases: Sequence[_Case]) -> None:
    """Each sighting carries what it is counted as; what is not settled yet is weighed again."""
    with connection.cursor() as cursor:
        cursor.execute(
            _SETTLE,
            [
                [case.seen.id for case in cases],
                [case.seen.capture_id for case in cases],
                [case.counts for case in cases],
                [_delay_s(case) for case in cases],
            ],
        )


def _delay_s(case: _Case) -> int | None:
    if case.weighed.finding not in _LATER or case.seen.tries >= TRIES_MAX:
        return None
    return PATIENCE_S[min(case.seen.tries, len(PATIENCE_S) - 1)]
