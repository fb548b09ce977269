"""Turn what providers told us into look-ups: the provider's present state is the truth, its events are hints."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import DatabaseError, OperationalError, connection

from recoup.access import tenancy
from recoup.events import transactional as events
from recoup.events.transactional import Happening
from recoup.kernel.crashpoints import crashpoint
from recoup.payments import transactional as payments
from recoup.payments.transactional import DisputeHint, RefundHint, Verdict
from recoup.webhooks import reading
from recoup.webhooks.reading import Unreadable

BATCH = 100
LEASE_SECONDS = 15
TRIES_MAX = 5
#: Our own call is under way: its answer says more than the event.
PATIENCE_SECONDS = 2
#: What a receipt can provoke that reads well and means nothing, like a zero byte in a name.
_POISON = (DatabaseError, ValueError, TypeError, LookupError)


@dataclass(frozen=True, slots=True)
class _Receipt:
    id: int
    merchant_id: UUID
    rail_account_id: UUID
    kind: str
    body: bytes
    fence: int
    tries: int


def act_on_receipts(*, at: datetime, limit: int = BATCH) -> int:
    """Up to `limit` receipts are acted upon afterwards; how many were tried. Call again until it gives 0.

    What cannot be read is tried again later and parked after five times; the others go on.
    """
    receipts = _claim(limit=limit)
    if receipts:
        crashpoint("receipts_after_claim")
        try:
            _act(receipts, at=at)
        except _POISON:
            for receipt in receipts:
                _act_alone(receipt, at=at)
    return len(receipts)


def _act_alone(receipt: _Receipt, *, at: datetime) -> None:
    """One of a batch that could not be acted upon together: the one that is to blame is tried again later, or parked.

    Raises OperationalError: a database that does not answer is no receipt's fault.
    """
    try:
        _act([receipt], at=at)
    except OperationalError:
        raise
    except _POISON:
        _give_up(receipt, at=at)


@tenancy.action_for_every_merchant
def _give_up(receipt: _Receipt, *, at: datetime) -> None:
    _mourn([receipt], at=at)


_CLAIM = """
UPDATE webhooks_receipt r
   SET fence = fence + 1, tries = tries + 1, lease_until = now() + %s * interval '1 second'
 WHERE id IN (SELECT id FROM webhooks_receipt
               WHERE next_at <= now() AND parked_at IS NULL AND (lease_until IS NULL OR lease_until < now())
               ORDER BY id LIMIT %s FOR UPDATE SKIP LOCKED)
RETURNING id, merchant_id, rail_account_id, kind, body, fence, tries
"""


@tenancy.action_for_every_merchant
def _claim(*, limit: int) -> list[_Receipt]:
    with connection.cursor() as cursor:
        cursor.execute(_CLAIM, [LEASE_SECONDS, limit])
        rows = cursor.fetchall()
    return sorted((_receipt(row) for row in rows), key=lambda receipt: receipt.id)


def _receipt(row: Sequence[Any]) -> _Receipt:
    return _Receipt(
        id=row[0],
        merchant_id=row[1],
        rail_account_id=row[2],
        kind=row[3],
        body=bytes(row[4]),
        fence=row[5],
        tries=row[6],
    )


@tenancy.action_for_every_merchant
def _act(receipts: list[_Receipt], *, at: datetime) -> None:
    refunds: list[tuple[_Receipt, RefundHint]] = []
    done: list[_Receipt] = []
    later: list[_Receipt] = []
    broken: list[_Receipt] = []
    for receipt in receipts:
        try:
            told = reading.read(receipt.body, rail_account_id=receipt.rail_account_id)
        except Unreadable:
            broken.append(receipt)
            continue
        if isinstance(told, DisputeHint):
            payments.hear_dispute(told, at=at)
        if isinstance(told, RefundHint):
            refunds.append((receipt, told))
        else:
            done.append(receipt)
    verdicts = payments.hear([hint for _, hint in refunds]) if refunds else []
    for (receipt, _), verdict in zip(refunds, verdicts, strict=True):
        (later if verdict is Verdict.TOO_EARLY else done).append(receipt)
    _finish(done)
    _postpone(later)
    _mourn(broken, at=at)


def _finish(receipts: list[_Receipt]) -> None:
    _write("next_at = NULL, lease_until = NULL", receipts)


def _postpone(receipts: list[_Receipt]) -> None:
    """Not a failure: it does not count as a try."""
    _write(f"next_at = now() + interval '{PATIENCE_SECONDS} s', lease_until = NULL, tries = r.tries - 1", receipts)


def _mourn(receipts: list[_Receipt], *, at: datetime) -> None:
    """An event that cannot be read: once more later, then a person's."""
    lost = [receipt for receipt in receipts if receipt.tries >= TRIES_MAX]
    _write("next_at = now() + interval '1 s' * 2 ^ r.tries, lease_until = NULL", [r for r in receipts if r not in lost])
    _write("parked_at = now(), lease_until = NULL", lost)
    events.record(
        [
            Happening(
                merchant_id=receipt.merchant_id,
                at=at,
                kind="receipt.parked",
                subject_id=receipt.rail_account_id,
                actor="clock",
                data={"receipt_id": receipt.id, "kind": receipt.kind, "tries": receipt.tries},
            )
            for receipt in lost
        ]
    )


def _write(assignments: str, receipts: list[_Receipt]) -> None:
    """These receipts are as told, unless somebody else has claimed them since."""
    if receipts:
        with connection.cursor() as cursor:
            cursor.execute(
                f"UPDATE webhooks_receipt r SET {assignments}"  # noqa: S608 - our own words, above
                " FROM unnest(%s::bigint[], %s::bigint[]) AS c (id, fence) WHERE r.id = c.id AND r.fence = c.fence",
                [[receipt.id for receipt in receipts], [receipt.fence for receipt in receipts]],
            )
