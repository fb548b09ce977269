"""A payout failed and a person decides that this case will not be paid by it."""

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
def call_off(*, merchant_id: UUID, case_id: UUID, reason: str, by: str, at: datetime) -> CaseView:
    """The shopper will read `reason` for what is not paid. Its payouts have been cancelled before
    (`payments.actions.cancel_payout`). Nothing else was paid: the units are free again and the case is rejected.
    Another part was: that much stands, and the case is partly approved, closed if it is paid.

    Raises NotFound, MoveNotAllowed, Invalid.
    """
    if not reason.strip():
        raise Invalid("Write the reason the shopper will read")
    case = locking.case_for_update(case_id)
    if case.state != CaseState.IN_REVIEW:
        raise locking.MoveNotAllowed("Only a case that a person looks at can be called off", state=case.state)
    held = holding.holding_of(case)
    if held.live_minor and (held.needs_person or not held.has_canceled):
        raise locking.MoveNotAllowed("Cancel the payouts of this case first; what is paid stays paid", state=case.state)
    if not held.live_minor:
        settling.release(case)
    case.state = CaseState.PARTLY_APPROVED if held.live_minor else CaseState.REJECTED
    case.decided_at, case.amount_minor = at, held.live_minor
    case.explanation, case.reason_code, case.rule = reason.strip(), "called_off", "person"
    case.wake_at, case.waits_for = None, ""
    case.keep()
    events.record([settling.of_state(case, by=by, at=at)])
    if held.live_minor:
        transactional.follow_cases([case.id], at=at)
        case.refresh_from_db()
    return view_of(case)
