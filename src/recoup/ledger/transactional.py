"""Writing journals inside a business transaction. Each fact is posted once, however often it is told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection

from recoup.kernel.rows import as_rows
from recoup.ledger.accounts import Account


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One debit and one credit of `amount_minor` (> 0). (`reference_id`, `kind`, `epoch`) is the journal's identity."""

    merchant_id: UUID
    kind: str
    reference_id: UUID
    epoch: int = 0
    at: datetime
    debit: Account
    credit: Account
    amount_minor: int
    currency: str
    rail_account_id: UUID | None = None


_POST = """
WITH entry AS (
    SELECT * FROM json_to_recordset(%s::json)
        AS e (merchant_id uuid, kind text, reference_id uuid, epoch int, at timestamptz, debit text, credit text,
              amount_minor bigint, currency text, rail_account_id uuid)
), journal AS (
    INSERT INTO ledger_journal (merchant_id, kind, reference_id, epoch, at)
    SELECT merchant_id, kind, reference_id, epoch, at FROM entry
    ON CONFLICT (reference_id, kind, epoch) DO NOTHING
    RETURNING id, kind, reference_id, epoch
)
INSERT INTO ledger_posting (merchant_id, journal_id, account, rail_account_id, amount_minor, currency)
SELECT e.merchant_id, j.id, side.account,
       CASE WHEN side.account = 'provider_balance' THEN e.rail_account_id END, side.amount_minor, e.currency
  FROM journal j
  JOIN entry e USING (kind, reference_id, epoch)
 CROSS JOIN LATERAL (VALUES (e.debit, e.amount_minor), (e.credit, -e.amount_minor)) AS side (account, amount_minor)
"""


def post(entries: Sequence[Entry]) -> int:
    """The journals are in the books afterwards; one that was there already is left as it is. Gives how many are new."""
    assert connection.in_atomic_block, "journals are posted in the transaction of the fact"  # noqa: S101
    if not entries:
        return 0
    rows = [{name: getattr(entry, name) for name in Entry.__slots__} for entry in entries]
    with connection.cursor() as cursor:
        cursor.execute(_POST, [as_rows(rows)])
        return int(cursor.rowcount) // 2
