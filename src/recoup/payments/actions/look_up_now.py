"""Read a payout's true state at its rail at once, instead of at the next time on its schedule."""

from __future__ import annotations

from uuid import UUID

from recoup.access import tenancy
from recoup.payments import transactional


@tenancy.action
def look_up_now(*, merchant_id: UUID, payout_id: UUID) -> bool:
    """The vault looks the payout up as soon as it can; False when the rail has nothing to say about it any more."""
    return transactional.wish_look_up(merchant_id=merchant_id, payout_ids=[payout_id]) == 1
