"""A person says no, with a reason the shopper will read."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from recoup.access import tenancy
from recoup.events import transactional as events
from recoup.kernel.errors import Invalid
from recoup.refunds import holding, locking, settling, transactional
from recoup.refunds.states import CaseState
from recoup.refunds.views import CaseView, view_of


@tenancy.action
def reject(*, merchant_id: UUID, case_id: UUID, reason: str, by: str, at: datetime) -> CaseView:
    """The case is rejected and the shopper will read `reason`. Where money was granted before, that much stands:
    the case is partly approved, and closed if it is paid. Raises NotFound, MoveNotAllowed (a payout failed), Invalid.
    """
    if len(reason.strip()) < 10:
        raise Invalid("Write the reason the shopper will read: at least a short sentence")
    case = locking.case_for_update(case_id)
    locking.must_allow(case, CaseState.REJECTED)
    held = holding.holding_of(case)
    if held.live_minor and held.needs_person:
        raise locking.MoveNotAllowed("Try the failed payout again, or cancel it, before you decide", state=case.state)
    if held.has_claims and not held.live_minor:
        settling.release(case)
    case.state = CaseState.PARTLY_APPROVED if held.live_minor else CaseState.REJECTED
    case.decided_at, case.amount_minor = at, held.live_minor
    case.explanation, case.reason_code, case.rule = reason.strip(), "person_decided", "person"
    case.wake_at, case.waits_for, case.asks = None, "", []
    case.keep()
    events.record([settling.of_state(case, by=by, at=at)])
    if held.live_minor:
        transactional.follow_cases([case.id], at=at)
        case.refresh_from_db()
    return view_of(case)
