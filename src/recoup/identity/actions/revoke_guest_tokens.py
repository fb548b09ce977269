"""Taking back every token that was given for a case."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from recoup.access import tenancy
from recoup.events import transactional as events
from recoup.identity.models import GuestPass


@tenancy.action
def revoke_guest_tokens(*, merchant_id: UUID, case_id: UUID, by: str, at: datetime) -> int:
    """From the next request on none of them opens anything; gives how many there were. What they did stays."""
    live = GuestPass.objects.filter(merchant_id=merchant_id, case_id=case_id, revoked_at=None, expires_at__gt=at)
    count = live.update(revoked_at=at)
    if count:
        revoked = events.Happening(
            merchant_id=merchant_id, at=at, kind="guest_token.revoked", subject_id=case_id, actor=by, data={}
        )
        events.record([revoked])
    return count
