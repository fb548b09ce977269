"""Wishes that the vault read what a rail knows of a charge beside our payouts: refunds that somebody else made."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

_AGAIN = " ON CONFLICT (rail_account_id, provider_charge_id) DO UPDATE SET next_at = now(), turn = 0"

_OF_PAYOUTS = (
    """
INSERT INTO payments_reading (merchant_id, rail_account_id, provider_charge_id, next_at)
SELECT DISTINCT p.merchant_id, p.rail_account_id, p.provider_charge_id, now()
  FROM payments_payout p WHERE p.id = ANY(%s) ORDER BY 2, 3
"""
    + _AGAIN
)
_OF_CHARGES = (
    """
INSERT INTO payments_reading (merchant_id, rail_account_id, provider_charge_id, next_at)
SELECT DISTINCT c.merchant_id, c.rail_account_id, c.provider_charge_id, now()
  FROM unnest(%s::uuid[], %s::text[], %s::text[], %s::bigint[])
       AS told (rail_account_id, charge_id, intent_id, refunded_minor)
  JOIN payments_capture c ON c.rail_account_id = told.rail_account_id
                         AND c.provider_charge_id = ANY(ARRAY[told.charge_id, told.intent_id])
 WHERE told.refunded_minor IS DISTINCT FROM c.paid_minor + c.elsewhere_minor
 ORDER BY 2, 3
"""
    + _AGAIN
)
_OF_ACCOUNT = (
    "INSERT INTO payments_reading (merchant_id, rail_account_id, next_at) VALUES (%s, %s, %s)"
    " ON CONFLICT (rail_account_id, provider_charge_id) DO NOTHING"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldCharge:
    """A charge of which a rail told us something, by either of its names.

    `refunded_minor`: what has gone back of it in all, where that was told. It is not read when we know as much.
    """

    rail_account_id: UUID
    charge_id: str | None
    intent_id: str | None
    refunded_minor: int | None = None


def wish_for_payouts(payout_ids: Sequence[UUID]) -> None:
    """The vault reads all refunds of these payouts' charges as soon as it can, and again on its schedule."""
    _wish(_OF_PAYOUTS, [list(payout_ids)], of=payout_ids)


def wish_for_charges(told: Sequence[ToldCharge]) -> None:
    """As `wish_for_payouts`, for the charges among these that are captures of ours."""
    values = [[getattr(one, name) for one in told] for name in ("rail_account_id", "charge_id", "intent_id")]
    _wish(_OF_CHARGES, [*values, [one.refunded_minor for one in told]], of=told)


def begin(*, merchant_id: UUID, rail_account_id: UUID, at: datetime) -> None:
    """The account's newest refunds are read from now on, again and again."""
    with connection.cursor() as cursor:
        cursor.execute(_OF_ACCOUNT, [merchant_id, rail_account_id, at])


def _wish(statement: str, values: Sequence[Any], *, of: Sequence[object]) -> None:
    assert connection.in_atomic_block, "a wish belongs to the transaction of what gave rise to it"  # noqa: S101
    if not of:
        return
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        if cursor.rowcount:
            cursor.execute("SELECT pg_notify('recoup_readings', '')")
