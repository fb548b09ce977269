"""The shopper changes their mind about asking."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from recoup.access import tenancy
from recoup.events import transactional as events
from recoup.payments import transactional as payments
from recoup.refunds import dossier as dossiers
from recoup.refunds import holding, locking, settling
from recoup.refunds.models import Case
from recoup.refunds.states import GRANTED, WITH_SHOPPER, CaseState
from recoup.refunds.views import CaseView, view_of


@tenancy.action
def withdraw(*, merchant_id: UUID, case_id: UUID, by: str, at: datetime) -> CaseView:
    """The case is withdrawn. Money that was granted is taken back first, as long as none of it was ever sent.

    Raises NotFound, MoveNotAllowed, payments.states.AlreadySending.
    """
    case = locking.case_for_update(case_id)
    locking.must_allow(case, CaseState.WITHDRAWN)
    if case.state in GRANTED:
        _take_back(case, by=by, at=at)
    holding.must_hold_nothing(case)
    case.state, case.closed_at, case.wake_at, case.waits_for = CaseState.WITHDRAWN, at, None, ""
    case.keep()
    events.record([settling.of_state(case, by=by, at=at)])
    return view_of(case)


def _take_back(case: Case, *, by: str, at: datetime) -> None:
    """Units and money of the grant are free again, for whoever asks next."""
    if case.goods_state not in WITH_SHOPPER:
        raise locking.MoveNotAllowed("The shop has the goods already: the refund goes on", state=case.state)
    dossiers.lock_orders([case.order_number], merchant_id=case.merchant_id)
    payments.cancel_unsent(merchant_id=case.merchant_id, case_id=case.id, by=by, at=at)
    settling.release(case)
    case.amount_minor = 0
