"""Writing down what an operator did, in the transaction that does it: once for all, once in the company's history."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from recoup.events import transactional as events
from recoup.events.transactional import Happening
from recoup.operations.models import Deed


def record(*, merchant_id: UUID, kind: str, subject_id: UUID, why: str, by: str, at: datetime) -> None:
    """The deed stands in the operators' list and, as an event, in the sealed history of the company."""
    note(merchant_id=merchant_id, kind=kind, subject=str(subject_id), why=why, by=by, at=at)
    data = {"why": why} if why else {}
    events.record([Happening(merchant_id=merchant_id, at=at, kind=kind, subject_id=subject_id, actor=by, data=data)])


def note(*, merchant_id: UUID, kind: str, subject: str, why: str, by: str, at: datetime) -> None:
    """The deed stands in the operators' list; whoever calls has told the company's history."""
    Deed.objects.create(at=at, actor=by, kind=kind, company_id=merchant_id, subject_id=subject, why=why)
