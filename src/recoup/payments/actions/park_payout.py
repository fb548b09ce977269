"""Keep the vault's hands off a payout until somebody has looked at it."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from recoup.access import tenancy
from recoup.events import transactional as events
from recoup.payments.models import Payout
from recoup.payments.states import PayoutNotThere


@tenancy.action
def park_payout(*, merchant_id: UUID, payout_id: UUID, reason: str, by: str, at: datetime) -> None:
    """No program touches the payout until `release_payout`. What is under way is still written down.

    Raises PayoutNotThere.
    """
    payout = Payout.objects.select_for_update(no_key=True).filter(id=payout_id, merchant_id=merchant_id).first()
    if payout is None:
        raise PayoutNotThere
    if payout.parked_at is not None:
        return
    Payout.objects.filter(id=payout_id).update(parked_at=at)
    events.record([payout.happening("payout.parked", actor=by, at=at, reason=reason)])
