"""Give a parked payout back to the vault, which looks first what the rail knows of it."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from recoup.access import tenancy
from recoup.payments import releasing


@tenancy.action
def release_payout(*, merchant_id: UUID, payout_id: UUID, by: str, at: datetime) -> None:
    """The payout is looked up next, whatever its state was; only then may it be sent.

    Raises PayoutNotThere, MoveNotAllowed.
    """
    releasing.release(merchant_id=merchant_id, payout_id=payout_id, by=by, at=at)
