"""A person wants the goods back first."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from recoup.access import tenancy
from recoup.events import transactional as events
from recoup.kernel.errors import Invalid
from recoup.refunds import holding, locking, settling
from recoup.refunds.states import CaseState, GoodsState
from recoup.refunds.views import CaseView, view_of


@tenancy.action
def ask_goods(*, merchant_id: UUID, case_id: UUID, words: str, by: str, at: datetime) -> CaseView:
    """The shopper is asked in `words` to send the goods back, and has 30 days.

    Raises NotFound, MoveNotAllowed, Invalid.
    """
    if not words.strip():
        raise Invalid("Write how and where the goods should be sent; the shopper will read it")
    case = locking.case_for_update(case_id)
    locking.must_allow(case, CaseState.AWAITING_RETURN)
    holding.must_hold_nothing(case)
    case.state, case.goods_state = CaseState.AWAITING_RETURN, GoodsState.AWAITING
    case.explanation, case.asks = words.strip(), ["goods"]
    case.wake_at, case.waits_for = at + settling.GOODS_WAIT, "goods"
    case.keep()
    events.record([settling.of_state(case, by=by, at=at)])
    return view_of(case)
