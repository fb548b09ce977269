"""The goods are back and somebody has looked at them."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from recoup.access import tenancy
from recoup.events import transactional as events
from recoup.kernel.errors import Invalid
from recoup.refunds import locking, rejudging, settling
from recoup.refunds.states import CaseState, GoodsState
from recoup.refunds.views import CaseView, view_of

GRADES = frozenset(
    {
        GoodsState.GRADED_OK,
        GoodsState.GRADED_DAMAGED,
        GoodsState.GRADED_WRONG,
        GoodsState.GRADED_MISSING,
        GoodsState.LOST,
    }
)


@tenancy.action
def grade_goods(*, merchant_id: UUID, case_id: UUID, grade: GoodsState, by: str, at: datetime) -> CaseView:
    """The goods have that grade and the case is judged again: `graded_ok` leads to the money, others to a person.

    Raises NotFound, MoveNotAllowed (the case does not wait for goods), Invalid (not a grade).
    """
    if grade not in GRADES:
        raise Invalid(f"{grade} is not a grade; there are {', '.join(sorted(GRADES))}")
    case = locking.case_for_update(case_id)
    if case.state != CaseState.AWAITING_RETURN:
        raise locking.MoveNotAllowed("The case does not wait for goods", state=case.state)
    case.goods_state = grade
    events.record([settling.happening(case, "case.goods_graded", by=by, at=at, grade=str(grade))])
    rejudging.rejudge(case, at=at)
    return view_of(case)
