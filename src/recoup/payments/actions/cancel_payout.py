"""Call a payout off, so that its money is free to be refunded in another way."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from recoup.access import tenancy
from recoup.payments import canceling
from recoup.payments.models import Payout
from recoup.payments.states import MoveNotAllowed, PayoutNotThere


@tenancy.action
def cancel_payout(*, merchant_id: UUID, payout_id: UUID, by: str, at: datetime) -> None:
    """The payout will never be sent, its reservation is gone from counter and books.

    Only what no rail can still carry out: never sent, failed, returned, or refused for want of funds.
    Raises PayoutNotThere, MoveNotAllowed.
    """
    payout = Payout.objects.select_for_update(no_key=True).filter(id=payout_id, merchant_id=merchant_id).first()
    if payout is None:
        raise PayoutNotThere
    if not payout.is_out_of_reach():
        raise MoveNotAllowed(state=payout.state, is_parked=payout.parked_at is not None)
    canceling.cancel([payout], by=by, at=at)
