"""A case as doors show it: plain values, nothing that can be saved."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from recoup.refunds.models import Case


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseView:
    """One case. Amounts in minor units of `currency`; the clocks are those of DOMAIN 1."""

    id: UUID
    merchant_id: UUID
    number: str
    order_id: UUID | None
    order_number: str
    email: str
    channel: str
    locale: str
    state: str
    goods_state: str
    reason: str
    words: str
    currency: str
    amount_requested_minor: int
    amount_minor: int
    reason_code: str
    rule: str
    explanation: str
    asks: tuple[str, ...]
    appeals: int
    requested_at: datetime
    judged_as_of: datetime | None
    decided_at: datetime | None
    initiated_at: datetime | None
    credited_at: datetime | None
    closed_at: datetime | None
    wake_at: datetime | None
    waits_for: str


_FIELDS = tuple(name for name in CaseView.__slots__ if name != "asks")


def view_of(case: Case) -> CaseView:
    """The case's values of this moment."""
    return CaseView(asks=tuple(case.asks), **{name: getattr(case, name) for name in _FIELDS})
