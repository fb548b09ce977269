"""A shopper's cases with every company, found by the addresses they proved."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection

from recoup.refunds.states import CaseState

_FIND = """
SELECT case_id, merchant_id, number, order_number, state, currency, amount_minor, amount_requested_minor,
       requested_at, decided_at, initiated_at, credited_at
  FROM refunds_cases_of(%s, %s, %s)
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnCase:
    """A case in a shopper's list. Amounts in minor units of `currency`, which is empty while the order is unknown."""

    id: UUID
    merchant_id: UUID
    number: str
    order_number: str
    state: CaseState
    currency: str
    amount_minor: int
    amount_requested_minor: int
    requested_at: datetime
    decided_at: datetime | None
    initiated_at: datetime | None
    credited_at: datetime | None


def cases_of(addresses: Collection[str], *, before: UUID | None, limit: int) -> list[OwnCase]:
    """The newest cases of these addresses (small letters), whatever company they are with, beginning before the id
    `before`. Only for a door where the addresses have been proved; the empty address is nobody's.
    """
    known = sorted({address for address in addresses if address})
    if not known:
        return []
    with connection.cursor() as cursor:
        cursor.execute(_FIND, [known, before, limit])
        rows = cursor.fetchall()
    return [
        OwnCase(
            id=row[0],
            merchant_id=row[1],
            number=row[2],
            order_number=row[3],
            state=CaseState(row[4]),
            currency=row[5],
            amount_minor=row[6],
            amount_requested_minor=row[7],
            requested_at=row[8],
            decided_at=row[9],
            initiated_at=row[10],
            credited_at=row[11],
        )
        for row in rows
    ]
