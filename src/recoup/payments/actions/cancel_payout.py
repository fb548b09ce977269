"""Call a payout off, so that its money is free to be refunded in another way."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db.models import F

from recoup.access import tenancy
from recoup.events import transactional as events
from recoup.ledger import transactional as ledger
from recoup.payments import journals
from recoup.payments.models import Capture, Payout
from recoup.payments.states import MoveNotAllowed, PayoutNotThere, PayoutState


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
    Payout.objects.filter(id=payout_id).update(
        state=PayoutState.CANCELED, fence=F("fence") + 1, next_at=None, lease_until=None, look_up=False, finished_at=at
    )
    Capture.objects.filter(id=payout.capture_id).update(reserved_minor=F("reserved_minor") - payout.amount_minor)
    ledger.post([journals.voided(payout, at=at)])
    events.record([payout.happening("payout.canceled", actor=by, at=at)])
