"""Somebody takes a copy of the cases along."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from recoup.access import tenancy
from recoup.events import transactional as events
from recoup.events.transactional import Happening
from recoup.refunds.searching import Wanted


@tenancy.action
def note_export(*, merchant_id: UUID, wanted: Wanted, cases: int, by: str, at: datetime) -> None:
    """It is recorded who took how many cases of which days, before the first row leaves; never what was in them."""
    data = {
        "cases": cases,
        "since": wanted.since.isoformat(),
        "until": wanted.until.isoformat(),
        "state": wanted.state,
        "reason": wanted.reason,
    }
    events.record(
        [Happening(merchant_id=merchant_id, at=at, kind="export.made", subject_id=merchant_id, actor=by, data=data)]
    )
