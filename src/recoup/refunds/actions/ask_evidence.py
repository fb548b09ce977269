"""A person needs to see something first."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from recoup.access import tenancy
from recoup.events import transactional as events
from recoup.kernel.errors import Invalid
from recoup.refunds import holding, locking, settling
from recoup.refunds.states import CaseState
from recoup.refunds.views import CaseView, view_of


@tenancy.action
def ask_evidence(
    *,
    merchant_id: UUID,
    case_id: UUID,
    asks: Sequence[str],
    words: str,
    by: str,
    at: datetime,
) -> CaseView:
    """The shopper is asked in `words` for what is in `asks`, and has 14 days.

    Raises NotFound, MoveNotAllowed, Invalid.
    """
    if not words.strip():
        raise Invalid("Write what the shopper should show; they will read it")
    case = locking.case_for_update(case_id)
    locking.must_allow(case, CaseState.NEEDS_EVIDENCE)
    holding.must_hold_nothing(case)
    case.state, case.asks, case.explanation = CaseState.NEEDS_EVIDENCE, list(asks), words.strip()
    case.wake_at, case.waits_for = at + settling.EVIDENCE_WAITS, "evidence"
    case.keep()
    events.record([settling.of_state(case, by=by, at=at)])
    return view_of(case)
