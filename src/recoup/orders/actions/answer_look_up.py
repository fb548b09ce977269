"""What came of asking for an order."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from recoup.access import tenancy
from recoup.orders.models import LookUp
from recoup.orders.states import LookUpOutcome

REST = timedelta(seconds=2)


@tenancy.action
def answer_look_up(*, merchant_id: UUID, look_up_id: UUID, fence: int, outcome: LookUpOutcome, at: datetime) -> None:
    """The page that waits reads `outcome`; WAITING has the merchant asked again after a rest.

    Nothing happens when another worker holds it now.
    """
    is_answered = outcome is not LookUpOutcome.WAITING
    LookUp.objects.filter(id=look_up_id, merchant_id=merchant_id, fence=fence).update(
        outcome=outcome,
        answered_at=at if is_answered else None,
        next_at=None if is_answered else at + REST,
        lease_until=None,
    )
