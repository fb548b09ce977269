"""The merchant's system has been asked for the order of a waiting case."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from recoup.access import tenancy
from recoup.refunds import judging, rejudging
from recoup.refunds.models import Case
from recoup.refunds.policy import OrderStatus
from recoup.refunds.states import CaseState


@tenancy.action
def order_came(*, merchant_id: UUID, case_id: UUID, fence: int, answer: OrderStatus, at: datetime) -> None:
    """The waiting case is judged. `answer`: NOT_FOUND when the merchant says there is no such order, UNKNOWN when it
    stayed silent past its time (then a person takes over); anything else when our copy is fresh now.

    Nothing happens when the case no longer waits, or another worker holds it now.
    """
    case = Case.objects.select_for_update(no_key=True).filter(id=case_id, fence=fence).first()
    if case is None or case.state != CaseState.VERIFYING_ORDER:
        return
    case.lease_until, case.parked_at, case.tries = None, None, 0
    rejudging.rejudge(case, at=at, order_answer=judging.answer_for(case.channel, answer))
