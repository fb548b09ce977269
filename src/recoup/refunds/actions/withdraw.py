"""The shopper changes their mind about asking."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from recoup.access import tenancy
from recoup.events import transactional as events
from recoup.refunds import holding, locking, settling
from recoup.refunds.states import CaseState
from recoup.refunds.views import CaseView, view_of


@tenancy.action
def withdraw(*, merchant_id: UUID, case_id: UUID, by: str, at: datetime) -> CaseView:
    """The case is withdrawn. Money that is promised cannot be withdrawn any more. Raises NotFound, MoveNotAllowed."""
    case = locking.case_for_update(case_id)
    locking.must_allow(case, CaseState.WITHDRAWN)
    holding.must_hold_nothing(case)
    case.state, case.closed_at, case.wake_at, case.waits_for = CaseState.WITHDRAWN, at, None, ""
    case.keep()
    events.record([settling.of_state(case, by=by, at=at)])
    return view_of(case)
