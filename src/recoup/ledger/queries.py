"""Reading the books: which journals tell of some business facts, and what each of them moved."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from uuid import UUID

from django.db import connection

from recoup.access import tenancy
from recoup.ledger.accounts import Account


@dataclass(frozen=True, slots=True, kw_only=True)
class PostingView:
    """One side of a journal. Debits are positive, credits negative; in minor units of `currency`."""

    account: Account
    amount_minor: int
    currency: str


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalView:
    """One fact in the books, its debits before its credits. `epoch` counts the attempts at it."""

    id: int
    at: datetime
    kind: str
    reference_id: UUID
    epoch: int
    postings: tuple[PostingView, ...]


_READ = """
SELECT j.id, j.at, j.kind, j.reference_id, j.epoch, p.account, p.amount_minor, p.currency
  FROM ledger_journal j JOIN ledger_posting p ON p.journal_id = j.id
 WHERE j.merchant_id = %s AND j.reference_id = ANY(%s)
 ORDER BY j.at, j.id, p.amount_minor < 0, p.id
"""


@tenancy.query
def journals_about(*, merchant_id: UUID, reference_ids: Sequence[UUID]) -> list[JournalView]:
    """The journals of these facts as they are read: the oldest first. One statement, however many there are."""
    if not reference_ids:
        return []
    with connection.cursor() as cursor:
        cursor.execute(_READ, [merchant_id, list(reference_ids)])
        rows = cursor.fetchall()
    return [_journal(list(sides)) for _, sides in groupby(rows, key=lambda row: row[0])]


def _journal(sides: list[tuple[int, datetime, str, UUID, int, str, int, str]]) -> JournalView:
    journal_id, at, kind, reference_id, epoch, *_ = sides[0]
    return JournalView(
        id=journal_id,
        at=at,
        kind=kind,
        reference_id=reference_id,
        epoch=epoch,
        postings=tuple(PostingView(account=Account(side[5]), amount_minor=side[6], currency=side[7]) for side in sides),
    )
