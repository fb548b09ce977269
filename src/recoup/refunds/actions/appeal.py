"""The shopper disagrees."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from recoup.access import tenancy
from recoup.events import transactional as events
from recoup.kernel.errors import Invalid, Refusal
from recoup.refunds import locking, settling
from recoup.refunds.states import CaseState
from recoup.refunds.views import CaseView, view_of

APPEALS_MAX = 3


class NoFurtherAppeal(Refusal):
    """The case was appealed as often as it can be."""

    code = "no_further_appeal"
    title = "This case has been looked at again three times; please use the contact shown on the page"


@tenancy.action
def appeal(*, merchant_id: UUID, case_id: UUID, words: str, by: str, at: datetime) -> CaseView:
    """A person looks at the case again, with what the shopper said. Raises NotFound, MoveNotAllowed, Invalid."""
    if not words.strip():
        raise Invalid("Tell us in a sentence why you disagree; what you wrote before is kept")
    case = locking.case_for_update(case_id)
    locking.must_allow(case, CaseState.APPEALED)
    if case.appeals >= APPEALS_MAX:
        raise NoFurtherAppeal
    case.state = CaseState.APPEALED
    case.keep("state")
    appealed = settling.of_state(case, by=by, at=at, words=words.strip()[:4000])
    case.appeals += 1
    case.state, case.closed_at = CaseState.IN_REVIEW, None
    case.wake_at, case.waits_for = at + settling.REVIEW_TAKES, "person"
    case.keep()
    events.record([appealed, settling.of_state(case, by=by, at=at)])
    return view_of(case)
