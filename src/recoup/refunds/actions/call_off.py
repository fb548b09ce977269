"""A payout failed and a person decides that this case will not be paid by it."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from recoup.access import tenancy
from recoup.events import transactional as events
from recoup.kernel.errors import Invalid
from recoup.refunds import holding, locking, settling
from recoup.refunds.states import CaseState
from recoup.refunds.views import CaseView, view_of


@tenancy.action
def call_off(*, merchant_id: UUID, case_id: UUID, reason: str, by: str, at: datetime) -> CaseView:
    """The units are free again and the case is rejected with `reason`. Its payouts have been cancelled before
    (`payments.actions.cancel_payout`). Raises NotFound, MoveNotAllowed, Invalid.
    """
    if not reason.strip():
        raise Invalid("Write the reason the shopper will read")
    case = locking.case_for_update(case_id)
    if case.state != CaseState.IN_REVIEW:
        raise locking.MoveNotAllowed("Only a case that a person looks at can be called off", state=case.state)
    if holding.holding_of(case).live_minor:
        raise locking.MoveNotAllowed("Cancel the payouts of this case first; what is paid stays paid", state=case.state)
    settling.release(case)
    case.state, case.decided_at, case.amount_minor = CaseState.REJECTED, at, 0
    case.explanation, case.reason_code, case.rule = reason.strip(), "called_off", "person"
    case.wake_at, case.waits_for = None, ""
    case.keep()
    events.record([settling.of_state(case, by=by, at=at)])
    return view_of(case)
