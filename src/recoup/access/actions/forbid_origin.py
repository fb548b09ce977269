"""A site may not call the JSON API any more."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from recoup.access import tenancy
from recoup.access.models import AllowedOrigin
from recoup.events import transactional as events
from recoup.kernel.errors import NotFound


@tenancy.action
def forbid_origin(*, merchant_id: UUID, origin: str, by: str, at: datetime) -> None:
    """Browsers are told no from then on; those that asked before, within ten minutes. Raises NotFound."""
    gone, _ = AllowedOrigin.objects.filter(merchant_id=merchant_id, origin=origin).delete()
    if not gone:
        raise NotFound("That origin is not allowed")
    events.record(
        [
            events.Happening(
                merchant_id=merchant_id,
                at=at,
                kind="origin.forbidden",
                subject_id=merchant_id,
                actor=by,
                data={"origin": origin},
            )
        ]
    )
