"""The time that the shopper had for an answer is over."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from recoup.access import tenancy
from recoup.events import transactional as events
from recoup.refunds import settling
from recoup.refunds.models import Case
from recoup.refunds.states import CaseState

_EXPIRES = frozenset({CaseState.NEEDS_EVIDENCE, CaseState.AWAITING_RETURN})


@tenancy.action
def expire(*, merchant_id: UUID, case_id: UUID, fence: int, at: datetime) -> None:
    """A case that waited in vain is expired; one that waits for a person is announced as late, once a day.

    Nothing happens when the case has moved on or another worker holds it now.
    """
    case = Case.objects.select_for_update(no_key=True).filter(id=case_id, fence=fence).first()
    if case is None or case.wake_at is None or case.wake_at > at:
        return
    if case.state in _EXPIRES:
        case.state, case.closed_at, case.wake_at, case.waits_for = CaseState.EXPIRED, at, None, ""
        happened = settling.of_state(case, by="clock", at=at)
    else:
        case.wake_at = at + settling.REVIEW_TAKES
        happened = settling.happening(case, "case.late", by="clock", at=at, waits_for=case.waits_for)
    case.lease_until, case.parked_at, case.tries = None, None, 0
    case.keep()
    events.record([happened])
