"""A person says no, with a reason the shopper will read."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from recoup.access import tenancy
from recoup.events import transactional as events
from recoup.kernel.errors import Invalid
from recoup.refunds import locking, settling
from recoup.refunds.states import CaseState
from recoup.refunds.views import CaseView, view_of


@tenancy.action
def reject(*, merchant_id: UUID, case_id: UUID, reason: str, by: str, at: datetime) -> CaseView:  # noqa: ARG001
    """The case is rejected and the shopper will read `reason`. Raises NotFound, MoveNotAllowed, Invalid."""
    if len(reason.strip()) < 10:
        raise Invalid("Write the reason the shopper will read: at least a short sentence")
    case = locking.case_for_update(case_id)
    locking.must_allow(case, CaseState.REJECTED)
    case.state, case.decided_at = CaseState.REJECTED, at
    case.explanation, case.reason_code, case.rule = reason.strip(), "person_decided", "person"
    case.amount_minor, case.wake_at, case.waits_for, case.asks = 0, None, "", []
    case.keep()
    events.record([settling.of_state(case, by=by, at=at)])
    return view_of(case)
